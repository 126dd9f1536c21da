import { forbidden, StatusError } from '../../api/status-error.ts'

/** One verb on a resource. Empty texts: no namespace (all of them), no name (a collection). */
export interface ResourceAccess {
  readonly verb: string
  readonly group: string
  /** Plural, lower case. */
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
}

/** A method, in lower case, on a path that is no resource's. */
export interface PathAccess {
  readonly verb: string
  readonly path: string
}

/** What authorization decides on. */
export type Access = ResourceAccess | PathAccess

/** `deployments`, or `deployments/scale`: the form of rules and texts. */
export function combinedResource({ resource, subresource }: ResourceAccess): string {
  return subresource === '' ? resource : `${resource}/${subresource}`
}

const quoted = (text: string) => JSON.stringify(text)

function describe(userName: string, access: Access): string {
  const who = `User ${quoted(userName)} cannot ${access.verb}`
  if ('path' in access) return `${who} path ${quoted(access.path)}`
  const what = `resource ${quoted(combinedResource(access))} in API group ${quoted(access.group)}`
  const { namespace } = access
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${quoted(namespace)}`
  return `${who} ${what} ${where}`
}

/** 403 in upstream's words; `reason` is what the authorizer has to add, or ''. */
export function accessDenied(userName: string, access: Access, reason: string): StatusError {
  const text = describe(userName, access)
  const why = reason === '' ? text : `${text}: ${reason}`
  if ('path' in access) return new StatusError('Forbidden', `forbidden: ${why}`, {})
  return forbidden({ group: access.group, plural: access.resource }, access.name, { why })
}
