import type { Pod, PodAffinityTerm } from '../api/generated/types.ts'
import { compileLabelSelector } from '../api/labels.ts'
import type { NodeState } from './node-usage.ts'
import { curable, incurable, type Refusal } from './refusal.ts'

type Objection = (state: NodeState) => Refusal | undefined

/** Where a term finds company: a topology key and one of its values. */
interface Near {
  readonly key: string
  readonly domains: ReadonlySet<string>
}

const required = 'requiredDuringSchedulingIgnoredDuringExecution'
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution'

const wantedBy = ({ spec }: Pod) => spec?.affinity?.podAffinity?.[required] ?? []
const unwantedBy = ({ spec }: Pod) => spec?.affinity?.podAntiAffinity?.[required] ?? []

/**
 * Which pods must be near, which must not, and who of those present does not want this one near.
 */
export function affinityObjection(pod: Pod, states: readonly NodeState[]): Objection {
  const wanted = wantedBy(pod).map((term) => ({ term, near: nearOf(pod, term, states) }))
  const unwanted = unwantedBy(pod).map((term) => nearOf(pod, term, states))
  const repelling = repellingPods(pod, states)
  // The first of a group that wants to be together has to begin somewhere.
  const isFirst =
    wanted.every(({ near }) => near.domains.size === 0) &&
    wantedBy(pod).every((term) => matcherOf(pod, term)(pod))
  return ({ node }) => {
    const { labels = {} } = node.metadata
    const isAlone = wanted.some(({ near }) => !isNear(near, labels))
    const canBegin = isFirst && wanted.every(({ term }) => labels[term.topologyKey] !== undefined)
    if (isAlone && !canBegin) return incurable("node(s) didn't match pod affinity rules")
    if (unwanted.some((near) => isNear(near, labels))) {
      return curable("node(s) didn't match pod anti-affinity rules")
    }
    return repelling.some((near) => isNear(near, labels))
      ? curable("node(s) didn't satisfy existing pods anti-affinity rules")
      : undefined
  }
}

/** By what the pod would like to be near or not near, from 0 to 100. */
export function affinityScores(pod: Pod, states: readonly NodeState[]): readonly number[] {
  const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {}
  const wishes = [
    ...(podAffinity?.[preferred] ?? []),
    ...(podAntiAffinity?.[preferred] ?? []).map((wish) => ({ ...wish, weight: -wish.weight })),
  ]
  if (wishes.length === 0) return states.map(() => 0)
  const raw = states.map(() => 0)
  for (const { weight, podAffinityTerm } of wishes) {
    const near = nearOf(pod, podAffinityTerm, states)
    states.forEach(({ node }, index) => {
      if (isNear(near, node.metadata.labels ?? {})) raw[index] = (raw[index] ?? 0) + weight
    })
  }
  const [least, most] = [Math.min(...raw), Math.max(...raw)]
  return raw.map((score) => (most === least ? 0 : (100 * (score - least)) / (most - least)))
}

function isNear({ key, domains }: Near, labels: { readonly [key: string]: string }): boolean {
  const domain = labels[key]
  return domain !== undefined && domains.has(domain)
}

function nearOf(pod: Pod, term: PodAffinityTerm, states: readonly NodeState[]): Near {
  const isMeant = matcherOf(pod, term)
  const key = term.topologyKey
  const domains = new Set<string>()
  for (const { node, pods } of states) {
    const domain = node.metadata.labels?.[key]
    if (domain === undefined || domains.has(domain)) continue
    for (const other of pods.values()) {
      if (!isMeant(other)) continue
      domains.add(domain)
      break
    }
  }
  return { key, domains }
}

/** Its own namespace unless the term names others, or by an empty selector all. */
function matcherOf(
  { metadata }: Pod,
  { labelSelector, namespaces, namespaceSelector }: PodAffinityTerm,
): (other: Pod) => boolean {
  const { matches } = compileLabelSelector(labelSelector)
  const isAnywhere =
    namespaceSelector !== undefined && compileLabelSelector(namespaceSelector).isEmpty
  const named = namespaces?.length || namespaceSelector ? (namespaces ?? []) : [metadata.namespace]
  return (other) =>
    (isAnywhere || named.includes(other.metadata.namespace ?? '')) && matches(other.metadata.labels)
}

function repellingPods(pod: Pod, states: readonly NodeState[]): readonly Near[] {
  const found: Near[] = []
  for (const { node, repelling } of states) {
    for (const other of repelling.values()) {
      for (const term of unwantedBy(other)) {
        const domain = node.metadata.labels?.[term.topologyKey]
        if (domain === undefined || !matcherOf(other, term)(pod)) continue
        found.push({ key: term.topologyKey, domains: new Set([domain]) })
      }
    }
  }
  return found
}
