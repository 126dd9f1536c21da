import { findCondition } from '../api/condition.ts'
import type { Deployment } from '../api/generated/types.ts'
import { revisionOf } from './revisions.ts'

/** What `rollout status` says of a Deployment at one moment. */
export type RolloutReport =
  | { readonly outcome: 'waiting' | 'done'; readonly message: string }
  /** It cannot succeed any more: exit code 1. */
  | { readonly outcome: 'failed'; readonly message: string }

/** G-30..36. `wantedRevision` is `--revision`; 0: whichever runs. */
export function reportRollout(deployment: Deployment, wantedRevision = 0n): RolloutReport {
  const { metadata, spec, status = {} } = deployment
  const name = JSON.stringify(metadata.name)
  const revision = revisionOf(deployment)
  if (wantedRevision > 0n && revision !== wantedRevision) {
    const message = `desired revision (${wantedRevision}) is different from the running revision (${revision ?? 0n})`
    return { outcome: 'failed', message }
  }
  if ((metadata.generation ?? 0) > (status.observedGeneration ?? 0)) {
    return waiting('Waiting for deployment spec update to be observed...')
  }
  if (findCondition(status.conditions, 'Progressing')?.reason === 'ProgressDeadlineExceeded') {
    return { outcome: 'failed', message: `deployment ${name} exceeded its progress deadline` }
  }
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = status
  const wanted = spec?.replicas ?? 0
  const unfinished = (what: string) =>
    waiting(`Waiting for deployment ${name} rollout to finish: ${what}...`)
  if (updatedReplicas < wanted) {
    return unfinished(`${updatedReplicas} out of ${wanted} new replicas have been updated`)
  }
  if (replicas > updatedReplicas) {
    return unfinished(`${replicas - updatedReplicas} old replicas are pending termination`)
  }
  if (availableReplicas < updatedReplicas) {
    return unfinished(`${availableReplicas} of ${updatedReplicas} updated replicas are available`)
  }
  return { outcome: 'done', message: `deployment ${name} successfully rolled out` }
}

function waiting(message: string): RolloutReport {
  return { outcome: 'waiting', message }
}
