import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
} from '../../api/generated/types.ts'
import type { KubeObject } from '../../api/object.ts'
import type { Resource } from '../../api/resource.ts'
import { clusterRoleBindings, clusterRoles, roleBindings, roles } from '../../api/scheme.ts'
import { forbidden } from '../../api/status-error.ts'
import { isSame } from '../registry/same.ts'
import type { Authorizer } from './authorizer.ts'
import type { Identity } from './identity.ts'
import { describeRules, listText, missingRules } from './rule-cover.ts'
import { everything } from './rules.ts'

/** A write of a role or a binding. */
export interface Grant {
  readonly resource: Resource
  readonly object: KubeObject
  /** Absent for a creation. */
  readonly old: KubeObject | undefined
}

/**
 * Nobody gives away what he has not got: rules only within his own, unless he may `escalate` roles;
 * roles only whose rules he has, unless he may `bind` them. Throws 403 in upstream's words; 404 for
 * a binding to a role that does not exist.
 */
export function checkGrant(authorizer: Authorizer, identity: Identity, grant: Grant): void {
  const { resource, object, old } = grant
  if (old && changesOwnershipOnly(object, old)) return
  if (resource === roles || resource === clusterRoles) checkRole(authorizer, identity, grant)
  if (resource === roleBindings || resource === clusterRoleBindings) {
    checkBinding(authorizer, identity, grant)
  }
}

/** The garbage collector has to get an object out of the way, whatever it grants. */
function changesOwnershipOnly(object: KubeObject, old: KubeObject): boolean {
  const bare = ({ metadata, ...rest }: KubeObject) => {
    const { finalizers, ownerReferences, managedFields, ...others } = metadata
    return { ...rest, metadata: others }
  }
  return isSame(bare(object), bare(old))
}

function checkRole(authorizer: Authorizer, identity: Identity, grant: Grant): void {
  const { resource, object, old } = grant
  const { name = '', namespace = '' } = object.metadata
  const { group, plural } = resource
  const place = { group, resource: plural, subresource: '', namespace, name }
  if (authorizer.decide(identity, { ...place, verb: 'escalate' }).isAllowed) return
  checkHeld(authorizer, identity, { ...grant, rules: (object as Role).rules ?? [] })
  const isAggregated = [object, old].some(
    (role) => (role as ClusterRole | undefined)?.aggregationRule,
  )
  if (isAggregated && missingRules(authorizer.rulesOf(identity, '').rules, everything).length > 0) {
    const why = 'must have cluster-admin privileges to use an aggregationRule'
    throw forbidden(resource, name, { why })
  }
}

function checkBinding(authorizer: Authorizer, identity: Identity, grant: Grant): void {
  const { roleRef, metadata } = grant.object as RoleBinding | ClusterRoleBinding
  const { plural } = roleRef.kind === 'Role' ? roles : clusterRoles
  const isBindAllowed = authorizer.decide(identity, {
    verb: 'bind',
    group: roleRef.apiGroup,
    resource: plural,
    subresource: '',
    namespace: metadata.namespace ?? '',
    name: roleRef.name,
  }).isAllowed
  if (isBindAllowed) return
  const rules = authorizer.rulesOfRole(roleRef, metadata.namespace)
  checkHeld(authorizer, identity, { ...grant, rules })
}

function checkHeld(
  authorizer: Authorizer,
  identity: Identity,
  { resource, object, rules }: Grant & { readonly rules: readonly PolicyRule[] },
): void {
  const { name = '', namespace = '' } = object.metadata
  const held = authorizer.rulesOf(identity, namespace)
  const missing = missingRules(held.rules, rules)
  if (missing.length === 0) return
  const who = `user ${JSON.stringify(identity.user)} (groups=${listText(identity.groups)})`
  const what = 'is attempting to grant RBAC permissions not currently held'
  const faults = held.fault === '' ? '' : `; resolution errors: [${held.fault}]`
  throw forbidden(resource, name, { why: `${who} ${what}:\n${describeRules(missing)}${faults}` })
}
