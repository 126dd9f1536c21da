import type { JsonObject, JsonValue } from '../../api/json.ts'
import { apiVersionOf } from '../../api/resource.ts'
import { type MediaType, parseAccept } from './negotiation.ts'
import { type ServedResource, subresourceOf } from './served.ts'

/** A group and version with what it serves, in order of appearance. */
interface GroupVersion {
  readonly group: string
  readonly version: string
  readonly resources: readonly ServedResource[]
}

function groupVersions(served: readonly ServedResource[]): readonly GroupVersion[] {
  const byName = new Map<string, GroupVersion>()
  for (const entry of served) {
    const { group, version } = entry.resource
    const name = apiVersionOf(entry.resource)
    const resources = [...(byName.get(name)?.resources ?? []), entry]
    byName.set(name, { group, version, resources })
  }
  return [...byName.values()]
}

function resourceEntries(served: ServedResource): readonly JsonObject[] {
  const { resource, verbs, subresources } = served
  const main = {
    name: resource.plural,
    singularName: resource.singular,
    namespaced: resource.namespaced,
    kind: resource.kind,
    verbs,
    ...(resource.shortNames.length > 0 && { shortNames: resource.shortNames }),
    ...(resource.categories.length > 0 && { categories: resource.categories }),
  }
  const others = subresources.map((name) => {
    const { group, version, kind, verbs } = subresourceOf(served, name)
    const isForeign = group !== resource.group || version !== resource.version
    return {
      name: `${resource.plural}/${name}`,
      singularName: '',
      namespaced: resource.namespaced,
      ...(isForeign && { group, version }),
      kind,
      verbs,
    }
  })
  return [main, ...others]
}

function resourceList({ group, version, resources }: GroupVersion): JsonObject {
  const entries = resources.flatMap(resourceEntries)
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf({ group, version }),
    resources: entries.sort((a, b) => (String(a.name) < String(b.name) ? -1 : 1)),
  }
}

function groupEntry(name: string, versions: readonly GroupVersion[]): JsonObject {
  const entries = versions.map((v) => ({ groupVersion: apiVersionOf(v), version: v.version }))
  return { name, versions: entries, preferredVersion: entries[0] }
}

/** Where else there is something to read than what discovery and OpenAPI say of themselves. */
const otherPaths = [
  '/.well-known/openid-configuration',
  '/healthz',
  '/healthz/ping',
  '/livez',
  '/livez/ping',
  '/openapi/v2',
  '/openapi/v3',
  '/openid/v1/jwks',
  '/readyz',
  '/readyz/ping',
  '/version',
]

/** The plain discovery documents by path (H-01). */
export function discoveryDocuments(
  served: readonly ServedResource[],
): ReadonlyMap<string, JsonValue> {
  const all = groupVersions(served)
  const documents = new Map<string, JsonValue>([
    ['/api', { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] }],
  ])
  const groups = [...new Set(all.map(({ group }) => group))].filter((group) => group !== '')
  const entries = groups.map((group) =>
    groupEntry(
      group,
      all.filter((v) => v.group === group),
    ),
  )
  documents.set('/apis', { kind: 'APIGroupList', apiVersion: 'v1', groups: entries })
  for (const entry of entries) {
    documents.set(`/apis/${entry.name}`, { kind: 'APIGroup', apiVersion: 'v1', ...entry })
  }
  for (const groupVersion of all) {
    const root = groupVersion.group === '' ? '/api' : '/apis'
    documents.set(`${root}/${apiVersionOf(groupVersion)}`, resourceList(groupVersion))
  }
  const openApi = all.map(
    (v) => `/openapi/v3/${v.group === '' ? 'api' : 'apis'}/${apiVersionOf(v)}`,
  )
  documents.set('', { paths: [...documents.keys(), ...otherPaths, ...openApi].sort() })
  return documents
}

function aggregatedResource(served: ServedResource): JsonObject {
  const { resource, verbs, subresources } = served
  const { group, version, kind } = resource
  return {
    resource: resource.plural,
    responseKind: { group, version, kind },
    scope: resource.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: resource.singular,
    verbs,
    ...(resource.shortNames.length > 0 && { shortNames: resource.shortNames }),
    ...(resource.categories.length > 0 && { categories: resource.categories }),
    ...(subresources.length > 0 && {
      subresources: subresources.map((subresource) => {
        const { group, version, kind, verbs } = subresourceOf(served, subresource)
        return { subresource, responseKind: { group, version, kind }, verbs }
      }),
    }),
  }
}

/**
 * All groups and resources in one document: of the core group for `/api`, of the others for
 * `/apis`.
 */
export function aggregatedDiscovery(
  served: readonly ServedResource[],
  path: '/api' | '/apis',
  version: string,
): JsonValue {
  const all = groupVersions(served).filter(({ group }) => (group === '') === (path === '/api'))
  const groups = [...new Set(all.map(({ group }) => group))]
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map((name) => ({
      metadata: { name, creationTimestamp: null },
      versions: all
        .filter(({ group }) => group === name)
        .map(({ version, resources }) => ({
          version,
          resources: resources.map(aggregatedResource),
          freshness: 'Current',
        })),
    })),
  }
}

const aggregatedVersions = ['v2', 'v2beta1']

/**
 * The version of aggregated discovery to answer with, or undefined for the plain documents: the
 * client's order decides.
 */
export function aggregatedVersion(accept: string | undefined): string | undefined {
  const isAggregated = ({ type, parameters }: MediaType) =>
    type === 'application/json' &&
    parameters.as === 'APIGroupDiscoveryList' &&
    parameters.g === 'apidiscovery.k8s.io' &&
    aggregatedVersions.includes(parameters.v ?? '')
  const wanted = parseAccept(accept).find(
    (media) => isAggregated(media) || media.parameters.as === undefined,
  )
  return wanted && isAggregated(wanted) ? wanted.parameters.v : undefined
}

/**
 * The content type that an aggregated document must carry, or clients fall back to the plain
 * ones.
 */
export function aggregatedContentType(version: string): string {
  return `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`
}
