import type { LabelSelector, Node, Pod, TopologySpreadConstraint } from '../api/generated/types.ts'
import { compileLabelSelector } from '../api/labels.ts'
import { hostnameLabel, zoneLabel } from '../api/names.ts'
import { isNodeSelected, untoleratedTaint } from '../api/node-fit.ts'
import { controllerRef, isTerminating } from '../api/object.ts'
import type { NodeState } from './node-usage.ts'
import { curable, incurable, type Refusal } from './refusal.ts'

interface Spread {
  readonly topologyKey: string
  readonly maxSkew: number
  readonly minDomains: number
  /** Whether a pod counts. */
  counts(pod: Pod): boolean
  /** How many of a node's pods count. */
  countOn(state: NodeState): number
  /** Whether a node's domain counts. */
  isEligible(node: Node): boolean
}

type Objection = (state: NodeState) => Refusal | undefined

const mismatch = "node(s) didn't match pod topology spread constraints"

/** The constraints of a pod that must hold; each node is asked with what this returns. */
export function spreadObjection(pod: Pod, states: readonly NodeState[]): Objection {
  const hard = constraintsOf(pod, 'DoNotSchedule').map((each) => spreadOf(pod, each))
  if (hard.length === 0) return () => undefined
  const hasAll = ({ metadata }: Node) =>
    hard.every(({ topologyKey }) => metadata.labels?.[topologyKey] !== undefined)
  const counted = hard.map((spread) => {
    const eligible = states.filter(({ node }) => hasAll(node) && spread.isEligible(node))
    const counts = countByDomain(spread, eligible)
    const least = counts.size < spread.minDomains ? 0 : Math.min(...counts.values())
    return { ...spread, domains: counts, least, self: spread.counts(pod) ? 1 : 0 }
  })
  return ({ node }) => {
    if (!hasAll(node)) return incurable(`${mismatch} (missing required label)`)
    const isSkewed = counted.some(({ topologyKey, domains, least, self, maxSkew }) => {
      const domain = node.metadata.labels?.[topologyKey] ?? ''
      return (domains.get(domain) ?? 0) + self - least > maxSkew
    })
    return isSkewed ? curable(mismatch) : undefined
  }
}

/**
 * How little of a kind is near each node, from 0 to 100: by the pod's own wishes, else by those
 * that go for every pod with an owner.
 */
export function spreadScores(pod: Pod, states: readonly NodeState[]): readonly number[] {
  const own = constraintsOf(pod, 'ScheduleAnyway').map((each) => spreadOf(pod, each))
  const isDefault = (pod.spec?.topologySpreadConstraints ?? []).length === 0
  const soft = isDefault ? defaultSpreads(pod) : own
  if (soft.length === 0) return states.map(() => 0)
  const counted = soft.map((spread) => {
    const domains = countByDomain(spread, states)
    return { ...spread, domains, weight: Math.log(domains.size + 2) }
  })
  const raw = states.map(({ node }) => {
    const labels = node.metadata.labels ?? {}
    const isBare = counted.some(({ topologyKey }) => labels[topologyKey] === undefined)
    if (isBare && !isDefault) return undefined
    return counted.reduce((sum, { topologyKey, domains, weight, maxSkew }) => {
      const domain = labels[topologyKey]
      if (domain === undefined) return sum
      return sum + (domains.get(domain) ?? 0) * weight + maxSkew - 1
    }, 0)
  })
  const scored = raw.filter((score) => score !== undefined)
  const [least, most] = [Math.min(...scored), Math.max(...scored)]
  return raw.map((score) => {
    if (score === undefined) return 0
    return most === 0 ? 100 : (100 * (most + least - score)) / most
  })
}

function constraintsOf({ spec }: Pod, action: string): readonly TopologySpreadConstraint[] {
  const all = spec?.topologySpreadConstraints ?? []
  return all.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action)
}

function spreadOf(pod: Pod, constraint: TopologySpreadConstraint): Spread {
  const { topologyKey, maxSkew, minDomains = 1, matchLabelKeys = [] } = constraint
  const { nodeAffinityPolicy = 'Honor', nodeTaintsPolicy = 'Ignore' } = constraint
  const selector = withLabelsOf(pod, constraint.labelSelector, matchLabelKeys)
  const { matches } = compileLabelSelector(selector)
  const counts = (other: Pod) =>
    other.metadata.namespace === pod.metadata.namespace &&
    !isTerminating(other) &&
    matches(other.metadata.labels)
  return {
    topologyKey,
    maxSkew,
    minDomains,
    counts,
    countOn: ({ pods }) => [...pods.values()].filter(counts).length,
    isEligible: (node) =>
      (nodeAffinityPolicy !== 'Honor' || isNodeSelected(pod.spec ?? {}, node)) &&
      (nodeTaintsPolicy !== 'Honor' ||
        !untoleratedTaint(pod.spec ?? {}, node, ['NoSchedule', 'NoExecute'])),
  }
}

/** What the pod says of these labels is asked of the others, too. */
function withLabelsOf(
  { metadata }: Pod,
  selector: LabelSelector | undefined,
  keys: readonly string[],
): LabelSelector | undefined {
  const present = keys.filter((key) => metadata.labels?.[key] !== undefined)
  if (present.length === 0) return selector
  const added = present.map((key) => ({
    key,
    operator: 'In',
    values: [metadata.labels?.[key] ?? ''],
  }))
  const { matchExpressions = [], ...rest } = selector ?? {}
  return { ...rest, matchExpressions: [...matchExpressions, ...added] }
}

/** As upstream's scheduler does for pods of Services and workloads. */
function defaultSpreads(pod: Pod): readonly Spread[] {
  const owner = controllerRef(pod)
  if (!owner) return []
  const common = {
    minDomains: 1,
    counts: (other: Pod) => controllerRef(other)?.uid === owner.uid,
    countOn: ({ ownedBy }: NodeState) => ownedBy.get(owner.uid) ?? 0,
    isEligible: () => true,
  }
  return [
    { ...common, topologyKey: hostnameLabel, maxSkew: 3 },
    { ...common, topologyKey: zoneLabel, maxSkew: 5 },
  ]
}

function countByDomain(
  { topologyKey, countOn }: Spread,
  states: readonly NodeState[],
): ReadonlyMap<string, number> {
  const domains = new Map<string, number>()
  for (const state of states) {
    const domain = state.node.metadata.labels?.[topologyKey]
    if (domain === undefined) continue
    domains.set(domain, (domains.get(domain) ?? 0) + countOn(state))
  }
  return domains
}
