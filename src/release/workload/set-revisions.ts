import type { ControllerRevision, DaemonSet, Pod, StatefulSet } from '../../api/generated/types.ts'
import { compileLabelSelector } from '../../api/labels.ts'
import { revisionHashLabel } from '../../api/names.ts'
import { controllerRef, isTerminating } from '../../api/object.ts'
import { isPodReady, podCondition } from '../../api/pod-facts.ts'
import { controllerRevisions, pods } from '../../api/scheme.ts'
import type { Transport } from '../../api/transport.ts'
import { byNumber, numberOf, templateOfRevision } from '../../rollout/controller-revision.ts'
import { digest } from '../template.ts'
import type { KeptRevision, RolloutStage, WorkloadRevisions } from './workload-rules.ts'

/**
 * What a StatefulSet or DaemonSet keeps in ControllerRevisions (D-01, D-04). `hashOf`: what pods of
 * a revision carry.
 */
export async function observeSet(
  transport: Transport,
  set: StatefulSet | DaemonSet,
  hashOf: (revision: ControllerRevision) => string,
): Promise<WorkloadRevisions> {
  const { namespace, uid } = set.metadata
  const options = { labelSelector: compileLabelSelector(set.spec?.selector).text }
  const isOwn = (each: ControllerRevision | Pod) => controllerRef(each)?.uid === uid
  const kept = await transport.list(controllerRevisions, { namespace }, options)
  const owned = kept.items.filter(isOwn).sort(byNumber)
  const live = digest(set.spec?.template)
  const latest = owned.findLast((each) => digest(templateOfRevision(each)) === live)
  const revisions = owned.map((each, i) => keptControllerRevision(each, owned.slice(0, i)))
  const all = (await transport.list(pods, { namespace }, options)).items.filter(isOwn)
  const hash = latest && hashOf(latest)
  const isRunning = ({ metadata }: Pod) => metadata.labels?.[revisionHashLabel] === hash
  return {
    revisions,
    running: revisions.find(({ object }) => object === latest),
    pods: latest ? all.filter(isRunning) : [],
    outdatedPods: latest ? all.filter((pod) => !isRunning(pod)) : all,
  }
}

/** One that comes back gets a new number (D-04): then those before it may be younger. */
export function keptControllerRevision(
  revision: ControllerRevision,
  before: readonly ControllerRevision[],
): KeptRevision {
  const { creationTimestamp = '' } = revision.metadata
  return {
    number: numberOf(revision),
    template: templateOfRevision(revision),
    object: revision,
    isReused: before.some(({ metadata }) => (metadata.creationTimestamp ?? '') > creationTimestamp),
  }
}

/**
 * A set has no deadline of its own: its pods get the time that a Deployment's have by default
 * (`progressDeadlineSeconds`, A-03).
 */
const readyWithinMs = 600_000

/** Rolling, until a pod of the new revision has had its time and is not ready yet. */
export function rollingUntilOverdue(all: readonly Pod[], nowMs: number): RolloutStage {
  const waiting = all
    .filter((pod) => !isPodReady(pod) && !isTerminating(pod))
    .map((pod) => ({ pod, failsAtMs: unreadySinceMs(pod) + readyWithinMs }))
    .sort((a, b) => a.failsAtMs - b.failsAtMs)
  const [first] = waiting
  if (!first) return { stage: 'rolling' }
  const { pod, failsAtMs } = first
  if (failsAtMs > nowMs) return { stage: 'rolling', failsAtMs }
  const why = (podCondition(pod, 'Ready') ?? podCondition(pod, 'PodScheduled'))?.message
  const what = `${pod.metadata.name} is not ready after ${readyWithinMs / 1000} s`
  return { stage: 'failed', why: why ? `${what}: ${why}` : what }
}

function unreadySinceMs(pod: Pod): number {
  const since = podCondition(pod, 'Ready')?.lastTransitionTime ?? pod.metadata.creationTimestamp
  return Date.parse(since ?? '') || 0
}

/** `2 pods stay at the old revision because partition=2 (web-0 is not ready)`. */
export function heldBack(count: number, because: string, outdated: readonly Pod[]): RolloutStage {
  const who = count === 1 ? '1 pod stays' : `${count} pods stay`
  const broken = outdated.filter((pod) => !isPodReady(pod)).map(({ metadata }) => metadata.name)
  const trouble = broken.length > 0 ? ` (not ready: ${broken.sort().join(', ')})` : ''
  return { stage: 'held', why: `${who} at the old revision because ${because}${trouble}` }
}

export function isOnDelete({ spec }: StatefulSet | DaemonSet): boolean {
  return spec?.updateStrategy?.type === 'OnDelete'
}

export const onDelete = 'updateStrategy is OnDelete: each goes when somebody deletes it'
