import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../api/json.ts'
import { lastAppliedAnnotation } from '../../api/names.ts'
import { applyPatch } from '../../api/patch/apply-patch.ts'
import { deployments } from '../../api/scheme.ts'
import { givenDeployment, givenTemplate } from '../given-release.fixture.ts'
import { lastApplied, lastAppliedText } from '../manifests/last-applied.ts'
import { writingOf } from '../provenance.ts'
import { isSameTemplate } from '../template.ts'
import { givenStatefulSet } from '../workload/given-set.fixture.ts'
import { templatePatch } from './template-patch.ts'

const manifest = (
  image: string,
  more: JsonObject = {},
  annotations: JsonObject = {},
): JsonObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'app', annotations },
  spec: {
    replicas: 3,
    template: {
      metadata: { labels: { app: 'app' } },
      spec: { containers: [{ name: 'app', image }] },
    },
    ...more,
  },
})
const writing = { provenance: { commit: 'c' }, source: 'rollback', operation: 'op' } as const

/** The live Deployment after the patch. */
function patched(
  applied: JsonObject,
  target: JsonObject | undefined,
  annotations: Record<string, string> = {},
) {
  const { spec } = applied as { spec: JsonObject }
  const { template: _, ...more } = spec
  const live = givenDeployment('app:2', {
    annotations: { ...annotations, [lastAppliedAnnotation]: lastAppliedText(applied, 'default') },
    more: { ...more, replicas: 9, paused: true },
  })
  const withVersion = { ...live, metadata: { ...live.metadata, resourceVersion: '7' } }
  const template = givenTemplate('app:1')
  const change = { template, manifest: target, writing, resume: true }
  return applyPatch(
    deployments,
    withVersion as unknown as JsonObject,
    templatePatch(withVersion, change),
  ) as unknown as typeof live
}

describe('one patch', () => {
  test('writes exactly the template, signed; size and version stay, the pause goes', () => {
    const after = patched(manifest('app:2'), manifest('app:1'))
    const template = after.spec?.template ?? {}
    expect(isSameTemplate(template, givenTemplate('app:1'))).toBe(true)
    expect(writingOf(after.metadata.annotations, template)).toEqual(writing)
    expect(after.spec).toMatchObject({ replicas: 9 })
    expect(after.spec?.paused).toBeUndefined()
    expect(after.metadata.resourceVersion).toBe('7')
  })

  test('leaves last-applied as an apply of the manifest would', () => {
    const after = patched(manifest('app:2'), manifest('app:1'))
    expect(after.metadata.annotations?.[lastAppliedAnnotation]).toBe(
      lastAppliedText(manifest('app:1'), 'default'),
    )
  })

  test('takes away what only the last manifest had, and leaves what others added', () => {
    const before = manifest('app:2', { minReadySeconds: 5 }, { old: 'x' })
    const target = manifest('app:1', { progressDeadlineSeconds: 60 }, { new: 'y' })
    const after = patched(before, target, { old: 'x', theirs: 'z' })
    expect(after.spec?.minReadySeconds).toBeUndefined()
    expect(after.spec?.progressDeadlineSeconds).toBe(60)
    expect(after.metadata.annotations).toMatchObject({ new: 'y', theirs: 'z' })
    expect(after.metadata.annotations?.old).toBeUndefined()
  })

  test('without a manifest the last one is changed as little as can be', () => {
    const after = patched(manifest('app:2', { minReadySeconds: 5 }), undefined)
    expect(lastApplied(after.metadata.annotations)).toMatchObject({
      spec: { ...(manifest('app:1').spec as JsonObject), minReadySeconds: 5 },
    })
    expect(after.spec?.minReadySeconds).toBe(5)
  })
})

test('of a StatefulSet, what cannot change is not written; the update strategy is', () => {
  const live = givenStatefulSet('app:2', { annotations: { mine: 'x' } })
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 1 } }
  const spec = { updateStrategy, serviceName: 'other', replicas: 9 }
  const target = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'web' }, spec }
  const template = givenStatefulSet('app:1').spec?.template ?? {}
  const patch = templatePatch(live, { template, manifest: target, writing, resume: true })
  const paths = (patch.body as readonly JsonObject[]).map(({ op, path }) => `${op} ${path}`)
  expect(paths).toEqual([
    'replace /metadata/resourceVersion',
    'replace /spec/template',
    'replace /metadata/annotations',
    'add /spec/updateStrategy',
  ])
})
