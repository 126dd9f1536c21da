import type { ObjectMeta, ServiceAccount } from '../../api/generated/types.ts'
import { keyOf } from '../../api/object.ts'
import type { Identity } from './identity.ts'
import { authenticatedGroup, serviceAccountGroups, serviceAccountUserName } from './identity.ts'

/** Who signs, and whom tokens are for unless they say otherwise. */
export const issuer = 'https://kubernetes.default.svc.cluster.local'
/** The issuer of tokens that are kept in Secrets. */
export const legacyIssuer = 'kubernetes/serviceaccount'

/** An object that a token lives no longer than. */
export interface Bound {
  readonly name: string
  readonly uid?: string | undefined
}

/** What a token says of the account, and of what it is bound to. */
export interface AccountClaims {
  readonly namespace: string
  readonly serviceaccount: Bound
  readonly pod?: Bound | undefined
  readonly secret?: Bound | undefined
  readonly node?: Bound | undefined
}

/** The claims of a token that was verified. */
export interface VerifiedToken {
  readonly account: AccountClaims
  /** Empty for a token out of a Secret: that is for this API only. */
  readonly audiences: readonly string[]
  /** Of the token itself. */
  readonly id: string | undefined
  readonly isLegacy: boolean
}

export function boundTo({ name = '', uid }: ObjectMeta): Bound {
  return { name, uid }
}

/** The private claims of a token in a Secret, by their long names. */
export function legacyClaims(account: ServiceAccount, secretName: string): Record<string, string> {
  const { name = '', namespace = '', uid = '' } = account.metadata
  return {
    sub: serviceAccountUserName(keyOf(account)),
    'kubernetes.io/serviceaccount/namespace': namespace,
    'kubernetes.io/serviceaccount/secret.name': secretName,
    'kubernetes.io/serviceaccount/service-account.name': name,
    'kubernetes.io/serviceaccount/service-account.uid': uid,
  }
}

/** The claims of a payload whose signature is good; undefined when they are not ours. */
export function readClaims(payload: Readonly<Record<string, unknown>>): VerifiedToken | undefined {
  const isLegacy = payload.iss === legacyIssuer
  const account = isLegacy ? legacyAccount(payload) : (payload['kubernetes.io'] as AccountClaims)
  if (!account?.namespace || !account.serviceaccount?.name) return undefined
  const audiences = [payload.aud as string | readonly string[]].flat()
  return {
    account,
    audiences: isLegacy ? [] : audiences,
    id: payload.jti as string | undefined,
    isLegacy,
  }
}

function legacyAccount(payload: Readonly<Record<string, unknown>>): AccountClaims {
  const claim = (name: string) => String(payload[`kubernetes.io/serviceaccount/${name}`] ?? '')
  const { name, uid } = { name: claim('service-account.name'), uid: claim('service-account.uid') }
  return {
    namespace: claim('namespace'),
    serviceaccount: { name, uid },
    secret: { name: claim('secret.name') },
  }
}

const extraPrefix = 'authentication.kubernetes.io/'

/** The user that a token stands for. */
export function identityOf({ account, id }: VerifiedToken): Identity {
  const { namespace, serviceaccount, pod, node } = account
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['credential-id', id && `JTI=${id}`],
    ['node-name', node?.name],
    ['node-uid', node?.uid],
    ['pod-name', pod?.name],
    ['pod-uid', pod?.uid],
  ]
  const known = facts.flatMap(([name, fact]) => (fact ? [[`${extraPrefix}${name}`, [fact]]] : []))
  return {
    user: serviceAccountUserName({ namespace, name: serviceaccount.name }),
    uid: serviceaccount.uid,
    groups: [...serviceAccountGroups(namespace), authenticatedGroup],
    ...(known.length > 0 && { extra: Object.fromEntries(known) }),
  }
}
