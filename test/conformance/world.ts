import type { DeleteOptions, Pod } from '../../src/api/generated/types.ts'
import type { JsonValue } from '../../src/api/json.ts'
import type { KubeObject } from '../../src/api/object.ts'
import type { Resource } from '../../src/api/resource.ts'
import { namespaces, pods, resourceOfKind, serviceAccounts } from '../../src/api/scheme.ts'
import { isStatusError } from '../../src/api/status-error.ts'
import type { Subresource, Transport, WatchHandle } from '../../src/api/transport.ts'
import { required } from '../../src/base/assert.ts'
import { type Clock, sleep } from '../../src/base/clock.ts'
import type { Ids } from '../../src/base/ids.ts'
import type { Images, Programs } from './images.ts'
import { gate } from './objects.ts'

/** A cluster that bodies run on, whatever it is. */
export interface ClusterUnderTest {
  readonly transport: Transport
  /** By which bodies wait: a virtual one where time is virtual. */
  readonly clock: Clock
  readonly ids: Ids
  readonly images: Images
  /** Absent where nothing really runs. */
  readonly programs?: Programs
}

/** Long enough for a cluster that pulls images; nothing waits it out but a failing test. */
const patienceMs = 120_000
const pollMs = 100

export interface Heard<T extends KubeObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: T
}

/** What one body has: a namespace of its own, and the API's verbs. */
export class World {
  readonly api: Transport
  readonly clock: Clock
  readonly images: Images
  readonly namespace: string
  readonly #cluster: ClusterUnderTest
  readonly #watches: WatchHandle[] = []
  readonly #namespaces: string[] = []

  private constructor(cluster: ClusterUnderTest, namespace: string) {
    this.#cluster = cluster
    this.api = cluster.transport
    this.clock = cluster.clock
    this.images = cluster.images
    this.namespace = namespace
  }

  static async open(cluster: ClusterUnderTest): Promise<World> {
    const world = new World(cluster, `conformance-${cluster.ids.uid().slice(0, 8)}`)
    await world.createNamespace(world.namespace)
    return world
  }

  get programs(): Programs {
    return required(this.#cluster.programs, 'programs for a body that needs them')
  }

  /** Deletes the namespaces, and does not wait until they are gone. */
  async close(): Promise<void> {
    for (const watch of this.#watches) watch.stop()
    for (const name of this.#namespaces)
      await this.gone(() => this.api.delete(namespaces, { name }))
  }

  /** Resolves when pods can be created in it; deleted at the end. */
  async createNamespace(name: string): Promise<void> {
    await this.api.create(
      namespaces,
      {},
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    )
    this.#namespaces.push(name)
    await this.until(`${name} has a ServiceAccount`, () =>
      this.find(serviceAccounts, 'default', name),
    )
  }

  /** What `probe` gives as soon as it is neither false nor undefined; else an error of `what`. */
  async until<T>(
    what: string,
    probe: () => Promise<T | false | undefined>,
    withinMs = patienceMs,
  ): Promise<T> {
    const untilMs = this.clock.monotonic() + withinMs
    for (;;) {
      const found = await probe()
      if (found !== false && found !== undefined) return found
      if (this.clock.monotonic() >= untilMs) {
        throw new Error(`not within ${withinMs / 1000} s: ${what}\n${await this.#picture()}`)
      }
      await sleep(this.clock, pollMs)
    }
  }

  /** Checks again and again for so long that `probe` holds. */
  async stays(what: string, probe: () => Promise<boolean>, forMs: number): Promise<void> {
    const untilMs = this.clock.monotonic() + forMs
    do {
      if (!(await probe())) throw new Error(`no longer: ${what}\n${await this.#picture()}`)
      await sleep(this.clock, pollMs)
    } while (this.clock.monotonic() < untilMs)
  }

  /** In the body's namespace. */
  create<T extends KubeObject>(object: T): Promise<T> {
    const resource = required(resourceOfKind(object.apiVersion, object.kind), 'a served kind')
    const where = resource.namespaced ? { namespace: this.namespace } : {}
    return this.api.create(resource, where, object) as Promise<KubeObject> as Promise<T>
  }

  get<T extends KubeObject>(
    resource: Resource<T>,
    name: string,
    subresource?: Subresource,
  ): Promise<T> {
    return this.api.get(resource, { namespace: this.namespace, name }, subresource)
  }

  find<T extends KubeObject>(
    resource: Resource<T>,
    name: string,
    namespace = this.namespace,
  ): Promise<T | undefined> {
    const key = resource.namespaced ? { namespace, name } : { name }
    return unlessMissing(() => this.api.get(resource, key))
  }

  /** Whether it is not there, by a `call` about it. */
  async gone(call: () => Promise<unknown>): Promise<boolean> {
    return (await unlessMissing(call)) === undefined
  }

  isGone(resource: Resource, name: string): Promise<boolean> {
    return this.gone(() => this.get(resource, name))
  }

  /** Of the body's namespace, by name. */
  async list<T extends KubeObject>(
    resource: Resource<T>,
    labelSelector?: string,
  ): Promise<readonly T[]> {
    const options = labelSelector === undefined ? {} : { labelSelector }
    const { items } = await this.api.list(resource, { namespace: this.namespace }, options)
    return [...items].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
  }

  /** A strategic merge patch. */
  patch<T extends KubeObject>(
    resource: Resource<T>,
    name: string,
    body: object,
    subresource?: Subresource,
  ): Promise<T> {
    const key = resource.namespaced ? { namespace: this.namespace, name } : { name }
    const patch = {
      type: 'application/strategic-merge-patch+json',
      body: body as JsonValue,
    } as const
    return this.api.patch(resource, key, patch, subresource ? { subresource } : {})
  }

  merge<T extends KubeObject>(
    resource: Resource<T>,
    name: string,
    body: object,
    subresource?: Subresource,
  ): Promise<T> {
    const patch = { type: 'application/merge-patch+json', body: body as JsonValue } as const
    const key = { namespace: this.namespace, name }
    return this.api.patch(resource, key, patch, subresource ? { subresource } : {})
  }

  /** Reads, changes and PUTs, again after a conflict. */
  async replace<T extends KubeObject>(
    resource: Resource<T>,
    name: string,
    change: (object: T) => T,
    subresource?: Subresource,
  ): Promise<T> {
    const key = { namespace: this.namespace, name }
    return this.until(`${resource.plural}/${name} is replaced without a conflict`, async () => {
      try {
        const changed = change(await this.api.get(resource, key))
        return await this.api.update<T>(resource, key, changed, subresource ? { subresource } : {})
      } catch (error) {
        if (isStatusError(error, 'Conflict')) return undefined
        throw error
      }
    })
  }

  delete(resource: Resource, name: string, options?: Partial<DeleteOptions>): Promise<unknown> {
    return this.api.delete(resource, { namespace: this.namespace, name }, options)
  }

  /** All that happens from now on in the body's namespace; what is there comes first. */
  watch<T extends KubeObject>(resource: Resource<T>, labelSelector?: string): readonly Heard<T>[] {
    const heard: Heard<T>[] = []
    const options = labelSelector === undefined ? {} : { labelSelector }
    const sink = {
      event: (event: Heard<T> | { readonly type: 'BOOKMARK' }) => {
        if (event.type !== 'BOOKMARK') heard.push(event)
      },
      end: () => {},
    }
    this.#watches.push(this.api.watch(resource, { namespace: this.namespace }, options, sink))
    return heard
  }

  hears<T extends KubeObject>(
    heard: readonly Heard<T>[],
    what: string,
    isIt: (heard: Heard<T>) => boolean,
  ): Promise<Heard<T>> {
    return this.until(`the watch tells: ${what}`, async () => heard.find(isIt))
  }

  /** Opens or shuts the readiness gate of a pod (see `gated`). */
  setReady(podName: string, isReady: boolean): Promise<Pod> {
    const condition = { type: gate, status: isReady ? 'True' : 'False' }
    return this.patch(pods, podName, { status: { conditions: [condition] } }, 'status')
  }

  /** What is in the namespace, for a message. */
  async #picture(): Promise<string> {
    const lines = (await this.list(pods)).map(({ metadata, spec, status }) =>
      [
        `  pod ${metadata.name}`,
        status?.phase,
        `on ${spec?.nodeName ?? 'no node'}`,
        (status?.conditions ?? []).map(({ type, status }) => `${type}=${status}`).join(' '),
        status?.reason ?? '',
        metadata.deletionTimestamp ? 'terminating' : '',
      ].join(' '),
    )
    return lines.join('\n')
  }
}

export function nameOf({ metadata }: KubeObject): string {
  return metadata.name ?? ''
}

export function uidOf({ metadata }: KubeObject): string {
  return metadata.uid ?? ''
}

async function unlessMissing<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call()
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return undefined
    throw error
  }
}
