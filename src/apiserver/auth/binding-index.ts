import type { ClusterRoleBinding, RoleBinding, Subject } from '../../api/generated/types.ts'
import { clusterRoleBindings, roleBindings } from '../../api/scheme.ts'
import type { Entry, Store, StoreEvent } from '../../store/store.ts'
import { resourcePrefix } from '../store-keys.ts'
import type { WatchHub } from '../watch-hub.ts'
import { type Identity, serviceAccountUserName } from './identity.ts'

export type Binding = RoleBinding | ClusterRoleBinding

/** A binding with the one of its subjects that was asked for. */
export interface BoundSubject {
  readonly binding: Binding
  readonly subject: Subject
}

/** By the store's key of the binding. */
type Bound = Map<string, BoundSubject>

/**
 * All bindings by whom they name and where they count, kept up to date by watching the store: a
 * request looks at the bindings of its user and groups only.
 */
export class BindingIndex {
  readonly #bound = new Map<string, Bound>()

  constructor(store: Store, watchHub: WatchHub) {
    for (const resource of [clusterRoleBindings, roleBindings]) {
      const scope = resourcePrefix(resource)
      const { entries, revision } = store.list(scope)
      for (const entry of entries) this.#add(entry)
      const watcher = {
        scope,
        event: ({ type, entry, previous }: StoreEvent) => {
          if (previous) this.#remove(previous)
          if (type === 'put') this.#add(entry)
        },
        progress: () => {},
        end: () => {},
      }
      watchHub.join(watcher, revision)
    }
  }

  /** Bindings for the whole cluster first, then those of the namespace, if there is one. */
  *of({ user, groups }: Identity, namespace: string): Generator<BoundSubject> {
    const scopes = namespace === '' ? [''] : ['', namespace]
    for (const scope of scopes) {
      yield* this.#at(scope, `User/${user}`)
      for (const group of groups) yield* this.#at(scope, `Group/${group}`)
    }
  }

  #at(scope: string, subject: string): Iterable<BoundSubject> {
    return this.#bound.get(`${scope}/${subject}`)?.values() ?? []
  }

  #add({ key, object }: Entry): void {
    const binding = object as Binding
    for (const [index, subject] of placesOf(binding)) {
      const bound = this.#bound.get(index) ?? new Map()
      this.#bound.set(index, bound.set(key, { binding, subject }))
    }
  }

  #remove({ key, object }: Entry): void {
    for (const [index] of placesOf(object as Binding)) {
      const bound = this.#bound.get(index)
      bound?.delete(key)
      if (bound?.size === 0) this.#bound.delete(index)
    }
  }
}

/** Where a binding is looked up: `NAMESPACE/User/NAME`, the namespace '' for the whole cluster. */
function* placesOf({ metadata, subjects = [] }: Binding): Generator<readonly [string, Subject]> {
  const { namespace: scope = '' } = metadata
  for (const subject of subjects) {
    const name = indexNameOf(subject, scope)
    if (name !== undefined) yield [`${scope}/${name}`, subject]
  }
}

function indexNameOf({ kind, name, namespace }: Subject, scope: string): string | undefined {
  if (kind === 'User' || kind === 'Group') return `${kind}/${name}`
  const home = namespace || scope
  if (kind !== 'ServiceAccount' || home === '') return undefined
  return `User/${serviceAccountUserName({ namespace: home, name })}`
}
