import type {
  Node,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodSpec,
  Taint,
  Toleration,
} from './generated/types.ts'

/** Whether a toleration lets a pod onto a node with this taint. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false
  if (toleration.key && toleration.key !== taint.key) return false
  if (toleration.operator === 'Exists') return true
  return toleration.key !== undefined && (toleration.value ?? '') === (taint.value ?? '')
}

/** The first taint with one of these effects that the pod does not tolerate (D-31). */
export function untoleratedTaint(
  { tolerations = [] }: Pick<PodSpec, 'tolerations'>,
  { spec }: Node,
  effects: readonly string[],
): Taint | undefined {
  return spec?.taints?.find(
    (taint) =>
      effects.includes(taint.effect) &&
      !tolerations.some((toleration) => tolerates(toleration, taint)),
  )
}

/** Whether nodeSelector and required node affinity allow a node. */
export function isNodeSelected(spec: Partial<PodSpec>, node: Node): boolean {
  const { labels = {} } = node.metadata
  const isLabelled = Object.entries(spec.nodeSelector ?? {}).every(
    ([key, value]) => labels[key] === value,
  )
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return isLabelled && (required === undefined || matchesNodeSelector(required, node))
}

/** One of the terms is enough; a term without any requirement matches nothing. */
function matchesNodeSelector({ nodeSelectorTerms }: NodeSelector, node: Node): boolean {
  return nodeSelectorTerms.some((term) => matchesTerm(term, node))
}

export function matchesTerm(
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  node: Node,
) {
  if (matchExpressions.length + matchFields.length === 0) return false
  const fields = { 'metadata.name': node.metadata.name ?? '' }
  return (
    matchExpressions.every((requirement) => matches(requirement, node.metadata.labels ?? {})) &&
    matchFields.every((requirement) => matches(requirement, fields))
  )
}

function matches(
  { key, operator, values = [] }: NodeSelectorRequirement,
  labels: { readonly [key: string]: string },
): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return compareIntegers(value, values[0]) === 1
    case 'Lt':
      return compareIntegers(value, values[0]) === -1
    default:
      return false
  }
}

/** -1, 0 or 1; undefined where one of the texts is no integer. */
function compareIntegers(a: string | undefined, b: string | undefined): number | undefined {
  const isInteger = (text = '') => /^[-+]?\d+$/.test(text)
  return isInteger(a) && isInteger(b) ? Math.sign(Number(a) - Number(b)) : undefined
}
