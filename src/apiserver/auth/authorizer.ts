import type { ClusterRole, PolicyRule, Role, RoleRef, Subject } from '../../api/generated/types.ts'
import { clusterRoles, roles } from '../../api/scheme.ts'
import { notFound, type StatusError } from '../../api/status-error.ts'
import type { Store } from '../../store/store.ts'
import { storeKey } from '../store-keys.ts'
import type { WatchHub } from '../watch-hub.ts'
import { type Access, accessDenied } from './access.ts'
import { type Binding, BindingIndex } from './binding-index.ts'
import { type Identity, isMaster } from './identity.ts'
import { allows, everything } from './rules.ts'

export interface Decision {
  readonly isAllowed: boolean
  /** What allowed it, or what hindered; '' when there is nothing to say. */
  readonly reason: string
}

/** A rule that a user has, or why one cannot be had. */
type Found =
  | { readonly rule: PolicyRule; readonly binding: Binding; readonly subject: Subject }
  | { readonly fault: string }

/** Role based access control: who may do what, by the roles and bindings in the store. */
export class Authorizer {
  readonly #store: Store
  readonly #bindings: BindingIndex

  constructor(store: Store, watchHub: WatchHub) {
    this.#store = store
    this.#bindings = new BindingIndex(store, watchHub)
  }

  decide(identity: Identity, access: Access): Decision {
    if (isMaster(identity)) return { isAllowed: true, reason: '' }
    const namespace = 'path' in access ? '' : access.namespace
    const faults = new Set<string>()
    for (const found of this.#find(identity, namespace)) {
      if ('fault' in found) faults.add(found.fault)
      else if (allows(found.rule, access)) {
        const reason = `RBAC: allowed by ${describeBinding(found.binding, found.subject)}`
        return { isAllowed: true, reason }
      }
    }
    return { isAllowed: false, reason: faultText(faults) }
  }

  /** Throws 403 in upstream's words. */
  require(identity: Identity, access: Access): void {
    const { isAllowed, reason } = this.decide(identity, access)
    if (!isAllowed) throw accessDenied(identity.user, access, reason)
  }

  /** All rules that count for the user in the namespace ('': only those for the whole cluster). */
  rulesOf(
    identity: Identity,
    namespace: string,
  ): { readonly rules: readonly PolicyRule[]; readonly fault: string } {
    const rules: PolicyRule[] = isMaster(identity) ? [...everything] : []
    const faults = new Set<string>()
    for (const found of this.#find(identity, namespace)) {
      if ('fault' in found) faults.add(found.fault)
      else rules.push(found.rule)
    }
    return { rules, fault: faultText(faults, '') }
  }

  /** What a binding in `namespace` grants. Throws NotFound when there is no such role. */
  rulesOfRole(roleRef: RoleRef, namespace: string | undefined): readonly PolicyRule[] {
    const role = this.#role(roleRef, namespace)
    if (role) return role.rules ?? []
    throw missingRole(roleRef)
  }

  #role({ kind, name }: RoleRef, namespace: string | undefined): Role | ClusterRole | undefined {
    const key =
      kind === 'Role' ? storeKey(roles, { namespace, name }) : storeKey(clusterRoles, { name })
    return this.#store.get(key)?.object as Role | ClusterRole | undefined
  }

  *#find(identity: Identity, namespace: string): Generator<Found> {
    for (const { binding, subject } of this.#bindings.of(identity, namespace)) {
      const { roleRef, metadata } = binding
      const role = this.#role(roleRef, metadata.namespace)
      if (!role) yield { fault: missingRole(roleRef).message }
      for (const rule of role?.rules ?? []) yield { rule, binding, subject }
    }
  }
}

/** Upstream looks roles up by their kind in lower case, and says so. */
function missingRole({ kind, name }: RoleRef): StatusError {
  const resource = { group: roles.group, plural: kind.toLowerCase() }
  return notFound(resource, name)
}

function faultText(faults: ReadonlySet<string>, prefix = 'RBAC: '): string {
  const [first, ...others] = faults
  if (first === undefined) return ''
  return `${prefix}${others.length === 0 ? first : `[${[first, ...others].join(', ')}]`}`
}

/** In upstream's words, with its order of name and namespace. */
function describeBinding({ kind, metadata, roleRef }: Binding, subject: Subject): string {
  const { name, namespace } = metadata
  const place = namespace === undefined ? name : `${name}/${namespace}`
  const holder =
    subject.kind === 'ServiceAccount'
      ? `${subject.name}/${subject.namespace || (namespace ?? '')}`
      : subject.name
  const role = `${roleRef.kind} ${JSON.stringify(roleRef.name)}`
  return `${kind} ${JSON.stringify(place)} of ${role} to ${subject.kind} ${JSON.stringify(holder)}`
}
