import type { DaemonSet, Deployment, PodTemplateSpec, StatefulSet } from '../api/generated/types.ts'
import type { KubeObject } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'
import { daemonSets, deployments, statefulSets } from '../api/scheme.ts'

/** What rolls out: it has a template, keeps revisions of it, and replaces pods by it. */
export type Workload = Deployment | StatefulSet | DaemonSet

export type WorkloadKind = 'Deployment' | 'StatefulSet' | 'DaemonSet'

const resources: Readonly<Record<WorkloadKind, Resource>> = {
  Deployment: deployments,
  StatefulSet: statefulSets,
  DaemonSet: daemonSets,
}

export function isWorkloadKind(kind: unknown): kind is WorkloadKind {
  return typeof kind === 'string' && Object.hasOwn(resources, kind)
}

export function workloadResource(kind: WorkloadKind): Resource<Workload & KubeObject> {
  return resources[kind] as unknown as Resource<Workload & KubeObject>
}

export function resourceOfWorkload({ kind }: Workload): Resource<Workload & KubeObject> {
  return workloadResource(kind as WorkloadKind)
}

export const workloadKinds = Object.keys(resources) as readonly WorkloadKind[]

export const workloadResources: readonly Resource[] = Object.values(resources)

export function isWorkload(object: KubeObject): object is Workload & KubeObject {
  return object.apiVersion === 'apps/v1' && Object.hasOwn(resources, object.kind)
}

export function isDeployment(object: KubeObject): object is Deployment & KubeObject {
  return object.apiVersion === 'apps/v1' && object.kind === 'Deployment'
}

export function isStatefulSet(object: KubeObject): object is StatefulSet & KubeObject {
  return object.apiVersion === 'apps/v1' && object.kind === 'StatefulSet'
}

export function isDaemonSet(object: KubeObject): object is DaemonSet & KubeObject {
  return object.apiVersion === 'apps/v1' && object.kind === 'DaemonSet'
}

export function templateOfWorkload({ spec }: Workload): PodTemplateSpec {
  return spec?.template ?? {}
}
