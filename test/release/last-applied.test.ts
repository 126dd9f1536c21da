import { expect, test } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import { lastApplied } from '../../src/cli/apply/last-applied.ts'
import { lastAppliedText } from '../../src/release/manifests/last-applied.ts'

test('a rollback remembers a manifest byte for byte as apply does', () => {
  const manifest = {
    kind: 'Deployment',
    apiVersion: 'apps/v1',
    metadata: {
      name: 'a',
      annotations: { b: '<&>', 'kubectl.kubernetes.io/last-applied-configuration': 'x' },
    },
    spec: { z: [1, { y: '\u2028', x: null }], a: true },
  }
  const placed = { ...manifest, metadata: { ...manifest.metadata, namespace: 'default' } }
  expect(lastAppliedText(manifest, 'default')).toBe(lastApplied(placed as unknown as KubeObject))
})
