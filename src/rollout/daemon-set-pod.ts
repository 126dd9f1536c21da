import type { Affinity, DaemonSet, Node, Pod, PodSpec, Toleration } from '../api/generated/types.ts'
import {
  revisionHashLabel,
  templateGenerationAnnotation,
  templateGenerationLabel,
} from '../api/names.ts'
import { isNodeSelected, untoleratedTaint } from '../api/node-fit.ts'
import { ownerReferenceTo } from './owner-reference.ts'

/** The longest a name may be, and so a prefix of one. */
const nameLengthMax = 253
const nameField = 'metadata.name'

const tolerated = (condition: string, effect: string): Toleration => ({
  key: `node.kubernetes.io/${condition}`,
  operator: 'Exists',
  effect,
})

/** A daemon stays where other pods would not (D-30). */
const daemonTolerations: readonly Toleration[] = [
  tolerated('not-ready', 'NoExecute'),
  tolerated('unreachable', 'NoExecute'),
  tolerated('disk-pressure', 'NoSchedule'),
  tolerated('memory-pressure', 'NoSchedule'),
  tolerated('pid-pressure', 'NoSchedule'),
  tolerated('unschedulable', 'NoSchedule'),
]
const hostNetworkTolerations = [tolerated('network-unavailable', 'NoSchedule')]

/** How often the template has changed, as the server counts it. */
export function templateGenerationOf({ metadata }: DaemonSet): string | undefined {
  return metadata.annotations?.[templateGenerationAnnotation]
}

function daemonSpec({ spec }: DaemonSet): PodSpec {
  const template = spec?.template?.spec ?? { containers: [] }
  const added = template.hostNetwork
    ? [...daemonTolerations, ...hostNetworkTolerations]
    : daemonTolerations
  const isNew = ({ key, effect }: Toleration) =>
    !template.tolerations?.some(
      (own) => own.key === key && own.effect === effect && own.operator === 'Exists',
    )
  return { ...template, tolerations: [...(template.tolerations ?? []), ...added.filter(isNew)] }
}

/** The template's affinity, but for this node: the scheduler binds it there, and nowhere else. */
function affinityTo(nodeName: string, affinity: Affinity = {}): Affinity {
  const matchFields = [{ key: nameField, operator: 'In', values: [nodeName] }]
  const requiredDuringSchedulingIgnoredDuringExecution = { nodeSelectorTerms: [{ matchFields }] }
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution,
    },
  }
}

/**
 * The pod to create for a node (D-30); the server makes its name. `hash`: of the present template.
 */
export function daemonSetPod(daemonSet: DaemonSet, nodeName: string, hash: string): Pod {
  const { name = '', namespace } = daemonSet.metadata
  const { labels, annotations, finalizers } = daemonSet.spec?.template?.metadata ?? {}
  const generation = templateGenerationOf(daemonSet)
  const spec = daemonSpec(daemonSet)
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: name.length < nameLengthMax ? `${name}-` : name,
      namespace,
      labels: {
        ...labels,
        [revisionHashLabel]: hash,
        ...(generation !== undefined && { [templateGenerationLabel]: generation }),
      },
      ...(annotations && { annotations }),
      ...(finalizers && { finalizers }),
      ownerReferences: [ownerReferenceTo(daemonSet)],
    },
    spec: { ...spec, affinity: affinityTo(nodeName, spec.affinity) },
  }
}

/** The node that a pod is on, or is made for. */
export function nodeOf({ spec }: Pod): string {
  if (spec?.nodeName) return spec.nodeName
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  const fields = required?.nodeSelectorTerms.flatMap(({ matchFields = [] }) => matchFields) ?? []
  return fields.find(({ key }) => key === nameField)?.values?.[0] ?? ''
}

export interface NodeVerdict {
  /** A pod belongs here. */
  readonly shouldRun: boolean
  /** One that is here may stay: a NoSchedule taint keeps new pods off, and drives none away. */
  readonly mayStay: boolean
}

/** D-31. */
export function judgeNode(daemonSet: DaemonSet, node: Node): NodeVerdict {
  const spec = daemonSpec(daemonSet)
  const isWanted = !spec.nodeName || spec.nodeName === node.metadata.name
  if (!isWanted || !isNodeSelected(spec, node)) return { shouldRun: false, mayStay: false }
  return {
    shouldRun: !untoleratedTaint(spec, node, ['NoSchedule', 'NoExecute']),
    mayStay: !untoleratedTaint(spec, node, ['NoExecute']),
  }
}
