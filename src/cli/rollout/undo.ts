import type { Deployment, ReplicaSet } from '../../api/generated/types.ts'
import { lastAppliedAnnotation } from '../../api/names.ts'
import { qualifiedKind } from '../../api/resource.ts'
import { deployments } from '../../api/scheme.ts'
import { findRollbackTarget, planUndo } from '../../rollout/undo.ts'
import { CliError } from '../cli-error.ts'
import { type DryRun, dryRunOf, operationText } from '../dry-run.ts'
import type { Invocation } from '../kubectl-command.ts'
import { describePodTemplate } from '../print/describe-pod-template.ts'
import { operationPrinter } from '../print/object-printer.ts'
import type { Session } from '../session.ts'
import {
  deploymentOf,
  forEachRollout,
  ownedReplicaSets,
  type RolloutVisit,
} from './rollout-items.ts'

/** `rollout undo` (B-80..87, G-40, G-41). */
export async function rolloutUndo(invocation: Invocation): Promise<void> {
  const { flags, io } = invocation
  const toRevision = BigInt(flags.text('to-revision'))
  const dryRun = dryRunOf(invocation)
  const visit: RolloutVisit['visit'] = async (session, item) => {
    const kind = JSON.stringify(qualifiedKind(item.resource))
    const deployment = deploymentOf(item, `no rollbacker has been implemented for ${kind}`)
    if (deployment.metadata.annotations?.[lastAppliedAnnotation] !== undefined) {
      io.stderr.write(driftWarning(deployment))
    }
    const owned = await ownedReplicaSets(session, deployment)
    const operation =
      dryRun === 'client'
        ? preview(deployment, owned, toRevision)
        : await rollBack(session, deployment, { owned, toRevision, dryRun })
    operationPrinter(operationText(operation, dryRun), { flags, stdout: io.stdout })(deployment)
  }
  await forEachRollout(invocation, { visit, tellsNothingFound: false })
}

/** V-04: the manifest that apply remembers stays the newer one (B-86). */
function driftWarning({ metadata }: Deployment): string {
  return `Warning: resource ${deployments.plural}/${metadata.name} was previously managed with 'kubectl apply'. Rolling back will not update the ${lastAppliedAnnotation} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead.\n`
}

interface Undo {
  readonly owned: readonly ReplicaSet[]
  readonly toRevision: bigint
  readonly dryRun: DryRun
}

/** What was done, in a word. Throws CliError when it cannot be. */
async function rollBack(
  { transport }: Session,
  deployment: Deployment,
  { owned, toRevision, dryRun }: Undo,
): Promise<string> {
  const plan = planUndo(deployment, owned, toRevision)
  if (plan.outcome === 'refuse') throw new CliError(plan.message)
  if (plan.outcome === 'skip') return plan.message
  const { namespace, name = '' } = deployment.metadata
  await transport.patch(deployments, { namespace, name }, plan.patch, {
    dryRun: dryRun === 'server',
    fieldManager: 'kubectl-rollout',
  })
  return 'rolled back'
}

/** The template that would come back; not even a pause is looked at (B-83). */
function preview(deployment: Deployment, owned: readonly ReplicaSet[], toRevision: bigint): string {
  const target = findRollbackTarget(owned, toRevision)
  if (target.outcome === 'found') return describePodTemplate(target.replicaSet.spec?.template ?? {})
  const plan = planUndo(deployment, owned, toRevision)
  throw new CliError(plan.outcome === 'refuse' ? plan.message : 'there is nothing to go back to')
}
