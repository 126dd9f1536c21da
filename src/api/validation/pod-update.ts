import { forbiddenValue, invalidValue } from '../field-errors.ts'
import type { Container, PodSpec, Toleration } from '../generated/types.ts'
import { stringifyJson } from '../json.ts'
import { type Errors, each, isSame } from './rules.ts'

const int32Max = 2_147_483_647

const updatable =
  '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

/**
 * What of a running pod may change: images, a shorter deadline, more tolerations, fewer
 * gates.
 */
export function validatePodSpecUpdate(next: PodSpec, previous: PodSpec): Errors {
  const counts = (['containers', 'initContainers'] as const).filter(
    (field) => (next[field] ?? []).length !== (previous[field] ?? []).length,
  )
  const [changed] = counts
  if (changed) {
    return [forbiddenValue(`spec.${changed}`, 'pod updates may not add or remove containers')]
  }
  const deadline = validateDeadline(next, previous)
  if (deadline.isFinal) return deadline.errors
  return [
    ...deadline.errors,
    ...validateTolerations(next.tolerations ?? [], previous.tolerations ?? []),
    ...validateGates(next, previous),
    ...validateNodeSelector(next, previous),
    ...validateRest(next, previous),
  ]
}

function validateDeadline(
  { activeDeadlineSeconds: next }: PodSpec,
  { activeDeadlineSeconds: previous }: PodSpec,
): { readonly errors: Errors; readonly isFinal: boolean } {
  const path = 'spec.activeDeadlineSeconds'
  if (next === undefined) {
    if (previous === undefined) return { errors: [], isFinal: false }
    const detail = 'must not update from a positive integer to nil value'
    return { errors: [invalidValue(path, next, detail)], isFinal: false }
  }
  if (next < 0 || next > int32Max) {
    const detail = `must be between 0 and ${int32Max}, inclusive`
    return { errors: [invalidValue(path, next, detail)], isFinal: true }
  }
  if (previous === undefined || previous >= next) return { errors: [], isFinal: false }
  const detail = 'must be less than or equal to previous value'
  return { errors: [invalidValue(path, next, detail)], isFinal: true }
}

function validateTolerations(next: readonly Toleration[], previous: readonly Toleration[]): Errors {
  const withoutSeconds = ({ tolerationSeconds: _, ...rest }: Toleration) => rest
  const isKept = (old: Toleration) =>
    next.some((toleration) => isSame(withoutSeconds(toleration), withoutSeconds(old)))
  if (previous.every(isKept)) return []
  const detail = 'existing toleration can not be modified except its tolerationSeconds'
  return [forbiddenValue('spec.tolerations', detail)]
}

function validateGates(next: PodSpec, previous: PodSpec): Errors {
  const known = new Set(previous.schedulingGates?.map((gate) => gate.name))
  return each('spec.schedulingGates', next.schedulingGates, ({ name }, at) => {
    const detail = `only deletion is allowed, but found new scheduling gate '${name}'`
    return known.has(name) ? [] : [forbiddenValue(`${at}.name`, detail)]
  })
}

function isGated(spec: PodSpec): boolean {
  return (spec.schedulingGates ?? []).length > 0
}

/** A gated pod may still be given more demands on its node. */
function validateNodeSelector(next: PodSpec, previous: PodSpec): Errors {
  if (!isGated(previous)) return []
  const isKept = Object.entries(previous.nodeSelector ?? {}).every(
    ([key, value]) => next.nodeSelector?.[key] === value,
  )
  if (isKept) return []
  const detail = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)'
  return [invalidValue('spec.nodeSelector', next.nodeSelector, detail)]
}

function validateRest(next: PodSpec, previous: PodSpec): Errors {
  const settled = settle(next, previous)
  if (isSame(settled, previous)) return []
  const names = new Set([...Object.keys(settled), ...Object.keys(previous)]) as Set<keyof PodSpec>
  const changed = [...names].filter((name) => !isSame(settled[name], previous[name])).sort()
  const line = (sign: string, name: string, value: unknown) =>
    value === undefined ? [] : [`${sign} ${name}: ${stringifyJson(value)}`]
  const lines = changed.flatMap((name) => [
    ...line('-', name, previous[name]),
    ...line('+', name, settled[name]),
  ])
  const detail = `pod updates may not change fields other than ${updatable}\n${lines.join('\n')}\n`
  return [forbiddenValue('spec', detail)]
}

/** The next spec with everything that may change set back to what it was. */
function settle(next: PodSpec, previous: PodSpec): PodSpec {
  const {
    activeDeadlineSeconds: _deadline,
    nodeSelector,
    schedulingGates: _gates,
    terminationGracePeriodSeconds: grace,
    tolerations: _tolerations,
    ...rest
  } = next
  const wasNegative = (previous.terminationGracePeriodSeconds ?? 0) < 0
  const settled = {
    ...rest,
    containers: withImagesOf(next.containers, previous.containers),
    initContainers: withImagesOf(next.initContainers ?? [], previous.initContainers ?? []),
    activeDeadlineSeconds: previous.activeDeadlineSeconds,
    nodeSelector: isGated(previous) ? previous.nodeSelector : nodeSelector,
    schedulingGates: previous.schedulingGates,
    terminationGracePeriodSeconds:
      wasNegative && grace === 1 ? previous.terminationGracePeriodSeconds : grace,
    tolerations: previous.tolerations,
  }
  return settled as PodSpec
}

function withImagesOf(
  containers: readonly Container[],
  previous: readonly Container[],
): readonly Container[] {
  return containers.map((container, index) => {
    const { image: _, ...rest } = container
    const image = previous[index]?.image
    return image === undefined ? rest : { ...rest, image }
  })
}
