import type { ControllerRevision, PodTemplateSpec } from '../../api/generated/types.ts'
import { compileLabelSelector } from '../../api/labels.ts'
import { changeCauseAnnotation } from '../../api/names.ts'
import { controllerRef, type KubeObject } from '../../api/object.ts'
import { controllerRevisions } from '../../api/scheme.ts'
import { byNumber, numberOf, templateOfRevision } from '../../rollout/controller-revision.ts'
import { historyRows } from '../../rollout/history.ts'
import { withTemplateOf } from '../../rollout/set-undo.ts'
import { isDeployment, type Workload } from '../../rollout/workload.ts'
import type { Session } from '../session.ts'
import { ownedReplicaSets } from './rollout-items.ts'

/** One line of `rollout history`, whatever the kind (G-20, G-21, G-25). */
export interface KeptRevision {
  readonly revision: bigint
  /** `<none>` where nobody gave one. */
  readonly changeCause: string
  /** As `--revision` describes it. */
  readonly template: PodTemplateSpec
  /** What `-o` prints of it. */
  readonly object: KubeObject
}

/** Ascending. */
export async function revisionsOf(
  session: Session,
  workload: Workload,
): Promise<readonly KeptRevision[]> {
  return isDeployment(workload)
    ? historyRows(workload, await ownedReplicaSets(session, workload)).map((row) => {
        const { revision, changeCause, replicaSet } = row
        const template = withCause(replicaSet.spec?.template ?? {}, replicaSet)
        return { revision, changeCause, template, object: replicaSet }
      })
    : (await ownedRevisions(session, workload)).map((each) => ({
        revision: numberOf(each),
        changeCause: each.metadata.annotations?.[changeCauseAnnotation] || '<none>',
        template: templateOfRevision(each),
        object: withTemplateOf(workload, each),
      }))
}

/** The template with the cause of its revision among its annotations. */
function withCause(template: PodTemplateSpec, { metadata }: KubeObject): PodTemplateSpec {
  const cause = metadata.annotations?.[changeCauseAnnotation]
  if (!cause) return template
  const annotations = { ...template.metadata?.annotations, [changeCauseAnnotation]: cause }
  return { ...template, metadata: { ...template.metadata, annotations } }
}

/** The ControllerRevisions that a StatefulSet or DaemonSet controls, ascending; one per number. */
export async function ownedRevisions(
  { transport }: Session,
  { metadata, spec }: Workload,
): Promise<readonly ControllerRevision[]> {
  const { namespace, uid } = metadata
  const labelSelector = compileLabelSelector(spec?.selector).text
  const { items } = await transport.list(controllerRevisions, { namespace }, { labelSelector })
  const owned = items.filter((each) => controllerRef(each)?.uid === uid)
  return [...new Map(owned.map((each) => [numberOf(each), each])).values()].sort(byNumber)
}
