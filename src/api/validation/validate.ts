import { required } from '../../base/assert.ts'
import type { KubeObject } from '../object.ts'
import { qualifiedPlural, type Resource } from '../resource.ts'
import {
  clusterRoleBindings,
  clusterRoles,
  configMaps,
  controllerRevisions,
  cronJobs,
  daemonSets,
  deployments,
  endpointSlices,
  endpoints,
  events,
  horizontalPodAutoscalers,
  ingressClasses,
  ingresses,
  jobs,
  leases,
  limitRanges,
  namespaces,
  networkPolicies,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  podDisruptionBudgets,
  pods,
  priorityClasses,
  replicaSets,
  replicationControllers,
  resourceQuotas,
  roleBindings,
  roles,
  secrets,
  serviceAccounts,
  services,
  statefulSets,
  storageClasses,
} from '../scheme.ts'
import type { FieldError } from '../status-error.ts'
import { configMapRules } from './config-map.ts'
import { controllerRevisionRules } from './controller-revision.ts'
import { cronJobRules } from './cron-job.ts'
import { daemonSetRules } from './daemon-set.ts'
import { deploymentRules } from './deployment.ts'
import { endpointSliceRules } from './endpoint-slice.ts'
import { endpointsRules } from './endpoints.ts'
import { eventRules } from './event.ts'
import { horizontalPodAutoscalerRules } from './horizontal-pod-autoscaler.ts'
import { ingressRules } from './ingress.ts'
import { ingressClassRules } from './ingress-class.ts'
import { jobRules } from './job.ts'
import type { KindRules } from './kind-rules.ts'
import { leaseRules } from './lease.ts'
import { limitRangeRules } from './limit-range.ts'
import { namespaceRules } from './namespace.ts'
import { networkPolicyRules } from './network-policy.ts'
import { nodeRules } from './node.ts'
import { validateObjectMetaUpdate } from './object-meta.ts'
import { persistentVolumeRules } from './persistent-volume.ts'
import { persistentVolumeClaimRules } from './persistent-volume-claim.ts'
import { podRules } from './pod.ts'
import { podDisruptionBudgetRules } from './pod-disruption-budget.ts'
import { priorityClassRules } from './priority-class.ts'
import { replicaSetRules } from './replica-set.ts'
import { replicationControllerRules } from './replication-controller.ts'
import { resourceQuotaRules } from './resource-quota.ts'
import { clusterRoleRules, roleRules } from './role.ts'
import { clusterRoleBindingRules, roleBindingRules } from './role-binding.ts'
import { secretRules } from './secret.ts'
import { serviceRules } from './service.ts'
import { serviceAccountRules } from './service-account.ts'
import { statefulSetRules } from './stateful-set.ts'
import { storageClassRules } from './storage-class.ts'

function entry<T extends KubeObject>(
  resource: Resource<T>,
  rules: KindRules<T>,
): readonly [string, KindRules] {
  return [qualifiedPlural(resource), rules as unknown as KindRules]
}

/** A new kind is one file beside this one, and one line here. */
const rulesByResource: ReadonlyMap<string, KindRules> = new Map([
  entry(clusterRoleBindings, clusterRoleBindingRules),
  entry(clusterRoles, clusterRoleRules),
  entry(configMaps, configMapRules),
  entry(controllerRevisions, controllerRevisionRules),
  entry(daemonSets, daemonSetRules),
  entry(deployments, deploymentRules),
  entry(endpointSlices, endpointSliceRules),
  entry(events, eventRules),
  entry(leases, leaseRules),
  entry(namespaces, namespaceRules),
  entry(nodes, nodeRules),
  entry(persistentVolumeClaims, persistentVolumeClaimRules),
  entry(pods, podRules),
  entry(replicaSets, replicaSetRules),
  entry(roleBindings, roleBindingRules),
  entry(roles, roleRules),
  entry(secrets, secretRules),
  entry(serviceAccounts, serviceAccountRules),
  entry(services, serviceRules),
  entry(statefulSets, statefulSetRules),
  entry(podDisruptionBudgets, podDisruptionBudgetRules),
  entry(endpoints, endpointsRules),
  entry(jobs, jobRules),
  entry(limitRanges, limitRangeRules),
  entry(resourceQuotas, resourceQuotaRules),
  entry(cronJobs, cronJobRules),
  entry(horizontalPodAutoscalers, horizontalPodAutoscalerRules),
  entry(ingresses, ingressRules),
  entry(ingressClasses, ingressClassRules),
  entry(networkPolicies, networkPolicyRules),
  entry(persistentVolumes, persistentVolumeRules),
  entry(replicationControllers, replicationControllerRules),
  entry(priorityClasses, priorityClassRules),
  entry(storageClasses, storageClassRules),
])

function rulesOf(resource: Resource): KindRules {
  const name = qualifiedPlural(resource)
  return required(rulesByResource.get(name), `validation rules of ${name}`)
}

/**
 * What is wrong with an object that is to be created, in upstream's order; none is good. The object
 * must be decoded, defaulted and named (`generateName` filled in).
 */
export function validateCreate(resource: Resource, object: KubeObject): readonly FieldError[] {
  return rulesOf(resource).create(object)
}

/**
 * What is wrong with an update of the whole object. `next` must carry a resourceVersion (for an
 * unconditional update, the one of `previous`) and the metadata that clients do not set.
 */
export function validateUpdate(
  resource: Resource,
  next: KubeObject,
  previous: KubeObject,
): readonly FieldError[] {
  return unique(rulesOf(resource).update(next, previous))
}

/** Rules for metadata and for the kind overlap: the same mistake is told once. */
function unique(errors: readonly FieldError[]): readonly FieldError[] {
  return [...new Map(errors.map((error) => [`${error.field}: ${error.body}`, error])).values()]
}

/** What is wrong with a write through `/status`; the same goes for `next`. */
export function validateStatusUpdate(
  resource: Resource,
  next: KubeObject,
  previous: KubeObject,
): readonly FieldError[] {
  const { statusUpdate } = rulesOf(resource)
  if (statusUpdate) return statusUpdate(next, previous)
  return validateObjectMetaUpdate(next.metadata, previous.metadata)
}

/** Advice on an object that is good, for the `Warning` header (H-21). */
export function warningsFor(resource: Resource, object: KubeObject): readonly string[] {
  return rulesOf(resource).warnings?.(object) ?? []
}

/** The same for a new object: what its kind does not do here comes first. */
export function warningsForNew(resource: Resource, object: KubeObject): readonly string[] {
  const { notDone } = rulesOf(resource)
  const advice = warningsFor(resource, object)
  return notDone === undefined ? advice : [notDone, ...advice]
}
