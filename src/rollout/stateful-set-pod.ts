import type { ControllerRevision, Pod, StatefulSet } from '../api/generated/types.ts'
import { podIndexLabel, podNameLabel, revisionHashLabel } from '../api/names.ts'
import { templateOfRevision } from './controller-revision.ts'
import { ownerReferenceTo } from './owner-reference.ts'

/** D-10: what follows the last dash; undefined for a pod whose name is not of this StatefulSet. */
export function ordinalOf({ metadata }: StatefulSet, pod: Pod): number | undefined {
  const [, prefix, ordinal] = /^(.*)-(\d{1,9})$/.exec(pod.metadata.name ?? '') ?? []
  return prefix === metadata.name && ordinal !== undefined ? Number(ordinal) : undefined
}

export function startOrdinal({ spec }: StatefulSet): number {
  return spec?.ordinals?.start ?? 0
}

function identityLabels(name: string, ordinal: number) {
  return { [podNameLabel]: name, [podIndexLabel]: String(ordinal) }
}

/** The pod with this ordinal, made from a revision's template (D-10). */
export function statefulSetPod(
  statefulSet: StatefulSet,
  ordinal: number,
  revision: ControllerRevision,
): Pod {
  const { metadata = {}, spec } = templateOfRevision(revision)
  const { labels, annotations, finalizers } = metadata
  const name = `${statefulSet.metadata.name}-${ordinal}`
  const { serviceName } = statefulSet.spec ?? {}
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: statefulSet.metadata.namespace,
      labels: {
        ...labels,
        ...identityLabels(name, ordinal),
        [revisionHashLabel]: revision.metadata.name ?? '',
      },
      ...(annotations && { annotations }),
      ...(finalizers && { finalizers }),
      ownerReferences: [ownerReferenceTo(statefulSet)],
    },
    spec: {
      ...(spec ?? { containers: [] }),
      hostname: name,
      ...(serviceName && { subdomain: serviceName }),
    },
  }
}

/** The pod with the labels of its identity; the same object when it has them. */
export function withIdentity(pod: Pod, ordinal: number): Pod {
  const identity = identityLabels(pod.metadata.name ?? '', ordinal)
  const labels = pod.metadata.labels ?? {}
  if (Object.entries(identity).every(([key, value]) => labels[key] === value)) return pod
  return { ...pod, metadata: { ...pod.metadata, labels: { ...labels, ...identity } } }
}
