import type { KubeObject, ObjectKey } from '../../api/object.ts'
import type { Resource } from '../../api/resource.ts'
import type { WriteOptions } from '../../api/transport.ts'
import type { Authorizer } from './authorizer.ts'
import { checkGrant } from './escalation.ts'
import { type Identity, isMaster } from './identity.ts'

/** What only shows in the middle of a write whether the caller may do it. All throw 403. */
export interface WriteGuard {
  /** An apply finds nothing there, so that it creates. */
  creation(resource: Resource, key: ObjectKey): void
  /** The object is about to be stored; `old` is absent for a new one. */
  content(resource: Resource, object: KubeObject, old?: KubeObject): void
}

/** Without a guard everything is allowed: so the server's own writes go. */
export interface GuardedOptions extends WriteOptions {
  readonly guard?: WriteGuard | undefined
}

/** Undefined for masters, to whom the engine's own parts belong: their writes pay nothing. */
export function guardOf(authorizer: Authorizer, identity: Identity): WriteGuard | undefined {
  if (isMaster(identity)) return undefined
  return {
    creation({ group, plural }, { namespace = '', name }) {
      const place = { group, resource: plural, subresource: '', namespace, name }
      authorizer.require(identity, { ...place, verb: 'create' })
    },
    content(resource, object, old) {
      checkGrant(authorizer, identity, { resource, object, old })
    },
  }
}
