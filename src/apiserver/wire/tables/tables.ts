import type { KubeObject } from '../../../api/object.ts'
import { ageOf } from './age.ts'
import { configMapTable, secretTable } from './configuration.ts'
import { controllerRevisionTable } from './controller-revision.ts'
import { cronJobTable } from './cron-job.ts'
import { daemonSetTable } from './daemon-set.ts'
import { deploymentTable } from './deployment.ts'
import { endpointSliceTable } from './endpoint-slice.ts'
import { endpointsTable } from './endpoints.ts'
import { eventTable } from './event.ts'
import { horizontalPodAutoscalerTable } from './horizontal-pod-autoscaler.ts'
import { ingressTable } from './ingress.ts'
import { ingressClassTable } from './ingress-class.ts'
import { jobTable } from './job.ts'
import { leaseTable } from './lease.ts'
import { namespaceTable } from './namespace.ts'
import { networkPolicyTable } from './network-policy.ts'
import { nodeTable } from './node.ts'
import { persistentVolumeTable } from './persistent-volume.ts'
import { persistentVolumeClaimTable } from './persistent-volume-claim.ts'
import { podTable } from './pod.ts'
import { podDisruptionBudgetTable } from './pod-disruption-budget.ts'
import { priorityClassTable } from './priority-class.ts'
import { replicaSetTable } from './replica-set.ts'
import { replicationControllerTable } from './replication-controller.ts'
import { resourceQuotaTable } from './resource-quota.ts'
import { roleBindingTable } from './role.ts'
import { scaleTable } from './scale.ts'
import { serviceTable } from './service.ts'
import { statefulSetTable } from './stateful-set.ts'
import { storageClassTable } from './storage-class.ts'
import { ageColumn, nameColumn, type TableDefinition } from './table.ts'

/**
 * Kinds of which there is nothing to say but how old they are (ServiceAccount lost its SECRETS
 * column in 1.35).
 */
const plainTable: TableDefinition = {
  columns: [nameColumn, ageColumn],
  cells: ({ metadata }, nowMs) => [metadata.name ?? '', ageOf(metadata.creationTimestamp, nowMs)],
}

/** Kinds that upstream has no columns of their own for. */
const undescribedTable: TableDefinition = {
  columns: [
    nameColumn,
    {
      name: 'Created At',
      type: 'date',
      format: '',
      description: 'When the object was created.',
      priority: 0,
    },
  ],
  cells: ({ metadata }) => [metadata.name ?? '', metadata.creationTimestamp ?? ''],
}

const byKind: Readonly<Record<string, unknown>> = {
  ClusterRole: undescribedTable,
  ClusterRoleBinding: roleBindingTable,
  ConfigMap: configMapTable,
  ControllerRevision: controllerRevisionTable,
  DaemonSet: daemonSetTable,
  Deployment: deploymentTable,
  EndpointSlice: endpointSliceTable,
  Event: eventTable,
  Lease: leaseTable,
  LimitRange: undescribedTable,
  Namespace: namespaceTable,
  Node: nodeTable,
  PersistentVolumeClaim: persistentVolumeClaimTable,
  Pod: podTable,
  ReplicaSet: replicaSetTable,
  ReplicationController: replicationControllerTable,
  Role: undescribedTable,
  RoleBinding: roleBindingTable,
  Scale: scaleTable,
  Secret: secretTable,
  Service: serviceTable,
  StatefulSet: statefulSetTable,
  PodDisruptionBudget: podDisruptionBudgetTable,
  Endpoints: endpointsTable,
  Job: jobTable,
  ResourceQuota: resourceQuotaTable,
  CronJob: cronJobTable,
  HorizontalPodAutoscaler: horizontalPodAutoscalerTable,
  Ingress: ingressTable,
  IngressClass: ingressClassTable,
  NetworkPolicy: networkPolicyTable,
  PersistentVolume: persistentVolumeTable,
  PriorityClass: priorityClassTable,
  StorageClass: storageClassTable,
}

/**
 * How objects of `kind` are printed. The kind is what the objects carry, so that a cast here is
 * sound.
 */
export function tableOf<T extends KubeObject>(kind: string): TableDefinition<T> {
  return (byKind[kind] ?? plainTable) as TableDefinition<T>
}
