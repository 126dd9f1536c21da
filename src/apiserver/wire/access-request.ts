import { namespaces } from '../../api/scheme.ts'
import type { Access } from '../auth/access.ts'
import type { Exchange } from './exchange.ts'
import { booleanOf } from './options.ts'
import { parseResourcePath, type ResourcePath } from './resource-path.ts'
import { streamParameters } from './served.ts'

const verbs: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

/**
 * All that a request needs to be allowed. Commands in pods and the like have to be creatable, even
 * where a WebSocket begins with a GET.
 */
export function accessesOf(asked: Asked): readonly Access[] {
  const access = accessOf(asked)
  const isStream = 'resource' in access && Object.hasOwn(streamParameters, access.subresource)
  if (!isStream || access.verb === 'create') return [access]
  return [access, { ...access, verb: 'create' }]
}

type Asked = Pick<Exchange, 'method' | 'path' | 'query'>

/**
 * What a request asks to do, in the words of authorization; whether it exists, is not looked at.
 * Throws BadRequest for a path that is none.
 */
export function accessOf({ method, path, query }: Asked): Access {
  const place = parseResourcePath(path)
  if (!place) return { verb: method.toLowerCase(), path }
  const { group, plural, subresource = '' } = place
  const verb = verbOf(method, place, query)
  const isNamespace = group === namespaces.group && plural === namespaces.plural
  return {
    verb,
    group,
    resource: plural,
    subresource,
    // A role in a namespace may be about the namespace itself.
    namespace: place.namespace ?? (isNamespace ? (place.name ?? '') : ''),
    name: place.name ?? selectedName(verb, query),
  }
}

function verbOf(method: string, place: ResourcePath, query: URLSearchParams): string {
  const verb = verbs[method] ?? method.toLowerCase()
  if (verb === 'get' && (place.isWatch || (!place.name && booleanOf(query, 'watch'))))
    return 'watch'
  if (place.name !== undefined) return verb
  if (verb === 'get') return 'list'
  return verb === 'delete' ? 'deletecollection' : verb
}

/**
 * A collection of which only one object is asked for is that object, for rules with names. A
 * selector with escapes could say something else than it seems to: it names nothing.
 */
function selectedName(verb: string, query: URLSearchParams): string {
  const selector = query.get('fieldSelector')
  if (!selector || selector.includes('\\') || !['list', 'watch', 'deletecollection'].includes(verb))
    return ''
  const terms = selector.split(',')
  const name = terms.map((term) => /^metadata\.name==?([^=]+)$/.exec(term)?.[1]).find(Boolean)
  return name ?? ''
}
