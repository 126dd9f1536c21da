import { describe, expect, test } from 'vitest'
import { applyDefaults } from '../defaults/apply-defaults.ts'
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerV1 } from '../generated/types.ts'
import type { KubeObject } from '../object.ts'
import { horizontalPodAutoscalers, horizontalPodAutoscalersV1 } from '../scheme.ts'
import { versionNamed, versionOf } from './versions.ts'

const v1 = versionOf(horizontalPodAutoscalersV1)
const scaleTargetRef = { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' }
const prefix = 'autoscaling.alpha.kubernetes.io/'

type Metrics = NonNullable<HorizontalPodAutoscaler['spec']>['metrics']
const cpu = (averageUtilization: number) => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
})

function stored(
  spec: Partial<HorizontalPodAutoscaler['spec']>,
  status?: Partial<HorizontalPodAutoscaler['status']>,
): KubeObject {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web', annotations: { mine: 'stays' } },
    spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 3, metrics: [cpu(80)], ...spec },
    status: { currentReplicas: 1, desiredReplicas: 2, ...status },
  } as KubeObject
}

function shown(object: KubeObject) {
  const { metadata, ...rest } = v1.show(object) as HorizontalPodAutoscalerV1
  const annotations: Record<string, unknown> = {}
  for (const [name, text] of Object.entries(metadata.annotations ?? {})) {
    if (name.startsWith(prefix)) annotations[name.slice(prefix.length)] = JSON.parse(text)
  }
  return { ...rest, annotations, mine: metadata.annotations?.mine }
}

/** What is stored is what comes back of what is shown. */
function survives(object: KubeObject): void {
  const settled = v1.store(v1.show(object))
  expect(settled).toEqual(applyDefaults(horizontalPodAutoscalers, object))
  expect(v1.store(v1.show(settled))).toEqual(settled)
}

const every: Metrics = [
  {
    type: 'Object',
    object: {
      describedObject: { kind: 'Ingress', name: 'main', apiVersion: 'networking.k8s.io/v1' },
      metric: { name: 'requests', selector: { matchLabels: { app: 'web' } } },
      target: { type: 'Value', value: '10k' },
    },
  },
  {
    type: 'Pods',
    pods: { metric: { name: 'packets' }, target: { type: 'AverageValue', averageValue: '1k' } },
  },
  {
    type: 'ContainerResource',
    containerResource: {
      container: 'web',
      name: 'cpu',
      target: { type: 'Utilization', averageUtilization: 60 },
    },
  },
  {
    type: 'Resource',
    resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } },
  },
  {
    type: 'External',
    external: {
      metric: { name: 'queue', selector: { matchLabels: { queue: 'q' } } },
      target: { type: 'AverageValue', averageValue: '30' },
    },
  },
]

describe('H-01: autoscaling/v1 shows', () => {
  test('the target of the CPU as a field, and needs no annotation for it', () => {
    expect(shown(stored({ metrics: [cpu(55)] }))).toEqual({
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 3, targetCPUUtilizationPercentage: 55 },
      status: { currentReplicas: 1, desiredReplicas: 2 },
      annotations: {},
      mine: 'stays',
    })
  })

  test('all other metrics in an annotation, flat', () => {
    const { annotations, spec } = shown(stored({ metrics: [...every, cpu(55)] }))
    expect(spec).toMatchObject({ targetCPUUtilizationPercentage: 55 })
    expect(annotations.metrics).toEqual([
      {
        type: 'Object',
        object: {
          target: { kind: 'Ingress', name: 'main', apiVersion: 'networking.k8s.io/v1' },
          metricName: 'requests',
          targetValue: '10k',
          selector: { matchLabels: { app: 'web' } },
        },
      },
      { type: 'Pods', pods: { metricName: 'packets', targetAverageValue: '1k' } },
      {
        type: 'ContainerResource',
        containerResource: { name: 'cpu', targetAverageUtilization: 60, container: 'web' },
      },
      { type: 'Resource', resource: { name: 'memory', targetAverageValue: '1Gi' } },
      {
        type: 'External',
        external: {
          metricName: 'queue',
          metricSelector: { matchLabels: { queue: 'q' } },
          targetAverageValue: '30',
        },
      },
    ])
  })

  test('an average value of the CPU as no percentage', () => {
    const target = { type: 'AverageValue', averageValue: '500m' }
    const { spec, annotations } = shown(
      stored({ metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }] }),
    )
    expect(spec).not.toHaveProperty('targetCPUUtilizationPercentage')
    expect(annotations.metrics).toEqual([
      { type: 'Resource', resource: { name: 'cpu', targetAverageValue: '500m' } },
    ])
  })

  test('how it scales under the names that Go gives it', () => {
    const scaleUp = {
      stabilizationWindowSeconds: 5,
      selectPolicy: 'Max',
      policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }],
    }
    expect(shown(stored({ behavior: { scaleUp } })).annotations.behavior).toEqual({
      ScaleUp: {
        StabilizationWindowSeconds: 5,
        SelectPolicy: 'Max',
        Policies: [{ Type: 'Pods', Value: 4, PeriodSeconds: 15 }],
        Tolerance: null,
      },
      ScaleDown: null,
    })
  })

  test('usage and conditions, and the usage of the CPU as a field, too', () => {
    const current = { averageUtilization: 42, averageValue: '420m' }
    const conditions = [{ type: 'AbleToScale', status: 'True', reason: 'ReadyForNewScale' }]
    const { status, annotations } = shown(
      stored(
        {},
        {
          observedGeneration: 3,
          currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current } }],
          conditions: conditions as never,
        },
      ),
    )
    expect(status).toEqual({
      observedGeneration: 3,
      currentReplicas: 1,
      desiredReplicas: 2,
      currentCPUUtilizationPercentage: 42,
    })
    expect(annotations['current-metrics']).toEqual([
      {
        type: 'Resource',
        resource: { name: 'cpu', currentAverageUtilization: 42, currentAverageValue: '420m' },
      },
    ])
    expect(annotations.conditions).toMatchObject(conditions)
  })
})

describe('H-01: what autoscaling/v1 stores', () => {
  const write = (spec: object, annotations = {}) =>
    v1.store({
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'web', annotations },
      spec: { scaleTargetRef, maxReplicas: 3, minReplicas: 1, ...spec },
      status: { currentReplicas: 0, desiredReplicas: 0 },
    } as KubeObject) as HorizontalPodAutoscaler

  test.each<[string, object, Metrics]>([
    ['the CPU at the percentage it says', { targetCPUUtilizationPercentage: 50 }, [cpu(50)]],
    ['the CPU at 80 % where it says nothing', {}, [cpu(80)]],
  ])('%s', (_, spec, metrics) => {
    expect(write(spec)).toMatchObject({ apiVersion: 'autoscaling/v2', spec: { metrics } })
  })

  test('metrics of an annotation come before that of the field, and the annotation goes', () => {
    const text = JSON.stringify([{ type: 'Pods', pods: { metricName: 'packets' } }])
    const object = write({ targetCPUUtilizationPercentage: 50 }, { [`${prefix}metrics`]: text })
    const pods = {
      metric: { name: 'packets' },
      target: { type: 'AverageValue', averageValue: '0' },
    }
    expect(object.spec?.metrics).toEqual([{ type: 'Pods', pods }, cpu(50)])
    expect(object.metadata).toEqual({ name: 'web' })
  })

  test.each(['{', '5', '[1]', '[{"type":5}]', '{"ScaleUp":5}'])(
    'nothing of an annotation that cannot be read: %s',
    (text) => {
      const names = ['metrics', 'current-metrics', 'conditions', 'behavior']
      const annotations = Object.fromEntries(names.map((name) => [`${prefix}${name}`, text]))
      const { metadata, spec, status } = write({}, { ...annotations, mine: 'stays' })
      expect(metadata.annotations).toEqual({ mine: 'stays' })
      expect(spec).toEqual({ scaleTargetRef, minReplicas: 1, maxReplicas: 3, metrics: [cpu(80)] })
      expect(status).toEqual({ desiredReplicas: 0 })
    },
  )

  test('comes back whole, whatever it is', () => {
    survives(stored({ metrics: [cpu(55)] }))
    survives(stored({ metrics: every }))
    survives(stored({ metrics: [...(every ?? []), cpu(10)] }))
    survives(
      stored({
        behavior: {
          scaleUp: { selectPolicy: 'Disabled', tolerance: '100m' },
          scaleDown: { stabilizationWindowSeconds: 0 },
        },
      }),
    )
    const current = { value: '3', averageValue: '1' }
    const condition = { type: 'AbleToScale', status: 'True', message: 'a < b & c' }
    survives(
      stored(
        { metrics: every },
        {
          currentMetrics: [
            { type: 'External', external: { metric: { name: 'queue' }, current } },
            { type: 'Pods', pods: { metric: { name: 'x' }, current: { averageValue: '1' } } },
          ],
          conditions: [condition] as never,
        },
      ),
    )
  })
})

test('a version is found by its name, and only if it is served', () => {
  expect(versionNamed(horizontalPodAutoscalers, 'autoscaling/v1')).toBe(v1)
  expect(versionNamed(horizontalPodAutoscalersV1, 'autoscaling/v2')?.resource).toBe(
    horizontalPodAutoscalers,
  )
  expect(versionNamed(horizontalPodAutoscalers, 'autoscaling/v2beta2')).toBeUndefined()
})
