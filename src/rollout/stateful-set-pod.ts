import type {
  ControllerRevision,
  PersistentVolumeClaim,
  Pod,
  StatefulSet,
  Volume,
} from '../api/generated/types.ts'
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
      ...volumesOf(statefulSet, ordinal, spec?.volumes),
      hostname: name,
      ...(serviceName && { subdomain: serviceName }),
    },
  }
}

function claimName({ metadata }: StatefulSet, template: string, ordinal: number): string {
  return `${template}-${metadata.name}-${ordinal}`
}

/** The claims' volumes take the place of others of their names. */
function volumesOf(
  statefulSet: StatefulSet,
  ordinal: number,
  volumes: readonly Volume[] = [],
): { readonly volumes?: readonly Volume[] } {
  const names = (statefulSet.spec?.volumeClaimTemplates ?? []).map(
    ({ metadata }) => metadata.name ?? '',
  )
  if (names.length === 0) return {}
  const claimed = names.map((name) => ({
    name,
    persistentVolumeClaim: { claimName: claimName(statefulSet, name, ordinal) },
  }))
  return { volumes: [...claimed, ...volumes.filter(({ name }) => !names.includes(name))] }
}

/**
 * The claims that a pod's volumes need (D-10); they go with the StatefulSet only if it says so
 * (D-1D).
 */
export function claimsOf(
  statefulSet: StatefulSet,
  ordinal: number,
): readonly PersistentVolumeClaim[] {
  const {
    volumeClaimTemplates = [],
    selector,
    persistentVolumeClaimRetentionPolicy,
  } = statefulSet.spec ?? {}
  const { controller: _, blockOwnerDeletion: __, ...owner } = ownerReferenceTo(statefulSet)
  const isDeletedWith = persistentVolumeClaimRetentionPolicy?.whenDeleted === 'Delete'
  return volumeClaimTemplates.map(({ status: _status, ...template }) => ({
    ...template,
    metadata: {
      ...template.metadata,
      name: claimName(statefulSet, template.metadata.name ?? '', ordinal),
      namespace: statefulSet.metadata.namespace,
      labels: { ...template.metadata.labels, ...selector?.matchLabels },
      ...(isDeletedWith && { ownerReferences: [owner] }),
    },
  }))
}

/** The pod with the labels of its identity; the same object when it has them. */
export function withIdentity(pod: Pod, ordinal: number): Pod {
  const identity = identityLabels(pod.metadata.name ?? '', ordinal)
  const labels = pod.metadata.labels ?? {}
  if (Object.entries(identity).every(([key, value]) => labels[key] === value)) return pod
  return { ...pod, metadata: { ...pod.metadata, labels: { ...labels, ...identity } } }
}
