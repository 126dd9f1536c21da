import type { DeleteOptions, ObjectMeta } from '../api/generated/types.ts'
import type { KubeObject } from '../api/object.ts'
import { timestamp } from '../base/clock.ts'
import { finalizersForDeletion } from './delete-options.ts'
import { isSame } from './registry/same.ts'
import type { RegistryStrategy } from './registry/strategy.ts'

/**
 * What a DELETE does to an object: nothing (it is waiting already), a mark while it lingers, or its
 * end.
 */
export type DeletionPlan =
  | { readonly action: 'nothing' }
  | { readonly action: 'mark' | 'remove'; readonly object: KubeObject }

interface Moment {
  readonly strategy: RegistryStrategy
  readonly options: Partial<DeleteOptions>
  readonly nowMs: number
}

/** E-04..07, E-09. */
export function planDeletion(object: KubeObject, moment: Moment): DeletionPlan {
  const { strategy, options, nowMs } = moment
  const { metadata } = object
  const isFirst = metadata.deletionTimestamp === undefined
  const graceSeconds = graceOf(object, moment)
  if (graceSeconds === 'as before') return { action: 'nothing' }
  const finalizers = finalizersForDeletion(
    metadata.finalizers ?? [],
    options,
    strategy.orphansByDefault,
  )
  const isHeld = finalizers.length > 0 || strategy.isHeld?.(object) === true
  const isRemoved = !isHeld && graceSeconds === 0
  if (isRemoved && !strategy.gracePeriodSeconds) return { action: 'remove', object }
  const action = isRemoved ? 'remove' : 'mark'
  const marked: ObjectMeta = {
    ...metadata,
    ...(finalizers.length > 0 || metadata.finalizers ? { finalizers } : {}),
    ...deletionFields(metadata, graceSeconds, nowMs),
    ...(isFirst && metadata.generation ? { generation: metadata.generation + 1 } : {}),
  }
  const begun = isFirst && strategy.beginDeletion ? strategy.beginDeletion(object) : object
  const next = { ...begun, metadata: marked }
  const isDone = action === 'mark' && isSame(next, object)
  return isDone ? { action: 'nothing' } : { action, object: next }
}

/**
 * Seconds the object may take to end; a deletion that waits already can only be made shorter
 * (E-09).
 */
function graceOf(object: KubeObject, { strategy, options }: Moment): number | 'as before' {
  const { deletionTimestamp, deletionGracePeriodSeconds: present = 0 } = object.metadata
  if (!strategy.gracePeriodSeconds) return 0
  const asked = options.gracePeriodSeconds
  // Beyond 2^53 seconds a pod's own period is a bigint.
  if (deletionTimestamp === undefined) return Number(strategy.gracePeriodSeconds(object, asked))
  if (present === 0) return 0
  const shorter = asked === undefined ? present : Math.max(asked, asked < 0 ? 1 : 0)
  return shorter < present ? shorter : 'as before'
}

/** The last moment that RFC 3339 has a form for; whoever may wait longer may wait until then. */
const latestMs = Date.UTC(9999, 11, 31, 23, 59, 59)

function deletionFields(
  { deletionTimestamp, deletionGracePeriodSeconds = 0 }: ObjectMeta,
  graceSeconds: number,
  nowMs: number,
): Pick<ObjectMeta, 'deletionTimestamp' | 'deletionGracePeriodSeconds'> {
  const beganMs =
    deletionTimestamp === undefined
      ? nowMs
      : Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000
  return {
    deletionTimestamp: timestamp(Math.min(beganMs + graceSeconds * 1000, latestMs)),
    deletionGracePeriodSeconds: graceSeconds,
  }
}
