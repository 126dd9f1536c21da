import type { Deployment } from '../../api/generated/types.ts'
import type { RolloutReport } from '../../rollout/rollout-status.ts'
import { desiredReplicas, specOf } from '../../rollout/sizes.ts'
import type { PodRow, ReplicaSetRow } from './picture.ts'
import { isTrouble } from './pod-trouble.ts'

export interface HeadlineFacts {
  readonly report: RolloutReport
  readonly replicaSets: readonly ReplicaSetRow[]
}

const namedMax = 2

/**
 * What the rollout is doing right now, such as `waiting for readiness of app-7d4b9c-x2k8l (1.1.0)`.
 */
export function headlineOf(deployment: Deployment, facts: HeadlineFacts): string {
  const { generation = 0 } = deployment.metadata
  const newest = facts.replicaSets.find(({ isNew }) => isNew)
  const steps = [...additions(newest), ...removals(facts.replicaSets)]
  if (generation > (deployment.status?.observedGeneration ?? 0)) {
    return 'the controller has yet to see the change'
  }
  if (facts.report.outcome === 'failed') return ['stuck', ...steps].join(': ')
  if (facts.report.outcome === 'done') {
    return [complete(deployment, newest), ...removals(facts.replicaSets)].join(', ')
  }
  if (specOf(deployment).paused) return ['paused', ...steps].join(', ')
  return steps.join(', ') || 'the next step is being decided'
}

function complete(deployment: Deployment, newest: ReplicaSetRow | undefined): string {
  const desired = desiredReplicas(deployment)
  if (newest === undefined || desired === 0) return 'complete: no pod is wanted'
  const pods = desired === 1 ? 'the one pod runs' : `all ${desired} pods run`
  return `complete: ${pods} ${newest.version} (revision ${newest.revision})`
}

function additions(newest: ReplicaSetRow | undefined): readonly string[] {
  if (newest === undefined) return []
  const living = newest.pods.filter(({ isTerminating }) => !isTerminating)
  const missing = newest.desired - living.length
  const unready = living.filter(({ isReady }) => !isReady)
  return [
    ...(missing > 0 ? [`creating ${count(missing)} of ${newest.version}`] : []),
    ...(unready.length > 0 ? [`waiting for readiness of ${names(unready)}`] : []),
  ]
}

function removals(replicaSets: readonly ReplicaSetRow[]): readonly string[] {
  const leaving = replicaSets.flatMap(({ pods }) => pods.filter((pod) => pod.isTerminating))
  const surplus = replicaSets.flatMap(({ version, desired, pods }) => {
    const living = pods.filter(({ isTerminating }) => !isTerminating).length
    return living > desired ? [`removing ${count(living - desired)} of ${version}`] : []
  })
  return [...surplus, ...(leaving.length > 0 ? [`removing ${names(leaving)}`] : [])]
}

function count(pods: number): string {
  return pods === 1 ? 'a pod' : `${pods} pods`
}

function names(pods: readonly PodRow[]): string {
  const named = pods.slice(0, namedMax).map((pod) => `${pod.name} (${remarks(pod).join(', ')})`)
  const more = pods.length - named.length
  return more > 0 ? `${named.join(', ')} and ${more} more` : named.join(' and ')
}

function remarks({ version, status }: PodRow): readonly string[] {
  return isTrouble(status) ? [version, status] : [version]
}
