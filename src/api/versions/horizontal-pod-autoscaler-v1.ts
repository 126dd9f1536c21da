import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerBehavior,
  HorizontalPodAutoscalerCondition,
  HorizontalPodAutoscalerSpec,
  HorizontalPodAutoscalerStatus,
  HorizontalPodAutoscalerV1,
  HorizontalPodAutoscalerV1Spec,
  HorizontalPodAutoscalerV1Status,
  HPAScalingRules,
  MetricSpec,
  MetricStatus,
} from '../generated/types.ts'
import {
  escapeHtml,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJson,
  stringifyJson,
} from '../json.ts'
import { presentMembers } from '../present-members.ts'
import { horizontalPodAutoscalersV1 } from '../scheme.ts'
import { read, readList } from './annotated-value.ts'
import { specOfV1, specToV1, statusOfV1, statusToV1 } from './metric-v1.ts'
import { defineVersion } from './served-version.ts'

const prefix = 'autoscaling.alpha.kubernetes.io/'

/** What `autoscaling/v1` has no fields for, by the annotation that carries it there. */
const carriers = {
  metrics: `${prefix}metrics`,
  currentMetrics: `${prefix}current-metrics`,
  conditions: `${prefix}conditions`,
  behavior: `${prefix}behavior`,
} as const

const ownAnnotations: ReadonlySet<string> = new Set(Object.values(carriers))

/** Upstream's default, made explicit, since v1 leaves it to whoever acts on it. */
const defaultMetrics = [cpuMetric(80)]

function cpuMetric(averageUtilization: number): MetricSpec {
  const target = { type: 'Utilization', averageUtilization }
  return { type: 'Resource', resource: { name: 'cpu', target } }
}

/** Of the metric that v1 has fields for. */
function cpuOf<T>({
  type,
  resource,
}: {
  readonly type: string
  readonly resource?: T & { readonly name: string }
}): T | undefined {
  return type === 'Resource' && resource?.name === 'cpu' ? resource : undefined
}

function showSpec(spec: HorizontalPodAutoscalerSpec): HorizontalPodAutoscalerV1Spec {
  const { scaleTargetRef, minReplicas, maxReplicas, metrics = [] } = spec
  const [cpu] = metrics.flatMap((metric) => cpuOf(metric) ?? [])
  return presentMembers({
    scaleTargetRef,
    minReplicas,
    maxReplicas,
    targetCPUUtilizationPercentage: cpu?.target.averageUtilization,
  }) as HorizontalPodAutoscalerV1Spec
}

function showStatus(status: HorizontalPodAutoscalerStatus): HorizontalPodAutoscalerV1Status {
  const { observedGeneration, lastScaleTime, currentReplicas = 0, desiredReplicas } = status
  const usages = (status.currentMetrics ?? []).map(
    (metric) => cpuOf(metric)?.current.averageUtilization,
  )
  return presentMembers({
    observedGeneration,
    lastScaleTime,
    currentReplicas,
    desiredReplicas,
    currentCPUUtilizationPercentage: usages.findLast((usage) => usage !== undefined),
  }) as HorizontalPodAutoscalerV1Status
}

/**
 * All metrics but those that v1 says itself, the usage of each, why it is so, and how it scales.
 */
function carried({ spec, status }: HorizontalPodAutoscaler): Record<string, string> {
  const metrics = (spec?.metrics ?? []).filter(
    (metric) => cpuOf(metric)?.target.averageUtilization === undefined,
  )
  const currentMetrics = status?.currentMetrics ?? []
  const conditions = status?.conditions ?? []
  const text = (value: unknown) => escapeHtml(stringifyJson(value as JsonValue))
  return {
    ...(metrics.length > 0 && { [carriers.metrics]: text(metrics.map(specToV1)) }),
    ...(currentMetrics.length > 0 && {
      [carriers.currentMetrics]: text(currentMetrics.map(statusToV1)),
    }),
    ...(spec?.behavior && { [carriers.behavior]: text(behaviorText(spec.behavior)) }),
    ...(conditions.length > 0 && { [carriers.conditions]: text(conditions) }),
  }
}

function show(stored: HorizontalPodAutoscaler): HorizontalPodAutoscalerV1 {
  const { metadata, kind } = stored
  const annotations = { ...foreign(metadata.annotations), ...carried(stored) }
  return {
    apiVersion: 'autoscaling/v1',
    kind,
    metadata: withAnnotations(metadata, annotations),
    ...(stored.spec && { spec: showSpec(stored.spec) }),
    ...(stored.status && { status: showStatus(stored.status) }),
  }
}

type Metadata = HorizontalPodAutoscaler['metadata']
type Annotations = Readonly<Record<string, string>>

/** Those that do not only carry fields of another version. */
function foreign(annotations: Annotations = {}): Annotations {
  return Object.fromEntries(
    Object.entries(annotations).filter(([name]) => !ownAnnotations.has(name)),
  )
}

function withAnnotations(metadata: Metadata, annotations: Annotations): Metadata {
  const { annotations: _, ...rest } = metadata
  return Object.keys(annotations).length > 0 ? { ...rest, annotations } : rest
}

/** What cannot be read is dropped, as upstream drops it. */
function store(shown: HorizontalPodAutoscalerV1): HorizontalPodAutoscaler {
  const { metadata, kind } = shown
  const annotations = metadata.annotations ?? {}
  return {
    apiVersion: 'autoscaling/v2',
    kind,
    metadata: withAnnotations(metadata, foreign(annotations)),
    ...(shown.spec && { spec: storeSpec(shown.spec, annotations) }),
    ...(shown.status && { status: storeStatus(shown.status, annotations) }),
  }
}

function storeSpec(
  spec: HorizontalPodAutoscalerV1Spec,
  annotations: Annotations,
): HorizontalPodAutoscalerSpec {
  const { scaleTargetRef, minReplicas, maxReplicas, targetCPUUtilizationPercentage: cpu } = spec
  const others = readList<MetricSpec>('MetricSpec', specOfV1, annotations[carriers.metrics])
  const metrics = [...(others ?? []), ...(cpu === undefined ? [] : [cpuMetric(cpu)])]
  return presentMembers({
    scaleTargetRef,
    minReplicas,
    maxReplicas,
    metrics: metrics.length > 0 ? metrics : defaultMetrics,
    behavior: readBehavior(annotations[carriers.behavior]),
  }) as HorizontalPodAutoscalerSpec
}

function storeStatus(
  status: HorizontalPodAutoscalerV1Status,
  annotations: Annotations,
): HorizontalPodAutoscalerStatus {
  const { currentCPUUtilizationPercentage: averageUtilization, ...rest } = status
  const cpu: readonly MetricStatus[] | undefined =
    averageUtilization === undefined
      ? undefined
      : [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization } } }]
  const conditions = readList<HorizontalPodAutoscalerCondition>(
    'HorizontalPodAutoscalerCondition',
    (value) => value,
    annotations[carriers.conditions],
  )
  const carriedMetrics = readList<MetricStatus>(
    'MetricStatus',
    statusOfV1,
    annotations[carriers.currentMetrics],
  )
  const currentMetrics = carriedMetrics ?? cpu
  return presentMembers({ ...rest, currentMetrics, conditions }) as HorizontalPodAutoscalerStatus
}

/** Upstream writes its internal type, whose members have Go's names. */
function behaviorText({ scaleUp, scaleDown }: HorizontalPodAutoscalerBehavior): JsonObject {
  return { ScaleUp: rulesText(scaleUp), ScaleDown: rulesText(scaleDown) }
}

function rulesText(rules: HPAScalingRules | undefined): JsonValue {
  if (!rules) return null
  const { stabilizationWindowSeconds = null, selectPolicy = null, tolerance = null } = rules
  const policies = rules.policies?.map(({ type, value, periodSeconds }) => ({
    Type: type,
    Value: value,
    PeriodSeconds: periodSeconds,
  }))
  return {
    StabilizationWindowSeconds: stabilizationWindowSeconds,
    SelectPolicy: selectPolicy,
    Policies: policies ?? null,
    Tolerance: tolerance,
  }
}

function readBehavior(text: string | undefined): HorizontalPodAutoscalerBehavior | undefined {
  if (text === undefined) return undefined
  const behavior = read<HorizontalPodAutoscalerBehavior>('HorizontalPodAutoscalerBehavior', () =>
    lowerCased(parseJson(text)),
  )
  return behavior && Object.keys(behavior).length > 0 ? behavior : undefined
}

/** Members by the names they have in JSON; what is null is not there. */
function lowerCased(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(lowerCased)
  if (!isJsonObject(value)) return value
  const members = Object.entries(value).filter(([, member]) => member !== null)
  return Object.fromEntries(
    members.map(([name, member]) => [
      name.charAt(0).toLowerCase() + name.slice(1),
      lowerCased(member as JsonValue),
    ]),
  )
}

/** `autoscaling/v1` (H-01): what has no field there is carried in upstream's annotations. */
export const horizontalPodAutoscalerV1 = defineVersion(horizontalPodAutoscalersV1, { show, store })
