import type { Deployment, ReplicaSet } from '../../api/generated/types.ts'
import { compileLabelSelector } from '../../api/labels.ts'
import { controllerRef, type KubeObject } from '../../api/object.ts'
import { replicaSets } from '../../api/scheme.ts'
import { isWorkload, type Workload } from '../../rollout/workload.ts'
import { CliError } from '../cli-error.ts'
import type { Invocation } from '../kubectl-command.ts'
import { forEachItem, type Item } from '../select/items.ts'
import { type Session, withSession } from '../session.ts'

/** An object of a rollout command, as the server has it. */
export interface RolloutItem extends Item {
  readonly object: KubeObject
}

export interface RolloutVisit {
  /** Whether a selector that selects nothing is worth a word (G-3D). */
  readonly tellsNothingFound: boolean
  readonly visit: (session: Session, item: RolloutItem) => Promise<void>
}

/** Runs a rollout command for each object it names (G-26..28). */
export async function forEachRollout(
  invocation: Invocation,
  { visit, tellsNothingFound }: RolloutVisit,
): Promise<void> {
  const { flags, operands } = invocation
  const files = flags.list('filename')
  if (operands.length === 0 && files.length === 0) {
    throw new CliError('required resource not specified')
  }
  const selection = {
    operands,
    files,
    isRecursive: flags.boolean('recursive'),
    selector: flags.text('selector'),
    isTypeEnough: true,
    isFetched: true,
  }
  await withSession(invocation, async (session) => {
    let count = 0
    await forEachItem(session, selection, (item) => {
      count++
      return visit(session, item as RolloutItem)
    })
    if (count > 0 || !tellsNothingFound) return
    session.io.stderr.write(`No resources found in ${session.namespace} namespace.\n`)
  })
}

/**
 * The workload that an item is. Throws CliError for other kinds: `refusal` says it in kubectl's
 * words (G-29).
 */
export function workloadOf({ resource, object }: RolloutItem, refusal: string): Workload {
  if (resource.group === 'apps' && isWorkload(object)) return object
  throw new CliError(refusal)
}

/** The ReplicaSets that the Deployment controls (B-06). */
export async function ownedReplicaSets(
  { transport }: Session,
  deployment: Deployment,
): Promise<readonly ReplicaSet[]> {
  const { namespace, uid } = deployment.metadata
  const labelSelector = compileLabelSelector(deployment.spec?.selector).text
  const { items } = await transport.list(replicaSets, { namespace }, { labelSelector })
  return items.filter((replicaSet) => controllerRef(replicaSet)?.uid === uid)
}
