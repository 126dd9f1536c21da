import type { ControllerRevision, PodTemplateSpec } from '../api/generated/types.ts'
import type { Patch } from '../api/transport.ts'
import {
  byNumber,
  hasDataOf,
  numberOf,
  templateOfRevision,
  templatePatch,
} from './controller-revision.ts'
import type { Workload } from './workload.ts'
import { templateOfWorkload } from './workload.ts'

export type SetUndoPlan =
  | { readonly outcome: 'patch'; readonly target: ControllerRevision; readonly patch: Patch }
  /** `message` as kubectl prints it after the object. */
  | { readonly outcome: 'skip'; readonly message: string }
  | { readonly outcome: 'refuse'; readonly message: string }

/**
 * `rollout undo` of a StatefulSet or DaemonSet, as kubectl decides it (G-40, G-42). `owned`: the
 * ControllerRevisions it controls; `toRevision` 0: the one before the latest.
 */
export function planSetUndo(
  set: Workload,
  owned: readonly ControllerRevision[],
  toRevision: bigint,
): SetUndoPlan {
  const target = findSetTarget(owned, toRevision)
  if (typeof target === 'string') return { outcome: 'refuse', message: target }
  const live = { ...target, data: templatePatch(templateOfWorkload(set)) }
  if (hasDataOf(live, target)) {
    const why = `(current template already matches revision ${toRevision})`
    return { outcome: 'skip', message: `skipped rollback ${why}` }
  }
  const body = target.data ?? {}
  return {
    outcome: 'patch',
    target,
    patch: { type: 'application/strategic-merge-patch+json', body },
  }
}

/** The revision that is meant, or why there is none. */
export function findSetTarget(
  owned: readonly ControllerRevision[],
  toRevision: bigint,
): ControllerRevision | string {
  if (toRevision === 0n)
    return [...owned].sort(byNumber).at(-2) ?? 'no last revision to roll back to'
  const found = owned.find((each) => numberOf(each) === toRevision)
  return found ?? `unable to find specified revision ${toRevision} in history`
}

/**
 * The set with the template of one of its revisions: what `rollout history -o yaml` shows (G-25).
 */
export function withTemplateOf<T extends Workload>(set: T, revision: ControllerRevision): T {
  const template: PodTemplateSpec = templateOfRevision(revision)
  return { ...set, spec: { ...set.spec, template } } as T
}
