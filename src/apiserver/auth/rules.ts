import type { PolicyRule } from '../../api/generated/types.ts'
import { type Access, combinedResource, type PathAccess, type ResourceAccess } from './access.ts'

/** The word that stands for all verbs, groups, resources or paths. */
export const all = '*'

function hasOrAll(list: readonly string[] | undefined, word: string): boolean {
  return list !== undefined && (list.includes(all) || list.includes(word))
}

/** The rules of those who may do everything. */
export const everything: readonly PolicyRule[] = [
  { verbs: [all], apiGroups: [all], resources: [all] },
  { verbs: [all], nonResourceURLs: [all] },
]

/** Whether one rule of a role grants this. */
export function allows(rule: PolicyRule, access: Access): boolean {
  if (!hasOrAll(rule.verbs, access.verb)) return false
  return 'path' in access ? allowsPath(rule, access) : allowsResource(rule, access)
}

function allowsResource(rule: PolicyRule, access: ResourceAccess): boolean {
  return (
    hasOrAll(rule.apiGroups, access.group) &&
    includesResource(rule.resources ?? [], access) &&
    includesName(rule.resourceNames, access.name)
  )
}

/** `*`, `pods`, `pods/log`, or a subresource of anything: `*` + `/scale`. */
function includesResource(resources: readonly string[], access: ResourceAccess): boolean {
  if (hasOrAll(resources, combinedResource(access))) return true
  return access.subresource !== '' && resources.includes(`${all}/${access.subresource}`)
}

/** Without names a rule is for all; with names it is not for collections. */
function includesName(names: readonly string[] | undefined, name: string): boolean {
  return names === undefined || names.length === 0 || names.includes(name)
}

function allowsPath({ nonResourceURLs = [] }: PolicyRule, { path }: PathAccess): boolean {
  return nonResourceURLs.some((url) => includesPath(url, path))
}

/** A path ends in `*` for all that begins so. */
export function includesPath(url: string, path: string): boolean {
  if (url === all || url === path) return true
  return url.endsWith(all) && path.startsWith(url.slice(0, -1))
}
