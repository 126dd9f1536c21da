import type { Http2ServerRequest } from 'node:http2'
import { tokenReviews } from '../../api/scheme.ts'
import { badRequest } from '../../api/status-error.ts'
import type { ResourceAccess } from '../auth/access.ts'
import type { AccessControl } from '../auth/access-control.ts'
import {
  anonymousName,
  authenticatedGroup,
  type Identity,
  serviceAccountGroups,
  serviceAccountOf,
  unauthenticatedGroup,
} from '../auth/identity.ts'

interface Wanted {
  readonly user: string
  readonly groups: readonly string[]
  readonly uid: string | undefined
  readonly extra: Readonly<Record<string, readonly string[]>>
}

const extraPrefix = 'impersonate-extra-'

/**
 * Whom the request is made as: who asks, or who it asks to be (`Impersonate-User` and the others),
 * if he may be that. Throws 403 in upstream's words; 400 for headers that do not go together.
 */
export function impersonated(
  request: Http2ServerRequest,
  asker: Identity,
  control: AccessControl,
): Identity {
  const wanted = wantedOf(request)
  if (!wanted) return asker
  requireAll(control, asker, wanted)
  const { user, uid, extra } = wanted
  return {
    user,
    groups: groupsOf(wanted),
    ...(uid && { uid }),
    ...(Object.keys(extra).length > 0 && { extra }),
  }
}

/** The raw headers: where one comes twice, or has a comma in it, that must not get lost. */
function wantedOf({ rawHeaders }: Http2ServerRequest): Wanted | undefined {
  const byName = new Map<string, string[]>()
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? ''
    if (!name.startsWith('impersonate-')) continue
    byName.set(name, [...(byName.get(name) ?? []), rawHeaders[index + 1] ?? ''])
  }
  if (byName.size === 0) return undefined
  const user = single(byName, 'impersonate-user')
  const uid = single(byName, 'impersonate-uid')
  if (!user) {
    throw badRequest('requested to impersonate groups, a uid or extra without impersonating a user')
  }
  const extra = [...byName]
    .filter(([name]) => name.startsWith(extraPrefix))
    .map(([name, values]) => [extraKey(name), values] as const)
  return {
    user,
    uid,
    groups: byName.get('impersonate-group') ?? [],
    extra: Object.fromEntries(extra),
  }
}

function single(byName: ReadonlyMap<string, readonly string[]>, name: string): string | undefined {
  const [value, ...others] = byName.get(name) ?? []
  if (others.length > 0) throw badRequest(`the header ${name} must not come more than once`)
  return value
}

function extraKey(header: string): string {
  try {
    return decodeURIComponent(header.slice(extraPrefix.length)).toLowerCase()
  } catch {
    throw badRequest(`the header ${JSON.stringify(header)} is not valid percent-encoding`)
  }
}

function requireAll(control: AccessControl, asker: Identity, wanted: Wanted): void {
  for (const access of accessesOf(wanted)) {
    control.authorize(asker, { verb: 'impersonate', subresource: '', namespace: '', ...access })
  }
}

type Impersonation = Pick<ResourceAccess, 'group' | 'resource' | 'name'> & Partial<ResourceAccess>

/** Each is a resource of its own to the rules: users, groups, ServiceAccounts, uids and extras. */
function* accessesOf({ user, groups, uid, extra }: Wanted): Generator<Impersonation> {
  const account = serviceAccountOf(user)
  if (account) yield { group: '', resource: 'serviceaccounts', ...account }
  else yield { group: '', resource: 'users', name: user }
  for (const name of groups) yield { group: '', resource: 'groups', name }
  const group = tokenReviews.group
  if (uid) yield { group, resource: 'uids', name: uid }
  for (const [subresource, values] of Object.entries(extra)) {
    for (const name of values) yield { group, resource: 'userextras', subresource, name }
  }
}

/** A ServiceAccount is in its groups, unless others are asked for; everybody is authenticated. */
function groupsOf({ user, groups }: Wanted): readonly string[] {
  const account = serviceAccountOf(user)
  const own = groups.length === 0 && account ? serviceAccountGroups(account.namespace) : groups
  if (user === anonymousName) return [...own, unauthenticatedGroup]
  if (own.includes(authenticatedGroup)) return own
  return [...own, authenticatedGroup]
}
