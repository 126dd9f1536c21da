import { isJsonObject, type JsonObject, type JsonValue, parseJson } from '../api/json.ts'
import { apiVersionOf, type Resource } from '../api/resource.ts'
import type { HttpTransport } from '../client/http-transport.ts'
import { CliError } from './cli-error.ts'

/** A resource that the server has, and what can be done with it. */
export interface DiscoveredResource extends Resource {
  readonly verbs: readonly string[]
}

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

/**
 * What the server serves, asked once: two requests where it has aggregated discovery (Kubernetes
 * 1.27), one more per group and version elsewhere.
 */
export class Discovery {
  readonly #transport: HttpTransport
  #resources: Promise<readonly DiscoveredResource[]> | undefined

  constructor(transport: HttpTransport) {
    this.#transport = transport
  }

  resources(): Promise<readonly DiscoveredResource[]> {
    this.#resources ??= this.#ask()
    return this.#resources
  }

  /**
   * By what people type: plural, singular, short name or kind, also as `deployments.apps` and
   * `deployments.v1.apps`. Throws CliError when there is none (G-27).
   */
  async find(typed: string): Promise<DiscoveredResource> {
    const all = await this.resources()
    const [name = '', ...qualifier] = typed.toLowerCase().split('.')
    const place = qualifier.join('.')
    const found = all.find(
      (resource) => isCalled(resource, name) && (place === '' || isIn(resource, place)),
    )
    if (found) return found
    throw new CliError(`the server doesn't have a resource type ${JSON.stringify(name)}`)
  }

  async ofKind(apiVersion: string, kind: string): Promise<DiscoveredResource | undefined> {
    const all = await this.resources()
    return all.find((resource) => apiVersionOf(resource) === apiVersion && resource.kind === kind)
  }

  /** The members of a category such as `all`, or undefined where there is none of that name. */
  async category(name: string): Promise<readonly DiscoveredResource[] | undefined> {
    const all = await this.resources()
    const members = all.filter(({ categories }) => categories.includes(name))
    return members.length === 0 ? undefined : members
  }

  async #ask(): Promise<readonly DiscoveredResource[]> {
    const roots = await Promise.all([this.#document('/api'), this.#document('/apis')])
    const lists = await Promise.all(
      roots.map((root, index) =>
        root.kind === 'APIGroupDiscoveryList' ? fromAggregated(root) : this.#plain(root, index),
      ),
    )
    return lists.flat()
  }

  async #document(path: string): Promise<JsonObject> {
    const accept = `${aggregated},application/json`
    const document = parseJson(await this.#transport.getText(path, accept))
    return isJsonObject(document) ? document : {}
  }

  async #plain(root: JsonObject, index: number): Promise<readonly DiscoveredResource[]> {
    const names =
      index === 0
        ? texts(root.versions).map((version) => ['/api', version] as const)
        : objects(root.groups).flatMap((group) => groupVersionsOf(group))
    const lists = await Promise.all(
      names.map(async ([prefix, name]) => {
        // An aggregated API that is down must not take the others with it.
        const list = await this.#document(`${prefix}/${name}`).catch(() => ({}) as JsonObject)
        return fromPlain(name, list)
      }),
    )
    return lists.flat()
  }
}

function isCalled(resource: Resource, name: string): boolean {
  const { plural, singular, kind, shortNames } = resource
  return [plural, singular, kind.toLowerCase(), ...shortNames].includes(name)
}

/** `apps`, `v1.apps`, and the beginning of a longer group's name. */
function isIn({ group, version }: Resource, place: string): boolean {
  const versioned = group === '' ? version : `${version}.${group}`
  return place === group || place === versioned
}

function groupVersionsOf(group: JsonObject): readonly (readonly [string, string])[] {
  const preferred = isJsonObject(group.preferredVersion) ? group.preferredVersion : {}
  const versions = objects(group.versions).map(({ groupVersion }) => String(groupVersion))
  const first = versions.filter((name) => name === preferred.groupVersion)
  const others = versions.filter((name) => name !== preferred.groupVersion)
  return [...first, ...others].map((name) => ['/apis', name] as const)
}

function fromAggregated(list: JsonObject): readonly DiscoveredResource[] {
  return objects(list.items).flatMap((group) =>
    objects(group.versions).flatMap(({ version, resources }) =>
      objects(resources).map((entry) => {
        const kind = isJsonObject(entry.responseKind) ? String(entry.responseKind.kind) : ''
        const { metadata } = group
        return discovered({
          group: isJsonObject(metadata) ? String(metadata.name ?? '') : '',
          version: String(version),
          kind,
          entry: { ...entry, name: entry.resource, singularName: entry.singularResource },
          namespaced: entry.scope === 'Namespaced',
        })
      }),
    ),
  )
}

function fromPlain(groupVersion: string, list: JsonObject): readonly DiscoveredResource[] {
  const slash = groupVersion.indexOf('/')
  const group = slash < 0 ? '' : groupVersion.slice(0, slash)
  const version = groupVersion.slice(slash + 1)
  return objects(list.resources)
    .filter(({ name }) => !String(name).includes('/'))
    .map((entry) => {
      const namespaced = entry.namespaced === true
      return discovered({ group, version, kind: String(entry.kind), entry, namespaced })
    })
}

function discovered(found: {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly namespaced: boolean
  readonly entry: JsonObject
}): DiscoveredResource {
  const { entry, ...rest } = found
  return {
    ...rest,
    plural: String(entry.name),
    singular: String(entry.singularName || found.kind.toLowerCase()),
    shortNames: texts(entry.shortNames),
    categories: texts(entry.categories),
    verbs: texts(entry.verbs),
  }
}

function objects(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}

function texts(value: JsonValue | undefined): readonly string[] {
  return Array.isArray(value) ? value.map(String) : []
}
