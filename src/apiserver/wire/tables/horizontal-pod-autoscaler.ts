import type {
  HorizontalPodAutoscaler,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
} from '../../../api/generated/types.ts'
import { ageOf } from './age.ts'
import { ageColumn, column, nameColumn, type TableDefinition } from './table.ts'

const unknown = '<unknown>'
const shownMax = 2

/** `CURRENT/TARGET` of a metric that is an amount; averaged over pods if the target is. */
function amounts(target: MetricTarget, current: MetricValueStatus | undefined): string {
  if (target.averageValue === undefined)
    return `${current?.value ?? unknown}/${target.value ?? '0'}`
  return `${current?.averageValue ?? unknown}/${target.averageValue} (avg)`
}

/** `NAME: CURRENT/TARGET` of a resource that pods or containers use. */
function usage(
  { name, target }: { readonly name: string; readonly target: MetricTarget },
  current: MetricValueStatus | undefined,
): string {
  if (target.averageValue !== undefined) {
    return `${name}: ${current?.averageValue ?? unknown}/${target.averageValue}`
  }
  const percent = (value: number | undefined, absent: string) =>
    value === undefined ? absent : `${value}%`
  const now = percent(current?.averageUtilization, unknown)
  return `${name}: ${now}/${percent(target.averageUtilization, '<auto>')}`
}

function metricText(spec: MetricSpec, status: MetricStatus | undefined): string {
  const { external, object, pods, resource, containerResource } = spec
  switch (spec.type) {
    case 'External':
      return external ? amounts(external.target, status?.external?.current) : unknown
    case 'Object':
      return object ? amounts(object.target, status?.object?.current) : unknown
    case 'Pods':
      return `${status?.pods?.current.averageValue ?? unknown}/${pods?.target.averageValue ?? '0'}`
    case 'Resource':
      return resource ? usage(resource, status?.resource?.current) : unknown
    case 'ContainerResource':
      return containerResource
        ? usage(containerResource, status?.containerResource?.current)
        : unknown
    default:
      return '<unknown type>'
  }
}

function metricsText({ spec, status }: HorizontalPodAutoscaler): string {
  const specs = spec?.metrics ?? []
  if (specs.length === 0) return '<none>'
  const texts = specs.map((metric, index) => metricText(metric, status?.currentMetrics?.[index]))
  const shown = texts.slice(0, shownMax).join(', ')
  return texts.length > shownMax ? `${shown} + ${texts.length - shownMax} more...` : shown
}

export const horizontalPodAutoscalerTable: TableDefinition<HorizontalPodAutoscaler> = {
  columns: [
    nameColumn,
    column('Reference', 'text', 'What it scales.'),
    column('Targets', 'text', 'What is measured, now and as it should be.'),
    column('MinPods', 'text', 'The fewest pods.'),
    column('MaxPods', 'text', 'The most pods.'),
    column('Replicas', 'text', 'How many pods there are.'),
    ageColumn,
  ],
  cells: (autoscaler, nowMs) => {
    const { metadata, spec, status } = autoscaler
    return [
      metadata.name ?? '',
      `${spec?.scaleTargetRef.kind}/${spec?.scaleTargetRef.name}`,
      metricsText(autoscaler),
      `${spec?.minReplicas ?? '<unset>'}`,
      spec?.maxReplicas ?? 0,
      status?.currentReplicas ?? 0,
      ageOf(metadata.creationTimestamp, nowMs),
    ]
  },
}
