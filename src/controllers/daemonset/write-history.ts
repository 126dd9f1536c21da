import type { ControllerRevision, DaemonSet, Pod } from '../../api/generated/types.ts'
import type { JsonValue } from '../../api/json.ts'
import { revisionHashLabel } from '../../api/names.ts'
import { type KubeObject, keyOf } from '../../api/object.ts'
import { controllerRevisions, daemonSets, pods } from '../../api/scheme.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { Transport } from '../../api/transport.ts'
import { hasDataOf } from '../../rollout/controller-revision.ts'
import { type DaemonSetHistory, hashOf } from '../../rollout/daemon-set-history.ts'

interface Scene {
  readonly daemonSet: DaemonSet
  readonly pods: readonly Pod[]
}

interface Written {
  readonly current: ControllerRevision
  /** The scene's, as they are after those of a duplicate were taken over. */
  readonly pods: readonly Pod[]
}

/** Makes the current revision be there once, and be the latest (D-04, D-05, D-39). */
export async function writeHistory(
  history: DaemonSetHistory,
  { daemonSet, pods: found }: Scene,
  transport: Transport,
): Promise<Written> {
  const { current, wanted, isCurrentChanged, duplicates } = history
  if (!current) return { current: await create(wanted, daemonSet, transport), pods: found }
  let owned = found
  for (const duplicate of duplicates) {
    owned = await relabel(owned, { from: hashOf(duplicate), to: hashOf(current) }, transport)
    await deleteRevision(duplicate, transport)
  }
  if (!isCurrentChanged) return { current, pods: owned }
  const updated = await transport.update(controllerRevisions, keyOf(current), current)
  return { current: updated, pods: owned }
}

/**
 * A name that is taken by other data: the next hash will differ, and this pass ends here (D-05).
 */
async function create(
  wanted: ControllerRevision,
  daemonSet: DaemonSet,
  transport: Transport,
): Promise<ControllerRevision> {
  const where = { namespace: daemonSet.metadata.namespace }
  try {
    return await transport.create(controllerRevisions, where, wanted)
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error
    const existing = await transport.get(controllerRevisions, keyOf(wanted))
    if (hasDataOf(existing, wanted)) return existing
    const collisionCount = (daemonSet.status?.collisionCount ?? 0) + 1
    const object: KubeObject & Pick<DaemonSet, 'status'> = {
      ...daemonSet,
      status: { ...emptyStatus, ...daemonSet.status, collisionCount },
    }
    await transport.update(daemonSets, keyOf(daemonSet), object, { subresource: 'status' })
    throw error
  }
}

const emptyStatus = {
  currentNumberScheduled: 0,
  numberMisscheduled: 0,
  desiredNumberScheduled: 0,
  numberReady: 0,
}

/** All of `owned`, those that had the one hash with the other. */
async function relabel(
  owned: readonly Pod[],
  { from, to }: { readonly from: string; readonly to: string },
  transport: Transport,
): Promise<readonly Pod[]> {
  const relabelled: Pod[] = []
  for (const pod of owned) {
    if (pod.metadata.labels?.[revisionHashLabel] !== from) {
      relabelled.push(pod)
      continue
    }
    const metadata = { uid: pod.metadata.uid, labels: { [revisionHashLabel]: to } }
    const body = { metadata } as JsonValue
    const patch = { type: 'application/merge-patch+json', body } as const
    relabelled.push(await transport.patch<Pod>(pods, keyOf(pod), patch))
  }
  return relabelled
}

/** Of this version only: one that was taken up again stays. */
export async function deleteRevision(
  revision: ControllerRevision,
  transport: Transport,
): Promise<void> {
  const { uid, resourceVersion } = revision.metadata
  const preconditions = { uid, resourceVersion }
  try {
    await transport.delete(controllerRevisions, keyOf(revision), { preconditions })
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error
  }
}
