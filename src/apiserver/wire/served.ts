import type { Resource } from '../../api/resource.ts'
import { namespaces, otherVersions, reviews, scheme } from '../../api/scheme.ts'
import { tokenRequests } from '../auth/request-token.ts'
import { strategyOf } from '../registry/strategies.ts'

export type Verb =
  | 'create'
  | 'delete'
  | 'deletecollection'
  | 'get'
  | 'list'
  | 'patch'
  | 'update'
  | 'watch'

/** What the wire needs to know of one resource: what discovery announces and routing accepts. */
export interface ServedResource {
  readonly resource: Resource
  readonly verbs: readonly Verb[]
  /**
   * Names such as `status`, `scale`, `log`; their verbs and kinds are upstream's, see
   * `subresourceOf`.
   */
  readonly subresources: readonly string[]
}

export const allVerbs: readonly Verb[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
]

const commandParameters = ['container', 'stdin', 'stdout', 'stderr', 'tty']

/** The subresources of pods that are connections, not objects, and what their query may ask. */
export const streamParameters: Readonly<Record<string, readonly string[]>> = {
  exec: ['command', ...commandParameters],
  attach: commandParameters,
  portforward: ['ports'],
}

export interface ServedSubresource {
  readonly verbs: readonly Verb[]
  /** What is read and written there; the resource's own kind unless it says otherwise. */
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** Kind and verbs of a subresource (H-16). */
export function subresourceOf({ resource }: ServedResource, name: string): ServedSubresource {
  const { group, version, kind } = resource
  const own = { group, version, kind }
  switch (name) {
    case 'scale':
      return {
        group: 'autoscaling',
        version: 'v1',
        kind: 'Scale',
        verbs: ['get', 'patch', 'update'],
      }
    case 'binding':
      return { group: '', version: 'v1', kind: 'Binding', verbs: ['create'] }
    case 'token':
      return {
        group: tokenRequests.group,
        version: tokenRequests.version,
        kind: tokenRequests.kind,
        verbs: ['create'],
      }
    case 'eviction':
      return { group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] }
    case 'finalize':
      return { ...own, verbs: ['update'] }
    case 'log':
      return { ...own, verbs: ['get'] }
    case 'exec':
      return { ...own, kind: 'PodExecOptions', verbs: ['create', 'get'] }
    case 'attach':
      return { ...own, kind: 'PodAttachOptions', verbs: ['create', 'get'] }
    case 'portforward':
      return { ...own, kind: 'PodPortForwardOptions', verbs: ['create', 'get'] }
    default:
      return { ...own, verbs: ['get', 'patch', 'update'] }
  }
}

/** Namespaces are deleted one by one, as upstream's. */
function verbsOf(resource: Resource): readonly Verb[] {
  if (resource !== namespaces) return allVerbs
  return allVerbs.filter((verb) => verb !== 'deletecollection')
}

/** Everything that the registry holds, and the questions that are only answered. */
export function servedResources(): readonly ServedResource[] {
  const asked = reviews.map(
    (resource): ServedResource => ({ resource, verbs: ['create'], subresources: [] }),
  )
  return [...storedResources(), ...asked]
}

function storedResources(): readonly ServedResource[] {
  return [...scheme, ...otherVersions].map((resource) => ({
    resource,
    verbs: verbsOf(resource),
    subresources: strategyOf(resource).subresources,
  }))
}
