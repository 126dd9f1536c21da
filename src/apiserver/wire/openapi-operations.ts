import { apiVersionOf, type Resource } from '../../api/resource.ts'
import { type ServedResource, streamParameters, subresourceOf, type Verb } from './served.ts'

/** One HTTP method on one path, apart from how the two dialects of OpenAPI write it. */
export interface ApiOperation {
  readonly path: string
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** Upstream's name of it: `listAppsV1NamespacedDeployment`. */
  readonly id: string
  /** Upstream's word: `list`, `post`, `patch`, ... */
  readonly action: string
  readonly kind: ServedKind
  readonly pathParameters: readonly string[]
  readonly queryParameters: readonly string[]
  readonly body: BodySort | undefined
  readonly answer: AnswerSort
  /** Whether an object may come to be by it. */
  readonly creates: boolean
}

export type ServedKind = {
  readonly group: string
  readonly version: string
  readonly kind: string
}

type BodySort = 'kind' | 'patch' | 'DeleteOptions'
type AnswerSort = 'kind' | 'list' | 'Status' | 'text'

const writeParameters = ['dryRun', 'fieldManager', 'fieldValidation']
const selectingParameters = [
  'continue',
  'fieldSelector',
  'labelSelector',
  'limit',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'timeoutSeconds',
]
const listParameters = ['allowWatchBookmarks', ...selectingParameters, 'watch']
const deleteParameters = ['dryRun', 'gracePeriodSeconds', 'orphanDependents', 'propagationPolicy']

/** How a verb looks in HTTP, and what upstream calls it. */
interface Shape extends Pick<ApiOperation, 'method' | 'action' | 'body' | 'answer' | 'creates'> {
  readonly word: string
  readonly parameters: readonly string[]
}

const reading = { method: 'get', body: undefined, creates: false } as const
const writing = {
  parameters: writeParameters,
  body: 'kind',
  answer: 'kind',
  creates: true,
} as const
const deleting = {
  method: 'delete',
  word: 'delete',
  body: 'DeleteOptions',
  creates: false,
} as const

/** `watch` is a parameter of `list`. */
const shapes: Readonly<Record<Exclude<Verb, 'watch'>, Shape>> = {
  get: { ...reading, action: 'get', word: 'read', parameters: [], answer: 'kind' },
  list: { ...reading, action: 'list', word: 'list', parameters: listParameters, answer: 'list' },
  create: { ...writing, method: 'post', action: 'post', word: 'create' },
  update: { ...writing, method: 'put', action: 'put', word: 'replace' },
  patch: {
    ...writing,
    method: 'patch',
    action: 'patch',
    word: 'patch',
    body: 'patch',
    parameters: [...writeParameters, 'force'],
  },
  delete: { ...deleting, action: 'delete', parameters: deleteParameters, answer: 'Status' },
  deletecollection: {
    ...deleting,
    action: 'deletecollection',
    parameters: [...deleteParameters, ...selectingParameters],
    answer: 'Status',
  },
}

const collectionVerbs: readonly Verb[] = ['list', 'create', 'deletecollection']
const objectVerbs: readonly Verb[] = ['get', 'update', 'patch', 'delete']

const capitalized = (word: string) => word.charAt(0).toUpperCase() + word.slice(1)

/** `apps` -> `Apps`, `rbac.authorization.k8s.io` -> `RbacAuthorization`. */
function groupWord(group: string): string {
  const words = group === '' ? ['core'] : group.replace(/\.k8s\.io$/, '').split('.')
  return words.map(capitalized).join('')
}

/** Where operations are, with the words for it in their ids. */
interface Place {
  readonly resource: Resource
  readonly path: string
  readonly kind: ServedKind
  readonly subresource?: string
  readonly isForAll?: boolean
}

function operationId({ resource, subresource = '', isForAll }: Place, word: string): string {
  const { group, version, kind, namespaced } = resource
  const [verb, rest = ''] = word.split(' ')
  const home = `${groupWord(group)}${capitalized(version)}`
  const scope = namespaced && !isForAll ? 'Namespaced' : ''
  const end = isForAll ? 'ForAllNamespaces' : capitalized(subresource)
  return `${verb}${home}${rest}${scope}${kind}${end}`
}

function operationsAt(place: Place, verbs: readonly Verb[]): readonly ApiOperation[] {
  const { path, kind, subresource } = place
  const pathParameters = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string)
  return verbs.flatMap((verb) => {
    if (verb === 'watch') return []
    const { word, parameters, ...shape } = shapes[verb]
    const id = operationId(place, verb === 'deletecollection' ? `${word} Collection` : word)
    const answer = subresource === 'log' ? ('text' as const) : shape.answer
    return [{ path, kind, pathParameters, id, queryParameters: parameters, ...shape, answer }]
  })
}

function subresourceOperations(
  served: ServedResource,
  subresource: string,
  object: string,
): readonly ApiOperation[] {
  const { verbs, ...kind } = subresourceOf(served, subresource)
  const { resource } = served
  const place = { resource, path: `${object}/${subresource}`, kind, subresource }
  const operations = operationsAt(place, verbs)
  const queryParameters = streamParameters[subresource]
  if (!queryParameters) return operations
  return operations.map((operation) => ({
    ...operation,
    action: 'connect',
    id: operationId(place, `connect ${capitalized(operation.method)}`),
    body: undefined,
    answer: 'text' as const,
    creates: false,
    queryParameters,
  }))
}

/** Every operation on one resource and its subresources. */
export function operationsOf(served: ServedResource): readonly ApiOperation[] {
  const { resource, verbs, subresources } = served
  const { group, version, kind, plural, namespaced } = resource
  const root = `${group === '' ? '/api' : '/apis'}/${apiVersionOf(resource)}`
  const collection = `${root}/${namespaced ? 'namespaces/{namespace}/' : ''}${plural}`
  const object = `${collection}/{name}`
  const own = { resource, kind: { group, version, kind } }
  const has = (verb: Verb) => verbs.includes(verb)
  const forAll = { ...own, path: `${root}/${plural}`, isForAll: true }
  return [
    ...(namespaced && has('list') ? operationsAt(forAll, ['list']) : []),
    ...operationsAt({ ...own, path: collection }, collectionVerbs.filter(has)),
    ...operationsAt({ ...own, path: object }, objectVerbs.filter(has)),
    ...subresources.flatMap((name) => subresourceOperations(served, name, object)),
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
