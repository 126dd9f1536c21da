import type { DeleteOptions, Status } from '../api/generated/types.ts'
import type { KubeObject, ObjectKey } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'
import { isStatusError, notFound } from '../api/status-error.ts'
import type { Collection, ListOptions } from '../api/transport.ts'
import { type Entry, RevisionMismatch } from '../store/store.ts'
import { checkDeletable } from './admission/namespace-lifecycle.ts'
import { checkClassDeletable } from './admission/priority.ts'
import { checkDeleteOptions, checkDeletePreconditions } from './delete-options.ts'
import { planDeletion } from './deletion-plan.ts'
import { encode, encodedEntry, valueAt } from './encode.ts'
import { existingEntry } from './existing-entry.ts'
import { listObjects } from './get-list.ts'
import type { Encoded, EncodedList } from './operations.ts'
import { strategyOf } from './registry/strategies.ts'
import type { ServerContext } from './server-context.ts'

export type Deleted = Encoded & { readonly lingers: boolean }

/** Deletions of one collection that are on their way at the same time. */
const deletionsAtOnce = 64

interface DeleteRequest {
  readonly resource: Resource
  readonly key: ObjectKey
}

/** DELETE: the object while finalizers or a grace period keep it, else a Status (E-03..09). */
export async function deleteObject(
  context: ServerContext,
  { resource, key }: DeleteRequest,
  options: Partial<DeleteOptions>,
): Promise<Deleted> {
  checkDeleteOptions(options)
  checkDeletable(resource, key.name)
  checkClassDeletable(resource, key.name)
  for (;;) {
    const entry = existingEntry(context, resource, key)
    try {
      return await deleteEntry(context, { resource, entry }, options)
    } catch (error) {
      if (!(error instanceof RevisionMismatch)) throw error
      if (!error.actual) throw notFound(resource, key.name)
    }
  }
}

/** Throws RevisionMismatch when the object has changed meanwhile. */
async function deleteEntry(
  { store, clock }: ServerContext,
  { resource, entry }: { readonly resource: Resource; readonly entry: Entry },
  options: Partial<DeleteOptions>,
): Promise<Deleted> {
  const present = entry.object as KubeObject
  checkDeletePreconditions(resource, present, options)
  const moment = { strategy: strategyOf(resource), options, nowMs: clock.now() }
  const plan = planDeletion(present, moment)
  if (plan.action === 'nothing') return { ...encodedEntry(entry), lingers: true }
  const { object } = plan
  const isDryRun = (options.dryRun ?? []).length > 0
  if (plan.action === 'mark') {
    if (isDryRun) return { ...encode(object), lingers: true }
    const marked = await store.put(entry.key, entry.revision, (at) => valueAt(at, object))
    return { ...encodedEntry(marked), lingers: true }
  }
  if (!isDryRun) await store.delete(entry.key, entry.revision, (at) => valueAt(at, object))
  return { ...encode(success(resource, object)), lingers: false }
}

function success({ group, plural }: Resource, { metadata }: KubeObject): Status & KubeObject {
  const { name, uid } = metadata
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name, ...(group && { group }), kind: plural, uid },
  }
}

/**
 * DELETE of a collection: returns what was selected (H-22). What others delete meanwhile is no
 * error.
 */
export async function deleteCollection(
  context: ServerContext,
  { resource, where }: { readonly resource: Resource; readonly where: Collection },
  options: Partial<DeleteOptions> & ListOptions,
): Promise<EncodedList> {
  checkDeleteOptions(options)
  const selected = listObjects(context, { resource, where }, options)
  for (let from = 0; from < selected.items.length; from += deletionsAtOnce) {
    const batch = selected.items.slice(from, from + deletionsAtOnce)
    await Promise.all(
      batch.map(async ({ object }) => {
        const { namespace, name = '' } = object.metadata
        try {
          await deleteObject(context, { resource, key: { namespace, name } }, options)
        } catch (error) {
          if (!isStatusError(error, 'NotFound')) throw error
        }
      }),
    )
  }
  return selected
}
