import type { Deployment, PodTemplateSpec } from '../../api/generated/types.ts'
import { lastAppliedAnnotation } from '../../api/names.ts'
import { qualifiedKind } from '../../api/resource.ts'
import { templateOfRevision } from '../../rollout/controller-revision.ts'
import { findSetTarget, planSetUndo } from '../../rollout/set-undo.ts'
import { findRollbackTarget, planUndo } from '../../rollout/undo.ts'
import { isDeployment, type Workload } from '../../rollout/workload.ts'
import { CliError } from '../cli-error.ts'
import { type DryRun, dryRunOf, operationText } from '../dry-run.ts'
import type { Invocation } from '../kubectl-command.ts'
import { describePodTemplate } from '../print/describe-pod-template.ts'
import { operationPrinter } from '../print/object-printer.ts'
import type { Session } from '../session.ts'
import { ownedRevisions } from './revisions-of.ts'
import {
  forEachRollout,
  ownedReplicaSets,
  type RolloutItem,
  type RolloutVisit,
  workloadOf,
} from './rollout-items.ts'

/** `rollout undo` (B-80..87, G-40..42). */
export async function rolloutUndo(invocation: Invocation): Promise<void> {
  const { flags, io } = invocation
  const toRevision = BigInt(flags.text('to-revision'))
  const dryRun = dryRunOf(invocation)
  const visit: RolloutVisit['visit'] = async (session, item) => {
    const kind = JSON.stringify(qualifiedKind(item.resource))
    const workload = workloadOf(item, `no rollbacker has been implemented for ${kind}`)
    if (workload.metadata.annotations?.[lastAppliedAnnotation] !== undefined) {
      io.stderr.write(driftWarning(item))
    }
    const undo = { toRevision, dryRun }
    const operation =
      dryRun === 'client'
        ? await preview(session, workload, toRevision)
        : await rollBack(session, { ...item, object: workload }, undo)
    operationPrinter(operationText(operation, dryRun), { flags, stdout: io.stdout })(workload)
  }
  await forEachRollout(invocation, { visit, tellsNothingFound: false })
}

/** V-04: the manifest that apply remembers stays the newer one (B-86). */
function driftWarning({ resource, name }: RolloutItem): string {
  return `Warning: resource ${resource.plural}/${name} was previously managed with 'kubectl apply'. Rolling back will not update the ${lastAppliedAnnotation} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead.\n`
}

interface Undo {
  readonly toRevision: bigint
  readonly dryRun: DryRun
}

/** What was done, in a word. Throws CliError when it cannot be. */
async function rollBack(
  session: Session,
  { resource, object }: RolloutItem & { readonly object: Workload },
  { toRevision, dryRun }: Undo,
): Promise<string> {
  const plan = isDeployment(object)
    ? planUndo(object, await ownedReplicaSets(session, object), toRevision)
    : planSetUndo(object, await ownedRevisions(session, object), toRevision)
  if (plan.outcome === 'refuse') throw new CliError(plan.message)
  if (plan.outcome === 'skip') return plan.message
  const { namespace, name = '' } = object.metadata
  await session.transport.patch(resource, { namespace, name }, plan.patch, {
    dryRun: dryRun === 'server',
    fieldManager: 'kubectl-rollout',
  })
  return 'rolled back'
}

async function preview(session: Session, workload: Workload, toRevision: bigint): Promise<string> {
  if (isDeployment(workload))
    return describePodTemplate(await ofDeployment(session, workload, toRevision))
  const owned = await ownedRevisions(session, workload)
  const target = findSetTarget(owned, toRevision)
  if (typeof target === 'string') throw new CliError(target)
  return `will roll back to ${describePodTemplate(templateOfRevision(target))}`
}

/** The template that would come back; not even a pause is looked at (B-83). */
async function ofDeployment(
  session: Session,
  deployment: Deployment,
  toRevision: bigint,
): Promise<PodTemplateSpec> {
  const owned = await ownedReplicaSets(session, deployment)
  const target = findRollbackTarget(owned, toRevision)
  if (target.outcome === 'found') return target.replicaSet.spec?.template ?? {}
  const plan = planUndo(deployment, owned, toRevision)
  throw new CliError(plan.outcome === 'refuse' ? plan.message : 'there is nothing to go back to')
}
