import type { Deployment, PodTemplateSpec, ReplicaSet } from '../api/generated/types.ts'
import type { JsonValue } from '../api/json.ts'
import type { Patch } from '../api/transport.ts'
import { hasTemplateOf } from './new-replica-set.ts'
import { type Annotations, copiedAnnotations, ownAnnotations } from './replica-set-annotations.ts'
import { revisionOf } from './revisions.ts'
import { specOf } from './sizes.ts'
import { withoutHashLabel } from './template-hash.ts'

export type RollbackTarget =
  | { readonly outcome: 'found'; readonly replicaSet: ReplicaSet; readonly revision: bigint }
  | { readonly outcome: 'missing' }

/** The ReplicaSet with this revision; for 0 the one before the latest (B-81, B-82). */
export function findRollbackTarget(
  replicaSets: readonly ReplicaSet[],
  toRevision: bigint,
): RollbackTarget {
  const byRevisionDown = replicaSets
    .flatMap((replicaSet) => {
      const revision = revisionOf(replicaSet)
      return revision === undefined ? [] : [{ outcome: 'found', replicaSet, revision } as const]
    })
    .sort((a, b) => (a.revision < b.revision ? 1 : a.revision > b.revision ? -1 : 0))
  if (toRevision === 0n) return byRevisionDown[1] ?? { outcome: 'missing' }
  return byRevisionDown.find(({ revision }) => revision === toRevision) ?? { outcome: 'missing' }
}

/** What an undo makes of a Deployment: template and annotations, nothing else (B-80, B-86). */
export interface RestoredFields {
  readonly template: PodTemplateSpec
  readonly annotations: Annotations
}

export function restoredFields(deployment: Deployment, target: ReplicaSet): RestoredFields {
  return {
    template: withoutHashLabel(target.spec?.template ?? {}),
    annotations: {
      ...ownAnnotations(deployment.metadata.annotations),
      ...copiedAnnotations(target.metadata.annotations),
    },
  }
}

/** What a client sends: one JSON patch, so one generation (B-80). */
export function undoPatch(deployment: Deployment, target: ReplicaSet): Patch {
  const { template, annotations } = restoredFields(deployment, target)
  return {
    type: 'application/json-patch+json',
    body: [
      { op: 'replace', path: '/spec/template', value: template as JsonValue },
      { op: 'replace', path: '/metadata/annotations', value: annotations },
    ],
  }
}

export type UndoPlan =
  | { readonly outcome: 'patch'; readonly target: ReplicaSet; readonly patch: Patch }
  /** `message` as kubectl prints it after the object (B-84). */
  | { readonly outcome: 'skip'; readonly target: ReplicaSet; readonly message: string }
  | { readonly outcome: 'refuse'; readonly message: string }

/**
 * `rollout undo` of a Deployment, as kubectl decides it (B-80..84). `owned`: the ReplicaSets it
 * controls.
 */
export function planUndo(
  deployment: Deployment,
  owned: readonly ReplicaSet[],
  toRevision: bigint,
): UndoPlan {
  const target = findRollbackTarget(owned, toRevision)
  if (target.outcome === 'missing')
    return { outcome: 'refuse', message: missing(deployment, toRevision) }
  if (specOf(deployment).paused) {
    const how = "resume it first with 'kubectl rollout resume' and try again"
    return { outcome: 'refuse', message: `you cannot rollback a paused deployment; ${how}` }
  }
  const { replicaSet } = target
  if (hasTemplateOf(deployment, replicaSet)) {
    const why = `(current template already matches revision ${toRevision})`
    return { outcome: 'skip', target: replicaSet, message: `skipped rollback ${why}` }
  }
  return { outcome: 'patch', target: replicaSet, patch: undoPatch(deployment, replicaSet) }
}

function missing(deployment: Deployment, toRevision: bigint): string {
  return toRevision === 0n
    ? `no rollout history found for deployment "${deployment.metadata.name}"`
    : `unable to find specified revision ${toRevision} in history`
}
