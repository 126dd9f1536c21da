import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerV1 } from '../api/generated/types.ts'
import type { JsonObject } from '../api/json.ts'
import type { KubeObject } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'
import {
  horizontalPodAutoscalersV1 as inV1,
  horizontalPodAutoscalers as inV2,
} from '../api/scheme.ts'
import { settled } from '../base/virtual-clock.ts'
import {
  type GivenServer,
  givenServer,
  inDefault,
  named,
  refusal,
  watched,
} from './server.fixture.ts'

let given: GivenServer
beforeEach(async () => {
  given = await givenServer()
})
afterEach(() => given.stop())

const scaleTargetRef = { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' }
const kind = 'HorizontalPodAutoscaler'
const metadata = { name: 'web' }
const key = named('web')
const packets = {
  type: 'Pods',
  pods: { metric: { name: 'packets' }, target: { type: 'AverageValue', averageValue: '1k' } },
}
const cpu = (averageUtilization: number) => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
})
const metricsAnnotation = 'autoscaling.alpha.kubernetes.io/metrics'

const v1 = (spec: object = {}) =>
  ({
    apiVersion: 'autoscaling/v1',
    kind,
    metadata,
    spec: { scaleTargetRef, maxReplicas: 3, ...spec },
  }) as HorizontalPodAutoscalerV1
const v2 = (spec: object = {}) =>
  ({
    apiVersion: 'autoscaling/v2',
    kind,
    metadata,
    spec: { scaleTargetRef, maxReplicas: 3, ...spec },
  }) as HorizontalPodAutoscaler

const create = <T extends KubeObject>(resource: Resource<T>, object: T) =>
  given.api.create(resource, inDefault, object, { fieldManager: 'creator' })

function apply<T extends KubeObject>(
  resource: Resource<T>,
  config: object,
  fieldManager: string,
): Promise<T> {
  const type = 'application/apply-patch+yaml'
  return given.api.patch(resource, key, { type, body: config as JsonObject }, { fieldManager })
}

const owners = ({ metadata }: KubeObject) =>
  (metadata.managedFields ?? []).map(({ manager, apiVersion }) => `${manager} ${apiVersion}`)
const fieldsOf = ({ metadata }: KubeObject, manager: string) =>
  metadata.managedFields?.find((entry) => entry.manager === manager)?.fieldsV1 as JsonObject

describe('H-01: one object, read in each version', () => {
  test('what v1 creates, v2 shows, at the same resourceVersion', async () => {
    const created = await create(inV1, v1({ targetCPUUtilizationPercentage: 70 }))
    expect(created).toMatchObject({
      apiVersion: 'autoscaling/v1',
      spec: { minReplicas: 1, targetCPUUtilizationPercentage: 70 },
    })
    const read = await given.api.get(inV2, key)
    expect(read).toMatchObject({ apiVersion: 'autoscaling/v2', spec: { metrics: [cpu(70)] } })
    expect(read.metadata.resourceVersion).toBe(created.metadata.resourceVersion)
    expect(await given.api.get(inV1, key)).toEqual(created)
  })

  test('lists and watches are of the version that is asked for', async () => {
    await create(inV2, v2({ metrics: [cpu(50), packets] }))
    const seen = await watched(given.api, inV1)
    const { items } = await given.api.list(inV1, inDefault)
    const shown = {
      apiVersion: 'autoscaling/v1',
      metadata: { annotations: { [metricsAnnotation]: expect.stringContaining('packets') } },
      spec: { targetCPUUtilizationPercentage: 50 },
    }
    expect(items).toMatchObject([shown])
    await given.api.delete(inV2, key)
    await settled()
    expect(seen.events).toMatchObject([
      { type: 'ADDED', object: shown },
      { type: 'DELETED', object: shown },
    ])
  })
})

describe('H-01: one object, written in each version', () => {
  test('an update in v1 keeps what only v2 can say', async () => {
    await create(inV2, v2({ metrics: [packets, cpu(50)] }))
    const read = await given.api.get(inV1, key)
    const spec = { ...read.spec, maxReplicas: 9 } as HorizontalPodAutoscalerV1['spec']
    const updated = await given.api.update(inV1, key, { ...read, spec } as never)
    expect(updated.spec?.maxReplicas).toBe(9)
    const stored = await given.api.get(inV2, key)
    expect(stored.spec).toMatchObject({ maxReplicas: 9, metrics: [packets, cpu(50)] })
    expect(stored.metadata.annotations).toBeUndefined()
    const again = await given.api.update(inV1, key, updated as never)
    expect(again.metadata.resourceVersion).toBe(updated.metadata.resourceVersion)
  })

  test.each([
    ['application/merge-patch+json', { spec: { targetCPUUtilizationPercentage: 33 } }],
    ['application/strategic-merge-patch+json', { spec: { targetCPUUtilizationPercentage: 33 } }],
    [
      'application/json-patch+json',
      [{ op: 'replace', path: '/spec/targetCPUUtilizationPercentage', value: 33 }],
    ],
  ])('a patch is of the version in which it comes: %s', async (type, body) => {
    await create(inV2, v2({ metrics: [packets, cpu(50)] }))
    const patched = await given.api.patch(inV1, key, { type, body } as never)
    expect(patched.spec).toMatchObject({ targetCPUUtilizationPercentage: 33 })
    expect((await given.api.get(inV2, key)).spec?.metrics).toEqual([packets, cpu(33)])
  })

  test('A-25: a body of the other version is refused', async () => {
    const refused = await refusal(create(inV1, v2() as never))
    expect(refused.message).toBe(
      'the API version in the data (autoscaling/v2) does not match the expected API version (autoscaling/v1)',
    )
  })

  test('what is wrong is told as upstream tells it, whatever the version', async () => {
    const refused = await refusal(create(inV1, v1({ maxReplicas: 0, minReplicas: -1 })))
    expect(refused.code).toBe(422)
    expect(refused.message).toContain('spec.maxReplicas: Invalid value: 0')
  })
})

describe('H-15: fields are owned in the version in which they were written', () => {
  test('the creator owns in v1 what v1 has', async () => {
    const created = await create(inV1, v1({ targetCPUUtilizationPercentage: 70 }))
    expect(owners(created)).toEqual(['creator autoscaling/v1'])
    expect(fieldsOf(created, 'creator')).toEqual({
      'f:spec': {
        'f:maxReplicas': {},
        'f:minReplicas': {},
        'f:scaleTargetRef': {},
        'f:targetCPUUtilizationPercentage': {},
      },
    })
  })

  test('an update in v2 takes its fields from who owns them in v1', async () => {
    await create(inV1, v1({ targetCPUUtilizationPercentage: 70 }))
    const body = { spec: { metrics: [cpu(20)] } }
    const type = 'application/merge-patch+json'
    const options = { fieldManager: 'other' }
    const patched = await given.api.patch(inV2, key, { type, body } as never, options)
    expect(owners(patched)).toEqual(['creator autoscaling/v1', 'other autoscaling/v2'])
    expect(fieldsOf(patched, 'other')).toEqual({ 'f:spec': { 'f:metrics': {} } })
    const kept = fieldsOf(patched, 'creator')['f:spec']
    expect(kept).toEqual({ 'f:maxReplicas': {}, 'f:minReplicas': {}, 'f:scaleTargetRef': {} })
  })

  test('an apply in v2 conflicts with who applied in v1, over the fields of v1', async () => {
    await apply(inV1, v1({ targetCPUUtilizationPercentage: 70 }), 'first')
    const refused = await refusal(apply(inV2, v2({ metrics: [cpu(20)] }), 'second'))
    expect(refused.message).toBe(
      'Apply failed with 1 conflict: conflict with "first": .spec.targetCPUUtilizationPercentage',
    )
    const agreed = await apply(inV2, v2({ metrics: [cpu(70)] }), 'second')
    expect(owners(agreed)).toEqual(['first autoscaling/v1', 'second autoscaling/v2'])
  })

  test('who applies in another version than before gives up what he no longer says', async () => {
    await apply(inV2, v2({ minReplicas: 2, metrics: [packets] }), 'me')
    const applied = await apply(inV1, v1({ targetCPUUtilizationPercentage: 40 }), 'me')
    expect(owners(applied)).toEqual(['me autoscaling/v1'])
    expect(applied.spec?.minReplicas).toBe(1)
    expect((await given.api.get(inV2, key)).spec?.metrics).toEqual([cpu(40)])
  })

  test('what another owns in v1 stays when its applier in v2 lets go of it', async () => {
    await apply(inV2, v2({ minReplicas: 2, metrics: [cpu(70)] }), 'me')
    await apply(inV1, v1({ minReplicas: 2 }), 'other')
    const applied = await apply(inV2, v2({ metrics: [cpu(70)] }), 'me')
    expect(applied.spec?.minReplicas).toBe(2)
    expect(owners(applied)).toEqual(['me autoscaling/v2', 'other autoscaling/v1'])
  })
})
