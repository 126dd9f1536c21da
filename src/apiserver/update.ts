import { invalidValue } from '../api/field-errors.ts'
import type { Managers } from '../api/managed-fields/managers.ts'
import type { KubeObject, ObjectKey } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'
import { conflict, invalid, notFound } from '../api/status-error.ts'
import type { Subresource } from '../api/transport.ts'
import { validateStatusUpdate, validateUpdate, warningsFor } from '../api/validation/validate.ts'
import { type Entry, RevisionMismatch } from '../store/store.ts'
import { allocate } from './admission/admit.ts'
import type { GuardedOptions } from './auth/write-guard.ts'
import { encode, encodedEntry, valueAt } from './encode.ts'
import { existingEntry } from './existing-entry.ts'
import { managersAtUpdate, withManagers, withTimesOf } from './field-ownership.ts'
import type { Body, Encoded, Written } from './operations.ts'
import { type ReadBody, readBody } from './read-body.ts'
import { refuseIfInvalid } from './refuse-if-invalid.ts'
import { isSame } from './registry/same.ts'
import { strategyOf } from './registry/strategies.ts'
import type { RegistryStrategy } from './registry/strategy.ts'
import type { ServerContext } from './server-context.ts'
import { storeKey } from './store-keys.ts'
import { type View, viewOf } from './views.ts'
import { checkName, metadataAtUpdate, placeInNamespace } from './written-metadata.ts'

export interface UpdateRequest {
  readonly resource: Resource
  readonly key: ObjectKey
  readonly subresource: Subresource | undefined
  /**
   * How often the write is tried again on a newer version, when nothing in it is tied to an older
   * one.
   */
  readonly retriesMax: number
  /**
   * The new object, or the new form of the subresource, as made from the present one, and who owns
   * its fields, if that does not follow from what the update changes. `whole` is the present object
   * where a subresource shows it otherwise. May throw.
   */
  next(present: KubeObject, whole: KubeObject): ReadBody & { readonly managers?: Managers }
}

/**
 * PUT of an object or a subresource: conditional when the body has a resourceVersion (H-06, A-27).
 */
export function updateObject(
  context: ServerContext,
  {
    resource,
    key,
    body,
  }: { readonly resource: Resource; readonly key: ObjectKey; readonly body: Body },
  options: GuardedOptions,
): Promise<Written> {
  const strategy = strategyOf(resource)
  const { subresource } = options
  const view = viewOf(resource, subresource)
  const stored = context.store.get(storeKey(resource, key))?.object as KubeObject | undefined
  const known = view.resource === strategy.resource ? stored : undefined
  const read = readBody(view.resource, body, { ...options, known })
  if (!read.object.metadata.resourceVersion && !strategy.allowsUnconditionalUpdate) {
    const error = invalidValue('metadata.resourceVersion', 0, 'must be specified for an update')
    throw invalid({ group: resource.group, kind: resource.plural }, key.name, [error])
  }
  const retriesMax = Number.POSITIVE_INFINITY
  return rewrite(context, { resource, key, subresource, retriesMax, next: () => read }, options)
}

/**
 * Replaces an object by what `request.next` makes of it, again if another write came in between.
 */
export async function rewrite(
  context: ServerContext,
  request: UpdateRequest,
  options: GuardedOptions,
): Promise<Written> {
  const { resource, key, retriesMax } = request
  const strategy = strategyOf(resource)
  const view = viewOf(resource, request.subresource)
  for (let retries = 0; ; retries += 1) {
    const entry = existingEntry(context, resource, key)
    const old = entry.object as KubeObject
    const read = request.next(view.read(old), old)
    const settled = settle(strategy, view, { body: read.object, old, key })
    const { given } = read
    const managers =
      read.managers ?? managersAtUpdate(context, [old, settled], { resource, options, given })
    const object = withManagers(settled, managers)
    const advice = validate(view, object, { old, resource })
    options.guard?.content(resource, object, old)
    try {
      const stored = await replace(context, { strategy, entry, object }, options)
      const shown = view.read(stored.object)
      const answer = shown === stored.object ? stored : encode(shown)
      return { ...answer, code: 200, warnings: [...read.warnings, ...advice] }
    } catch (error) {
      if (!(error instanceof RevisionMismatch)) throw error
      if (!error.actual) throw notFound(resource, key.name)
      if (retries >= retriesMax) throw conflict(resource, key.name)
    }
  }
}

interface Settling {
  readonly body: KubeObject
  readonly old: KubeObject
  readonly key: ObjectKey
}

/** The object to be stored: what the body may change, and all else as before. */
function settle(strategy: RegistryStrategy, view: View, { body, old, key }: Settling): KubeObject {
  const { resource } = strategy
  const placed = placeInNamespace(resource, body, { namespace: key.namespace })
  checkName(placed, key)
  checkPreconditions(resource, placed, old)
  const metadata = metadataAtUpdate(placed.metadata, old.metadata)
  const object = view.write({ ...placed, metadata }, old)
  if (view.validatedAs !== 'object' || !strategy.raisesGeneration?.(object, old)) return object
  const generation = (old.metadata.generation ?? 0) + 1
  return { ...object, metadata: { ...object.metadata, generation } }
}

/**
 * A body that names a resourceVersion or a uid is meant for that object in that state only. Throws
 * 409.
 */
function checkPreconditions(resource: Resource, { metadata }: KubeObject, old: KubeObject): void {
  const { resourceVersion, uid } = metadata
  const name = old.metadata.name ?? ''
  if (uid && uid !== old.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`
    throw conflict(resource, name, why)
  }
  if (resourceVersion && resourceVersion !== old.metadata.resourceVersion) {
    throw conflict(resource, name)
  }
}

/** Returns what is worth a warning. Throws 422. */
function validate(
  view: View,
  object: KubeObject,
  { old, resource }: { readonly old: KubeObject; readonly resource: Resource },
): readonly string[] {
  if (view.validatedAs === 'object') {
    refuseIfInvalid(resource, object, validateUpdate(resource, object, old))
    return warningsFor(resource, object)
  }
  if (view.validatedAs === 'status') {
    refuseIfInvalid(resource, object, validateStatusUpdate(resource, object, old))
  }
  return []
}

interface Replacement {
  readonly strategy: RegistryStrategy
  readonly entry: Entry
  readonly object: KubeObject
}

/**
 * Writes unless nothing changes (H-06); removes what was only held by what this write took away
 * (E-06).
 */
async function replace(
  context: ServerContext,
  { strategy, entry, object }: Replacement,
  options: GuardedOptions,
): Promise<Encoded> {
  const { store } = context
  const { resource } = strategy
  const old = entry.object as KubeObject
  const { object: settled, release } = allocate(context, { resource, object, old })
  try {
    if (isSame(withTimesOf(settled, old), old)) return encodedEntry(entry)
    if (options.dryRun) return encode(settled)
    const { key, revision } = entry
    if (isFreed(strategy, settled)) {
      return encodedEntry(await store.delete(key, revision, (at) => valueAt(at, settled)))
    }
    return encodedEntry(await store.put(key, revision, (at) => valueAt(at, settled)))
  } finally {
    release()
  }
}

/** Whether a deletion was waiting for this object's last finalizer, and nothing holds it now. */
function isFreed(strategy: RegistryStrategy, object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata
  if (deletionTimestamp === undefined || (deletionGracePeriodSeconds ?? 0) > 0) return false
  return (finalizers ?? []).length === 0 && strategy.isHeld?.(object) !== true
}
