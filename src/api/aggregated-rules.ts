import { semanticEqual } from './equality.ts'
import type { ClusterRole, PolicyRule } from './generated/types.ts'
import { compileLabelSelector } from './labels.ts'

/**
 * The rules of a ClusterRole with an aggregationRule: those of all roles that it selects, selector
 * by selector, by name, each rule once.
 */
export function aggregatedRules(
  role: ClusterRole,
  all: readonly ClusterRole[],
): readonly PolicyRule[] {
  const { name } = role.metadata
  const others = all
    .filter((other) => other.metadata.name !== name)
    .sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))
  const selected = (role.aggregationRule?.clusterRoleSelectors ?? []).flatMap((selector) => {
    const matcher = compileLabelSelector(selector)
    return others.filter(({ metadata }) => matcher.matches(metadata.labels ?? {}))
  })
  const rules: PolicyRule[] = []
  for (const rule of selected.flatMap((other) => other.rules ?? [])) {
    if (!rules.some((known) => semanticEqual('PolicyRule', known, rule))) rules.push(rule)
  }
  return rules
}
