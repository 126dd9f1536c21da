import { apiVersionOf } from '../../api/resource.ts'
import { type ServedResource, streamParameters, subresourceOf, type Verb } from './served.ts'

/** One HTTP method on one path, apart from how the two dialects of OpenAPI write it. */
export interface ApiOperation {
  readonly path: string
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** Upstream's word: `list`, `post`, `patch`, ... */
  readonly action: string
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string }
  readonly pathParameters: readonly string[]
  readonly queryParameters: readonly string[]
  /** True when the request has a body of the kind. */
  readonly hasBody: boolean
}

const writeParameters = ['dryRun', 'fieldManager', 'fieldValidation']
const listParameters = [
  'allowWatchBookmarks',
  'continue',
  'fieldSelector',
  'labelSelector',
  'limit',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'timeoutSeconds',
  'watch',
]
const deleteParameters = ['dryRun', 'gracePeriodSeconds', 'orphanDependents', 'propagationPolicy']

type Shape = Pick<ApiOperation, 'method' | 'action' | 'queryParameters' | 'hasBody'>

/** `watch` is a parameter of `list`. */
const shapes: Readonly<Record<Exclude<Verb, 'watch'>, Shape>> = {
  get: { method: 'get', action: 'get', queryParameters: [], hasBody: false },
  list: { method: 'get', action: 'list', queryParameters: listParameters, hasBody: false },
  create: { method: 'post', action: 'post', queryParameters: writeParameters, hasBody: true },
  update: { method: 'put', action: 'put', queryParameters: writeParameters, hasBody: true },
  patch: {
    method: 'patch',
    action: 'patch',
    queryParameters: [...writeParameters, 'force'],
    hasBody: true,
  },
  delete: { method: 'delete', action: 'delete', queryParameters: deleteParameters, hasBody: false },
  deletecollection: {
    method: 'delete',
    action: 'deletecollection',
    queryParameters: [...deleteParameters, 'fieldSelector', 'labelSelector'],
    hasBody: false,
  },
}

const collectionVerbs: readonly Verb[] = ['list', 'create', 'deletecollection']
const objectVerbs: readonly Verb[] = ['get', 'update', 'patch', 'delete']

function operationsAt(
  path: string,
  verbs: readonly Verb[],
  kind: ApiOperation['kind'],
): readonly ApiOperation[] {
  const pathParameters = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string)
  return verbs.flatMap((verb) =>
    verb === 'watch' ? [] : [{ path, pathParameters, kind, ...shapes[verb] }],
  )
}

/** Every operation on one resource and its subresources. */
export function operationsOf(served: ServedResource): readonly ApiOperation[] {
  const { resource, verbs, subresources } = served
  const { group, version, kind, plural, namespaced } = resource
  const own = { group, version, kind }
  const root = `${group === '' ? '/api' : '/apis'}/${apiVersionOf(resource)}`
  const collection = `${root}/${namespaced ? 'namespaces/{namespace}/' : ''}${plural}`
  const has = (verb: Verb) => verbs.includes(verb)
  return [
    ...(namespaced && has('list') ? operationsAt(`${root}/${plural}`, ['list'], own) : []),
    ...operationsAt(collection, collectionVerbs.filter(has), own),
    ...operationsAt(`${collection}/{name}`, objectVerbs.filter(has), own),
    ...subresources.flatMap((name) => {
      const { verbs, ...kind } = subresourceOf(served, name)
      const operations = operationsAt(`${collection}/{name}/${name}`, verbs, kind)
      const queryParameters = streamParameters[name]
      if (!queryParameters) return operations
      const connect = { action: 'connect', hasBody: false, queryParameters }
      return operations.map((operation) => ({ ...operation, ...connect }))
    }),
  ]
}

const integers = new Set(['limit', 'timeoutSeconds', 'gracePeriodSeconds'])
const booleans = new Set([
  'allowWatchBookmarks',
  'force',
  'orphanDependents',
  'sendInitialEvents',
  'stderr',
  'stdin',
  'stdout',
  'tty',
  'watch',
])

export function parameterType(name: string): 'integer' | 'boolean' | 'string' {
  if (integers.has(name)) return 'integer'
  return booleans.has(name) ? 'boolean' : 'string'
}

export const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
]
