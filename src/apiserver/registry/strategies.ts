import type { KubeObject } from '../../api/object.ts'
import { qualifiedPlural, type Resource } from '../../api/resource.ts'
import { required } from '../../base/assert.ts'
import { clusterRoleStrategy } from './cluster-role.ts'
import { clusterRoleBindingStrategy } from './cluster-role-binding.ts'
import { configMapStrategy } from './config-map.ts'
import { controllerRevisionStrategy } from './controller-revision.ts'
import { cronJobStrategy } from './cron-job.ts'
import { daemonSetStrategy } from './daemon-set.ts'
import { deploymentStrategy } from './deployment.ts'
import { endpointSliceStrategy } from './endpoint-slice.ts'
import { endpointsStrategy } from './endpoints.ts'
import { eventStrategy } from './event.ts'
import { horizontalPodAutoscalerStrategy } from './horizontal-pod-autoscaler.ts'
import { ingressStrategy } from './ingress.ts'
import { ingressClassStrategy } from './ingress-class.ts'
import { jobStrategy } from './job.ts'
import { leaseStrategy } from './lease.ts'
import { limitRangeStrategy } from './limit-range.ts'
import { namespaceStrategy } from './namespace.ts'
import { networkPolicyStrategy } from './network-policy.ts'
import { nodeStrategy } from './node.ts'
import { persistentVolumeStrategy } from './persistent-volume.ts'
import { persistentVolumeClaimStrategy } from './persistent-volume-claim.ts'
import { podStrategy } from './pod.ts'
import { podDisruptionBudgetStrategy } from './pod-disruption-budget.ts'
import { priorityClassStrategy } from './priority-class.ts'
import { replicaSetStrategy } from './replica-set.ts'
import { replicationControllerStrategy } from './replication-controller.ts'
import { resourceQuotaStrategy } from './resource-quota.ts'
import { roleStrategy } from './role.ts'
import { roleBindingStrategy } from './role-binding.ts'
import { secretStrategy } from './secret.ts'
import { serviceStrategy } from './service.ts'
import { serviceAccountStrategy } from './service-account.ts'
import { statefulSetStrategy } from './stateful-set.ts'
import { storageClassStrategy } from './storage-class.ts'
import type { RegistryStrategy } from './strategy.ts'

/** One for each resource of the scheme. */
const strategies: readonly RegistryStrategy[] = [
  configMapStrategy,
  eventStrategy,
  namespaceStrategy,
  nodeStrategy,
  persistentVolumeClaimStrategy,
  podStrategy,
  secretStrategy,
  serviceAccountStrategy,
  serviceStrategy,
  deploymentStrategy,
  replicaSetStrategy,
  statefulSetStrategy,
  daemonSetStrategy,
  controllerRevisionStrategy,
  leaseStrategy,
  endpointSliceStrategy,
  podDisruptionBudgetStrategy,
  endpointsStrategy,
  roleStrategy,
  roleBindingStrategy,
  clusterRoleStrategy,
  clusterRoleBindingStrategy,
  jobStrategy,
  limitRangeStrategy,
  resourceQuotaStrategy,
  cronJobStrategy,
  horizontalPodAutoscalerStrategy,
  ingressStrategy,
  ingressClassStrategy,
  networkPolicyStrategy,
  persistentVolumeStrategy,
  priorityClassStrategy,
  replicationControllerStrategy,
  storageClassStrategy,
]

const byResource = new Map(
  strategies.map((strategy) => [qualifiedPlural(strategy.resource), strategy]),
)

export function strategyOf<T extends KubeObject>(resource: Resource<T>): RegistryStrategy {
  const name = qualifiedPlural(resource)
  return required(byResource.get(name), `registry strategy of ${name}`)
}
