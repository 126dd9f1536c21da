import { expect, test } from 'vitest'
import type { PersistentVolumeClaim, Pod } from '../api/generated/types.ts'
import type { ObjectKey } from '../api/object.ts'
import { unboundClaim } from './unbound-claim.ts'

const phases: Readonly<Record<string, string>> = { ready: 'Bound', waiting: 'Pending' }
const claims = {
  get({ name }: ObjectKey): PersistentVolumeClaim | undefined {
    const phase = phases[name]
    if (phase === undefined) return undefined
    return {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name },
      status: { phase },
    }
  },
}

function podWith(...names: readonly string[]): Pod {
  const volumes = names.map((claimName) => ({
    name: claimName,
    persistentVolumeClaim: { claimName },
  }))
  const spec = { containers: [], volumes: [{ name: 'tmp', emptyDir: {} }, ...volumes] }
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'default' }, spec }
}

test.each([
  [[], undefined],
  [['ready'], undefined],
  [['ready', 'waiting'], 'pod has unbound immediate PersistentVolumeClaims'],
  [['waiting', 'gone'], 'persistentvolumeclaim "gone" not found'],
])('claims %o: %s', (names, expected) => {
  expect(unboundClaim(podWith(...names), claims)).toBe(expected)
})
