import { findCondition } from '../../api/condition.ts'
import { isPodReady } from '../../api/pod-facts.ts'
import { reportRollout } from '../../rollout/rollout-status.ts'
import type { ObservedWorkload } from '../observe-workload.ts'
import { podWords } from './pod-words.ts'
import type { Verdict } from './record-object.ts'
import type { Release } from './release.ts'

/**
 * What is to be said of the release that runs now, if it is new: healthy once all of it is
 * available, failed when its pods cannot start or time is up. Healthy stays healthy; failed may
 * become healthy. A Deployment of size 0 proves nothing.
 */
export function newVerdict(
  observed: ObservedWorkload,
  release: Release,
  at: string,
): Verdict | undefined {
  if (release.health === 'healthy') return undefined
  if (isProven(observed, release)) return { health: 'healthy', at }
  const why = failure(observed)
  if (why === undefined || release.health === 'failed') return undefined
  return { health: 'failed', at, why }
}

function isProven({ deployment, pods }: ObservedWorkload, release: Release): boolean {
  if ((deployment.spec?.replicas ?? 0) === 0 || deployment.spec?.paused) return false
  if (reportRollout(deployment).outcome !== 'done') return false
  if (!release.isConfigurationOnly) return true
  // Nobody restarted the pods for it: only those that began since have read all of it.
  const began = pods.filter(isPodReady).map(({ metadata }) => metadata.creationTimestamp ?? '')
  return began.length > 0 && began.every((time) => Date.parse(time) > Date.parse(release.at))
}

function failure({ deployment, newReplicaSet, pods }: ObservedWorkload): string | undefined {
  const { generation = 0 } = deployment.metadata
  if (generation > (deployment.status?.observedGeneration ?? 0)) return undefined
  if (reportRollout(deployment).outcome === 'done') return undefined
  const words = podWords(pods)
  const progressing = findCondition(deployment.status?.conditions, 'Progressing')
  const isOver = progressing?.reason === 'ProgressDeadlineExceeded'
  // The condition of a rollout before this one may still stand.
  const name = newReplicaSet?.metadata.name
  const isOfThis = name !== undefined && progressing?.message?.includes(`"${name}"`) === true
  return words ?? (isOver && isOfThis ? progressing?.message : undefined)
}
