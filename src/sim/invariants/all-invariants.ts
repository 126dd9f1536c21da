import { availability } from './availability.ts'
import { conditions } from './conditions.ts'
import { confirmedEnd } from './confirmed-end.ts'
import { daemonsPerNode } from './daemons-per-node.ts'
import { history } from './history.ts'
import type { InvariantOf } from './invariant.ts'
import { newReplicaSet } from './new-replica-set.ts'
import { observedGeneration } from './observed-generation.ts'
import { ownership } from './ownership.ts'
import { paused } from './paused.ts'
import { recreate } from './recreate.ts'
import { revisions } from './revisions.ts'
import { statefulSetOrder } from './stateful-set-order.ts'
import { total } from './total.ts'

/** What must be so at every revision; that all converges, and then rests, is seen at the end. */
export const allInvariants: readonly InvariantOf[] = [
  availability,
  total,
  newReplicaSet,
  revisions,
  history,
  ownership,
  paused,
  observedGeneration,
  conditions,
  statefulSetOrder,
  daemonsPerNode,
  confirmedEnd,
  recreate,
]
