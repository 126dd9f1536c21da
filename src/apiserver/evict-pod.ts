import { setCondition } from '../api/condition.ts'
import type {
  DeleteOptions,
  Eviction,
  Pod,
  PodCondition,
  PodDisruptionBudget,
} from '../api/generated/types.ts'
import { compileLabelSelector } from '../api/labels.ts'
import { isTerminating, type ObjectKey } from '../api/object.ts'
import { isPodReady, isPodTerminal } from '../api/pod-facts.ts'
import { podDisruptionBudgets, pods } from '../api/scheme.ts'
import { badRequest, isStatusError, StatusError } from '../api/status-error.ts'
import type { WriteOptions } from '../api/transport.ts'
import { timestamp } from '../base/clock.ts'
import { type Entry, RevisionMismatch } from '../store/store.ts'
import { deleteObject } from './delete.ts'
import { chargeBudget, overBudget } from './disruption-budget.ts'
import { createdStatus, encode, valueAt } from './encode.ts'
import { existingEntry } from './existing-entry.ts'
import type { Body, Written } from './operations.ts'
import { readBody } from './read-body.ts'
import type { ServerContext } from './server-context.ts'
import { collectionPrefix } from './store-keys.ts'
import { evictions } from './views.ts'
import { placeInNamespace } from './written-metadata.ts'

/**
 * POST of `/eviction`: deletes a pod if its disruption budget allows that (I-30). Answers 201 with
 * a Status. Throws 429 with the cause `DisruptionBudget` while it does not, 404, and what DELETE
 * throws.
 */
export async function evictPod(
  context: ServerContext,
  { key, body }: { readonly key: ObjectKey; readonly body: Body },
  options: WriteOptions,
): Promise<Written> {
  const { object, warnings } = readBody(evictions, body, options)
  const eviction = placeInNamespace(evictions, object, key) as Eviction
  if (eviction.metadata.name !== key.name) {
    throw badRequest('name in URL does not match name in Eviction object')
  }
  const deletion = deletionOf(eviction, options)
  const answer = { ...encode(createdStatus), code: 201, warnings }
  for (;;) {
    try {
      await evictOnce(context, key, deletion)
      return answer
    } catch (error) {
      const isOvertaken = error instanceof RevisionMismatch
      const isPinned = deletion.preconditions?.resourceVersion !== undefined
      if (!isOvertaken && (isPinned || !isStatusError(error, 'Conflict'))) throw error
    }
  }
}

/** A dry run may be asked for in the query, in the body, or in both alike. */
function deletionOf({ deleteOptions = {} }: Eviction, { dryRun }: WriteOptions) {
  return dryRun ? { ...deleteOptions, dryRun: ['All'] } : deleteOptions
}

/** Throws RevisionMismatch or 409 when something has changed meanwhile. */
async function evictOnce(
  context: ServerContext,
  key: ObjectKey,
  deletion: Partial<DeleteOptions>,
): Promise<void> {
  const entry = existingEntry(context, pods, key)
  const pod = entry.object as Pod
  if (isDisruptedAlready(pod)) {
    const isPending = pod.status?.phase === 'Pending' && !isTerminating(pod)
    await remove(context, entry, isPending ? asSeen(deletion, pod) : deletion)
    return
  }
  const budgetEntry = budgetOf(context, pod)
  if (budgetEntry === undefined) return remove(context, entry, deletion)
  const budget = budgetEntry.object as PodDisruptionBudget
  if (!isPodReady(pod) && allowsUnready(budget)) {
    try {
      return await remove(context, entry, asSeen(deletion, pod))
    } catch (error) {
      if (!isStatusError(error, 'Conflict')) throw error
      throw overBudget(budget)
    }
  }
  await charge(context, { entry: budgetEntry, pod }, deletion)
  return remove(context, entry, deletion)
}

/** Nothing runs there that a budget could protect. */
function isDisruptedAlready(pod: Pod): boolean {
  return isPodTerminal(pod) || pod.status?.phase === 'Pending' || isTerminating(pod)
}

/** A pod that is not ready takes nothing from those that are (unhealthyPodEvictionPolicy). */
function allowsUnready({ spec, status }: PodDisruptionBudget): boolean {
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {}
  return currentHealthy >= desiredHealthy && desiredHealthy > 0
}

/** Only while the pod is as it was when this was decided, unless the caller said so itself. */
function asSeen(deletion: Partial<DeleteOptions>, { metadata }: Pod): Partial<DeleteOptions> {
  const { resourceVersion } = metadata
  return { ...deletion, preconditions: { resourceVersion, ...deletion.preconditions } }
}

/** The budget that covers a pod. Throws 500 for more than one, as upstream does. */
function budgetOf({ store }: ServerContext, { metadata }: Pod): Entry | undefined {
  const { namespace, labels } = metadata
  const { entries } = store.list(collectionPrefix(podDisruptionBudgets, { namespace }))
  const [first, ...others] = entries.filter(({ object }) =>
    compileLabelSelector((object as PodDisruptionBudget).spec?.selector).matches(labels),
  )
  if (others.length === 0) return first
  const text =
    'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.'
  throw new StatusError('InternalError', text)
}

async function charge(
  { store, clock }: ServerContext,
  { entry, pod }: { readonly entry: Entry; readonly pod: Pod },
  { dryRun = [] }: Partial<DeleteOptions>,
): Promise<void> {
  const charged = chargeBudget(entry.object as PodDisruptionBudget, pod, clock.now())
  if (dryRun.length > 0) return
  await store.put(entry.key, entry.revision, (at) => valueAt(at, charged))
}

/** Tells why in the pod's status, then deletes it. */
async function remove(
  context: ServerContext,
  entry: Entry,
  deletion: Partial<DeleteOptions>,
): Promise<void> {
  const { dryRun = [], preconditions } = deletion
  const pod = entry.object as Pod
  const { namespace, name = '', resourceVersion } = pod.metadata
  const isSeen = [undefined, resourceVersion].includes(preconditions?.resourceVersion)
  if (dryRun.length > 0 || isPodTerminal(pod) || isTerminating(pod) || !isSeen) {
    await deleteObject(context, { resource: pods, key: { namespace, name } }, deletion)
    return
  }
  const told = withDisruptionTarget(pod, context.clock.now())
  const { revision } = await context.store.put(entry.key, entry.revision, (at) => valueAt(at, told))
  const current = { ...preconditions, resourceVersion: String(revision) }
  const options = preconditions?.resourceVersion
    ? { ...deletion, preconditions: current }
    : deletion
  await deleteObject(context, { resource: pods, key: { namespace, name } }, options)
}

function withDisruptionTarget(pod: Pod, nowMs: number): Pod {
  const target: PodCondition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  }
  const conditions = setCondition(pod.status?.conditions, target, timestamp(nowMs))
  return { ...pod, status: { ...pod.status, conditions } }
}
