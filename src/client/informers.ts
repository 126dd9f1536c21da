import type { KubeObject } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'
import type { Collection, ListOptions, Transport } from '../api/transport.ts'
import type { Context } from '../base/context.ts'
import { CachedInformer } from './informer.ts'
import type { Informer, Informers } from './lister.ts'
import { Reflector } from './reflector.ts'

export interface InformerScope extends Collection {
  /** Of these resources, only what their selectors take. */
  readonly only?: ReadonlyMap<Resource, Pick<ListOptions, 'labelSelector' | 'fieldSelector'>>
}

/** Informers over one transport: everything, or what one namespace holds. */
export function createInformers(
  context: Context,
  transport: Transport,
  scope: InformerScope = {},
): Informers {
  return new SharedInformers(context, transport, scope)
}

interface Shared {
  readonly informer: CachedInformer<KubeObject>
  readonly reflector: Reflector<KubeObject>
}

class SharedInformers implements Informers {
  readonly #context: Context
  readonly #transport: Transport
  readonly #scope: InformerScope
  readonly #byResource = new Map<Resource, Shared>()
  readonly #stopped: Promise<void>
  #resolveStopped: () => void = () => {}
  #isStarted = false

  constructor(context: Context, transport: Transport, scope: InformerScope) {
    this.#context = context
    this.#transport = transport
    this.#scope = scope
    this.#stopped = new Promise((resolve) => {
      this.#resolveStopped = resolve
    })
  }

  for<T extends KubeObject>(resource: Resource<T>): Informer<T> {
    const shared = this.#byResource.get(resource) ?? this.#create(resource)
    return shared.informer as unknown as Informer<T>
  }

  async start(): Promise<void> {
    if (!this.#isStarted) for (const { reflector } of this.#byResource.values()) reflector.start()
    this.#isStarted = true
    const synced = [...this.#byResource.values()].map(({ informer }) => informer.synced)
    await Promise.race([Promise.all(synced), this.#stopped])
  }

  async stop(): Promise<void> {
    for (const { reflector } of this.#byResource.values()) reflector.stop()
    this.#resolveStopped()
  }

  #create(resource: Resource): Shared {
    const informer = new CachedInformer<KubeObject>(resource)
    const { only, ...where } = this.#scope
    const shared = {
      informer,
      reflector: new Reflector(this.#context, {
        transport: this.#transport,
        resource,
        where: resource.namespaced ? where : {},
        selectors: only?.get(resource) ?? {},
        sink: informer,
      }),
    }
    this.#byResource.set(resource, shared)
    if (this.#isStarted) shared.reflector.start()
    return shared
  }
}
