import type {
  Container,
  LimitRange,
  LimitRangeItem,
  PersistentVolumeClaim,
  Pod,
} from '../generated/types.ts'
import { limitRangerAnnotation } from '../names.ts'
import { compareQuantities, formatQuantity, parseQuantity, type Quantity } from '../quantity.ts'
import { type Amounts, parseAmounts } from './amounts.ts'
import { podResources } from './pod-resources.ts'

type AmountTexts = { readonly [name: string]: string }

function itemsOf(ranges: readonly LimitRange[], type: string): readonly LimitRangeItem[] {
  return ranges.flatMap(({ spec }) => (spec?.limits ?? []).filter((item) => item.type === type))
}

/** What `given` lacks of `defaults`, by name; undefined if nothing. */
function lacking(given: AmountTexts = {}, defaults: AmountTexts = {}): AmountTexts | undefined {
  const missing = Object.entries(defaults).filter(([name]) => !Object.hasOwn(given, name))
  if (missing.length === 0) return undefined
  return Object.fromEntries(missing.sort(([a], [b]) => (a < b ? -1 : 1)))
}

interface Defaulted {
  readonly container: Container
  /** What was set, for the annotation: `cpu, memory request for container app`. */
  readonly said: readonly string[]
}

function withDefaults(container: Container, item: LimitRangeItem, what: string): Defaulted {
  const { resources = {}, name } = container
  const limits = lacking(resources.limits, item.default)
  const requests = lacking(resources.requests, item.defaultRequest)
  if (!limits && !requests) return { container, said: [] }
  const said = [
    ...(requests ? [`${Object.keys(requests).join(', ')} request for ${what} ${name}`] : []),
    ...(limits ? [`${Object.keys(limits).join(', ')} limit for ${what} ${name}`] : []),
  ]
  const filled = {
    ...resources,
    ...(limits && { limits: { ...resources.limits, ...limits } }),
    ...(requests && { requests: { ...resources.requests, ...requests } }),
  }
  return { container: { ...container, resources: filled }, said }
}

function applyItem(pod: Pod, item: LimitRangeItem): Pod {
  if (!pod.spec) return pod
  const fill = (containers: readonly Container[] = [], what: string) =>
    containers.map((container) => withDefaults(container, item, what))
  const containers = fill(pod.spec.containers, 'container')
  const initContainers = fill(pod.spec.initContainers, 'init container')
  const said = [...containers, ...initContainers].flatMap((one) => one.said)
  if (said.length === 0) return pod
  const annotations = {
    ...pod.metadata.annotations,
    [limitRangerAnnotation]: `LimitRanger plugin set: ${said.join('; ')}`,
  }
  const spec = {
    ...pod.spec,
    containers: containers.map((one) => one.container),
    ...(pod.spec.initContainers && {
      initContainers: initContainers.map((one) => one.container),
    }),
  }
  return { ...pod, metadata: { ...pod.metadata, annotations }, spec }
}

/** A new pod with the requests and limits that the namespace gives to containers without. */
export function applyLimitRanges(pod: Pod, ranges: readonly LimitRange[]): Pod {
  return itemsOf(ranges, 'Container').reduce(applyItem, pod)
}

interface Asked {
  readonly requests: Amounts
  /** Absent for what has requests only. */
  readonly limits?: Amounts
}

function isBeyond(side: 'minimum' | 'maximum', value: Quantity, bound: Quantity): boolean {
  return compareQuantities(value, bound) === (side === 'minimum' ? -1 : 1)
}

interface Bound {
  readonly side: 'minimum' | 'maximum'
  readonly type: string
  readonly name: string
  readonly bound: Quantity
}

/** A minimum asks for a request, a maximum for a limit, where there can be limits. */
function boundViolation({ side, type, name, bound }: Bound, asked: Asked): string | undefined {
  const request = asked.requests.get(name)
  const limit = asked.limits?.get(name)
  const text = `${side} ${name} usage per ${type} is ${formatQuantity(bound)}`
  const says = (what: string, value: Quantity | undefined) =>
    value && isBeyond(side, value, bound)
      ? `${text}, but ${what} is ${formatQuantity(value)}`
      : undefined
  if (side === 'minimum' || !asked.limits) {
    if (!request) return `${text}.  No request is specified`
    return says('request', request) ?? says('limit', limit)
  }
  if (!limit) return `${text}.  No limit is specified`
  return says('limit', limit) ?? says('request', request)
}

interface Ratio {
  readonly type: string
  readonly name: string
  readonly max: Quantity
}

function ratioViolation({ type, name, max }: Ratio, asked: Asked): string | undefined {
  const request = asked.requests.get(name)
  const limit = asked.limits?.get(name)
  const text = `${name} max limit to request ratio per ${type} is ${formatQuantity(max)}`
  if (!request?.nanos) return `${text}, but no request is specified or request is 0`
  if (!limit?.nanos) return `${text}, but no limit is specified or limit is 0`
  const ratio = Number(limit.nanos) / Number(request.nanos)
  if (ratio * 1e9 <= Number(max.nanos)) return undefined
  return `${text}, but provided ratio is ${ratio.toFixed(6)}`
}

function byName(amounts: AmountTexts = {}): readonly (readonly [string, Quantity])[] {
  return Object.keys(amounts)
    .sort()
    .map((name) => [name, parseQuantity(amounts[name] ?? '0')])
}

function violations(item: LimitRangeItem, asked: Asked): readonly string[] {
  const { type } = item
  const bounds = [
    ...byName(item.min).map(([name, bound]) => ({ side: 'minimum', type, name, bound }) as const),
    ...byName(item.max).map(([name, bound]) => ({ side: 'maximum', type, name, bound }) as const),
  ]
  const found = [
    ...bounds.map((bound) => boundViolation(bound, asked)),
    ...(asked.limits
      ? byName(item.maxLimitRequestRatio).map(([name, max]) =>
          ratioViolation({ type, name, max }, asked),
        )
      : []),
  ]
  return found.filter((text) => text !== undefined)
}

/** One text as it is, several as a list: how upstream tells of errors together. */
function together(texts: readonly string[]): string | undefined {
  const distinct = [...new Set(texts)]
  return distinct.length > 1 ? `[${distinct.join(', ')}]` : distinct[0]
}

/** Why the namespace does not take a pod with these requests and limits; undefined if it does. */
export function podRefusal({ spec }: Pod, ranges: readonly LimitRange[]): string | undefined {
  if (!spec) return undefined
  const containers = [...spec.containers, ...(spec.initContainers ?? [])]
  const ofContainers = itemsOf(ranges, 'Container').flatMap((item) =>
    containers.flatMap(({ resources }) =>
      violations(item, {
        requests: parseAmounts(resources?.requests),
        limits: parseAmounts(resources?.limits),
      }),
    ),
  )
  const whole = {
    requests: podResources(spec, 'requests'),
    limits: podResources(spec, 'limits'),
  }
  const ofPod = itemsOf(ranges, 'Pod').flatMap((item) => violations(item, whole))
  return together([...ofContainers, ...ofPod])
}

/** The same for a claim, of which only requests count. */
export function claimRefusal(
  { spec }: PersistentVolumeClaim,
  ranges: readonly LimitRange[],
): string | undefined {
  const requests = parseAmounts(spec?.resources?.requests)
  const items = itemsOf(ranges, 'PersistentVolumeClaim')
  return together(items.flatMap((item) => violations(item, { requests })))
}
