import type { DaemonSet, StatefulSet } from '../api/generated/types.ts'
import { type RolloutReport, reportRollout } from './rollout-status.ts'
import { isDaemonSet, isStatefulSet, type Workload } from './workload.ts'

/** What `rollout status` says of a workload of any kind; only a Deployment knows its revision. */
export function reportWorkload(workload: Workload, wantedRevision = 0n): RolloutReport {
  if (isStatefulSet(workload)) return reportStatefulSet(workload)
  if (isDaemonSet(workload)) return reportDaemonSet(workload)
  return reportRollout(workload, wantedRevision)
}

/** G-39. */
const notRolling: RolloutReport = {
  outcome: 'failed',
  message: 'rollout status is only available for RollingUpdate strategy type',
}

/** G-30, G-38. */
function reportStatefulSet({ metadata, spec, status }: StatefulSet): RolloutReport {
  const { updateStrategy } = spec ?? {}
  if (updateStrategy?.type !== 'RollingUpdate') return notRolling
  const { observedGeneration = 0, readyReplicas = 0, updatedReplicas = 0 } = status ?? {}
  if (observedGeneration === 0 || (metadata.generation ?? 0) > observedGeneration) {
    return waiting('Waiting for statefulset spec update to be observed...')
  }
  const missing = (spec?.replicas ?? 0) - readyReplicas
  if (missing > 0) return waiting(`Waiting for ${missing} pods to be ready...`)
  if (!updateStrategy.rollingUpdate) return reportWhole(status ?? {})
  const wanted = (spec?.replicas ?? 0) - (updateStrategy.rollingUpdate.partition ?? 0)
  if (updatedReplicas < wanted) {
    const what = `${updatedReplicas} out of ${wanted} new pods have been updated`
    return waiting(`Waiting for partitioned roll out to finish: ${what}...`)
  }
  return done(`partitioned roll out complete: ${updatedReplicas} new pods have been updated...`)
}

/** Without `rollingUpdate` there is no partition: the revisions tell. */
function reportWhole(status: Partial<NonNullable<StatefulSet['status']>>): RolloutReport {
  const { updatedReplicas = 0, updateRevision = '', currentReplicas = 0, currentRevision } = status
  return updateRevision === (currentRevision ?? '')
    ? done(
        `statefulset rolling update complete ${currentReplicas} pods at revision ${updateRevision}...`,
      )
    : waiting(
        `waiting for statefulset rolling update to complete ${updatedReplicas} pods at revision ${updateRevision}...`,
      )
}

/** G-30, G-37. */
function reportDaemonSet({ metadata, spec, status }: DaemonSet): RolloutReport {
  if (spec?.updateStrategy?.type !== 'RollingUpdate') return notRolling
  const { observedGeneration = 0, desiredNumberScheduled = 0 } = status ?? {}
  const { updatedNumberScheduled = 0, numberAvailable = 0 } = status ?? {}
  if ((metadata.generation ?? 0) > observedGeneration) {
    return waiting('Waiting for daemon set spec update to be observed...')
  }
  const name = JSON.stringify(metadata.name)
  const unfinished = (what: string) =>
    waiting(`Waiting for daemon set ${name} rollout to finish: ${what}...`)
  if (updatedNumberScheduled < desiredNumberScheduled) {
    const what = `${updatedNumberScheduled} out of ${desiredNumberScheduled} new pods`
    return unfinished(`${what} have been updated`)
  }
  if (numberAvailable < desiredNumberScheduled) {
    return unfinished(`${numberAvailable} of ${desiredNumberScheduled} updated pods are available`)
  }
  return done(`daemon set ${name} successfully rolled out`)
}

function waiting(message: string): RolloutReport {
  return { outcome: 'waiting', message }
}

function done(message: string): RolloutReport {
  return { outcome: 'done', message }
}
