import type { ObjectKey } from '../../api/object.ts'

/** Who asks, as authentication found out. */
export interface Identity {
  readonly user: string
  readonly groups: readonly string[]
  readonly uid?: string | undefined
  /** Such as the pod that a token is bound to. */
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined
}

/** May do everything, whatever roles there are. */
export const mastersGroup = 'system:masters'
export const authenticatedGroup = 'system:authenticated'
export const unauthenticatedGroup = 'system:unauthenticated'
export const serviceAccountsGroup = 'system:serviceaccounts'

export const anonymousName = 'system:anonymous'
/** The user of the paths that need none. */
export const anonymous: Identity = { user: anonymousName, groups: [unauthenticatedGroup] }

const accountPrefix = 'system:serviceaccount:'

export function isMaster({ groups }: { readonly groups: readonly string[] }): boolean {
  return groups.includes(mastersGroup)
}

/** `system:serviceaccount:NAMESPACE:NAME` */
export function serviceAccountUserName({ namespace, name }: ObjectKey): string {
  return `${accountPrefix}${namespace}:${name}`
}

/** The ServiceAccount of a user name; undefined for any other user. */
export function serviceAccountOf(
  userName: string,
): { readonly namespace: string; readonly name: string } | undefined {
  if (!userName.startsWith(accountPrefix)) return undefined
  const [namespace, name, ...rest] = userName.slice(accountPrefix.length).split(':')
  return namespace && name && rest.length === 0 ? { namespace, name } : undefined
}

/** The groups that every ServiceAccount of the namespace is in. */
export function serviceAccountGroups(namespace: string): readonly string[] {
  return [serviceAccountsGroup, `${serviceAccountsGroup}:${namespace}`]
}
