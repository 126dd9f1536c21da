import type { OwnerReference } from '../../api/generated/types.ts'
import type { KubeObject } from '../../api/object.ts'
import type { Resource } from '../../api/resource.ts'
import { events, resourceOfKind, scheme } from '../../api/scheme.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { Transport } from '../../api/transport.ts'
import type { Informer, Informers } from '../../client/lister.ts'
import { isDeletingDependents, type OwnerState } from './plan.ts'

/** Everything that can own or be owned; Events point at objects without belonging to them. */
export const collected: readonly Resource[] = scheme.filter((resource) => resource !== events)

const byOwner = 'owner'
const byUid = 'uid'

/** Who owns whom, as the caches show it. */
export class ObjectGraph {
  readonly #transport: Transport
  readonly #byResource: ReadonlyMap<Resource, Informer<KubeObject>>
  readonly #informers: readonly Informer<KubeObject>[]

  constructor(transport: Transport, informers: Informers) {
    this.#transport = transport
    this.#byResource = new Map(collected.map((resource) => [resource, informers.for(resource)]))
    this.#informers = [...this.#byResource.values()]
    for (const informer of this.#informers) {
      informer.addIndex(byOwner, ({ metadata }) =>
        (metadata.ownerReferences ?? []).map(({ uid }) => uid),
      )
      informer.addIndex(byUid, ({ metadata: { uid } }) => (uid === undefined ? [] : [uid]))
    }
  }

  dependents(uid: string): readonly KubeObject[] {
    return this.#informers.flatMap(({ lister }) => lister.byIndex(byOwner, uid))
  }

  find(uid: string): KubeObject | undefined {
    for (const { lister } of this.#informers) {
      const [found] = lister.byIndex(byUid, uid)
      if (found) return found
    }
    return undefined
  }

  /** By the caches alone; `absent` may be no more than a cache that is behind. */
  cachedState({ metadata }: KubeObject, reference: OwnerReference): OwnerState {
    const resource = resourceOfKind(reference.apiVersion, reference.kind)
    if (!resource) return 'unknown'
    const { uid, name } = reference
    const namespace = resource.namespaced ? metadata.namespace : undefined
    const named = this.#byResource.get(resource)?.lister.get({ namespace, name })
    // Mostly it is where its name says; one of that name may have come in its place.
    const owner = named?.metadata.uid === uid ? named : this.find(uid)
    const isInReach = [undefined, metadata.namespace].includes(owner?.metadata.namespace)
    return owner && isInReach ? stateOf(owner) : 'absent'
  }

  /**
   * Asks the API before it says that an owner is absent: a cache may not have seen it yet (E-01,
   * E-02). What is in a namespace cannot own what is in none: there is nowhere to look for it.
   */
  async ownerState(dependent: KubeObject, reference: OwnerReference): Promise<OwnerState> {
    const resource = resourceOfKind(reference.apiVersion, reference.kind)
    if (!resource) return 'unknown'
    const namespace = resource.namespaced ? dependent.metadata.namespace : undefined
    if (resource.namespaced && namespace === undefined) return 'unknown'
    try {
      const owner = await this.#transport.get(resource, { namespace, name: reference.name })
      return owner.metadata.uid === reference.uid ? stateOf(owner) : 'absent'
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return 'absent'
      throw error
    }
  }
}

function stateOf(owner: KubeObject): OwnerState {
  return isDeletingDependents(owner) ? 'waiting' : 'solid'
}
