import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerV1,
  HPAScalingPolicy,
  HPAScalingRules,
  MetricSpec,
} from '../generated/types.ts'
import { change, fill } from './copy-on-change.ts'

const policy = (type: string, value: number): HPAScalingPolicy =>
  Object.freeze({ type, value, periodSeconds: 15 })

const scaleUp: HPAScalingRules = Object.freeze({
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: Object.freeze([policy('Pods', 4), policy('Percent', 100)]),
})
const scaleDown: HPAScalingRules = Object.freeze({
  selectPolicy: 'Max',
  policies: Object.freeze([policy('Percent', 100)]),
})

const averageUtilization = 80
const metrics: readonly MetricSpec[] = Object.freeze([
  Object.freeze({
    type: 'Resource',
    resource: Object.freeze({
      name: 'cpu',
      target: Object.freeze({ type: 'Utilization', averageUtilization }),
    }),
  }),
])

/** The rules of scaling are filled in only where there are some. */
export function defaultHorizontalPodAutoscaler(
  autoscaler: HorizontalPodAutoscaler,
): HorizontalPodAutoscaler {
  return change(autoscaler, 'spec', (spec) => {
    const filled = fill(spec, { minReplicas: 1 })
    const measured = filled.metrics?.length ? filled : Object.freeze({ ...filled, metrics })
    return change(measured, 'behavior', (behavior) => {
      const ruled = fill(behavior, { scaleUp: Object.freeze({}), scaleDown: Object.freeze({}) })
      const up = change(ruled, 'scaleUp', (rules) => fill(rules, scaleUp))
      return change(up, 'scaleDown', (rules) => fill(rules, scaleDown))
    })
  })
}

export function defaultHorizontalPodAutoscalerV1(
  autoscaler: HorizontalPodAutoscalerV1,
): HorizontalPodAutoscalerV1 {
  return change(autoscaler, 'spec', (spec) => fill(spec, { minReplicas: 1 }))
}
