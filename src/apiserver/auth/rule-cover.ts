import type { PolicyRule } from '../../api/generated/types.ts'
import { all, includesPath } from './rules.ts'

/**
 * What `wanted` grants and `held` does not, as rules of one verb on one thing each: none, and who
 * holds the one may give away the other.
 */
export function missingRules(
  held: readonly PolicyRule[],
  wanted: readonly PolicyRule[],
): readonly PolicyRule[] {
  return wanted.flatMap(singleRules).filter((single) => !held.some((rule) => covers(rule, single)))
}

/** The rule taken apart, so that several rules may cover it together. */
function singleRules(rule: PolicyRule): readonly PolicyRule[] {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule
  const onResources = apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.flatMap((verb): PolicyRule[] => {
        const single = { apiGroups: [group], resources: [resource], verbs: [verb] }
        if (resourceNames.length === 0) return [single]
        return resourceNames.map((name) => ({ ...single, resourceNames: [name] }))
      }),
    ),
  )
  const onPaths = nonResourceURLs.flatMap((url) =>
    verbs.map((verb) => ({ nonResourceURLs: [url], verbs: [verb] })),
  )
  return [...onResources, ...onPaths]
}

function hasAll(have: readonly string[] = [], want: readonly string[] = []): boolean {
  return have.includes(all) || want.every((word) => have.includes(word))
}

function covers(rule: PolicyRule, single: PolicyRule): boolean {
  return (
    hasAll(rule.verbs, single.verbs) &&
    hasAll(rule.apiGroups, single.apiGroups) &&
    coversResource(rule.resources ?? [], single.resources?.[0]) &&
    coversPath(rule.nonResourceURLs ?? [], single.nonResourceURLs?.[0]) &&
    coversName(rule.resourceNames ?? [], single.resourceNames?.[0])
  )
}

function coversResource(resources: readonly string[], wanted: string | undefined): boolean {
  if (wanted === undefined || hasAll(resources, [wanted])) return true
  const slash = wanted.indexOf('/')
  return slash >= 0 && resources.includes(`${all}${wanted.slice(slash)}`)
}

function coversPath(urls: readonly string[], wanted: string | undefined): boolean {
  return wanted === undefined || urls.some((url) => includesPath(url, wanted))
}

/** What is held for some names does not cover what is wanted for all. */
function coversName(names: readonly string[], wanted: string | undefined): boolean {
  if (names.length === 0) return true
  return wanted !== undefined && names.includes(wanted)
}

/** Single rules that differ in their verb only, as one. */
function compactRules(singles: readonly PolicyRule[]): readonly PolicyRule[] {
  const byThing = new Map<string, PolicyRule>()
  for (const single of singles) {
    const { verbs, ...thing } = single
    const isPath = single.nonResourceURLs !== undefined
    const key = JSON.stringify(isPath ? single : thing)
    const known = byThing.get(key)
    byThing.set(key, known ? { ...known, verbs: [...known.verbs, ...verbs] } : single)
  }
  return [...byThing.values()]
}

/** One line per thing, sorted, in upstream's form: `{APIGroups:[""], Resources:["pods"], …}`. */
export function describeRules(singles: readonly PolicyRule[]): string {
  return [...new Set(compactRules(singles).map(describeRule))].sort().join('\n')
}

function describeRule(rule: PolicyRule): string {
  const parts: readonly (readonly [string, readonly string[] | undefined])[] = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ]
  const texts = parts.flatMap(([name, words]) =>
    words?.length ? `${name}:${listText(words)}` : [],
  )
  return `{${texts.join(', ')}}`
}

/** As Go prints a list of strings: `["a" "b"]`. */
export function listText(words: readonly string[]): string {
  return `[${words.map((word) => JSON.stringify(word)).join(' ')}]`
}
