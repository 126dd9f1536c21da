import type { EndpointSlice, Node } from '../generated/types.ts'
import type { KubeObject } from '../object.ts'
import { apiVersionOf, type Resource } from '../resource.ts'
import {
  clusterRoleBindings,
  cronJobs,
  daemonSets,
  deployments,
  endpointSlices,
  endpoints,
  horizontalPodAutoscalers,
  horizontalPodAutoscalersV1,
  ingressClasses,
  jobs,
  limitRanges,
  namespaces,
  networkPolicies,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  priorityClasses,
  replicaSets,
  replicationControllers,
  roleBindings,
  secrets,
  services,
  statefulSets,
  storageClasses,
} from '../scheme.ts'
import { change, changeEach, fill } from './copy-on-change.ts'
import { defaultCronJob } from './cron-job.ts'
import { defaultDaemonSet } from './daemon-set.ts'
import { defaultDeployment } from './deployment.ts'
import { defaultEndpoints } from './endpoints.ts'
import {
  defaultHorizontalPodAutoscaler,
  defaultHorizontalPodAutoscalerV1,
} from './horizontal-pod-autoscaler.ts'
import { defaultIngressClass } from './ingress-class.ts'
import { defaultJob } from './job.ts'
import { defaultLimitRange } from './limit-range.ts'
import { defaultNamespace } from './namespace.ts'
import { defaultNetworkPolicy } from './network-policy.ts'
import { defaultPersistentVolume } from './persistent-volume.ts'
import { defaultPersistentVolumeClaim } from './persistent-volume-claim.ts'
import { defaultPod } from './pod.ts'
import { defaultPriorityClass } from './priority-class.ts'
import { defaultReplicaSet } from './replica-set.ts'
import { defaultReplicationController } from './replication-controller.ts'
import { defaultRoleBinding } from './role-binding.ts'
import { defaultSecret } from './secret.ts'
import { defaultService } from './service.ts'
import { defaultStatefulSet } from './stateful-set.ts'
import { defaultStorageClass } from './storage-class.ts'

/** What a node has is what it offers, unless it says otherwise. */
function defaultNode(node: Node): Node {
  return change(node, 'status', (status) => fill(status, { allocatable: status.capacity }))
}

function defaultEndpointSlice(slice: EndpointSlice): EndpointSlice {
  return change(slice, 'ports', (ports) =>
    changeEach(ports, (port) => fill(port, { name: '', protocol: 'TCP' })),
  )
}

type Defaulter = (object: KubeObject) => KubeObject

/** Defaults belong to a version. */
const defaulters = new Map<string, Defaulter>()

const nameOf = (resource: Resource) => `${apiVersionOf(resource)} ${resource.kind}`

function register<T extends KubeObject>(resource: Resource<T>, defaulter: (object: T) => T): void {
  defaulters.set(nameOf(resource), defaulter as unknown as Defaulter)
}

// ConfigMap, ControllerRevision, ServiceAccount, Event, Lease and roles have no defaults.
register(clusterRoleBindings, defaultRoleBinding)
register(daemonSets, defaultDaemonSet)
register(deployments, defaultDeployment)
register(endpointSlices, defaultEndpointSlice)
register(namespaces, defaultNamespace)
register(nodes, defaultNode)
register(persistentVolumeClaims, defaultPersistentVolumeClaim)
register(pods, defaultPod)
register(replicaSets, defaultReplicaSet)
register(roleBindings, defaultRoleBinding)
register(secrets, defaultSecret)
register(services, defaultService)
register(statefulSets, defaultStatefulSet)
register(endpoints, defaultEndpoints)
register(jobs, defaultJob)
register(limitRanges, defaultLimitRange)
register(cronJobs, defaultCronJob)
register(horizontalPodAutoscalers, defaultHorizontalPodAutoscaler)
register(horizontalPodAutoscalersV1, defaultHorizontalPodAutoscalerV1)
register(ingressClasses, defaultIngressClass)
register(networkPolicies, defaultNetworkPolicy)
register(persistentVolumes, defaultPersistentVolume)
register(priorityClasses, defaultPriorityClass)
register(replicationControllers, defaultReplicationController)
register(storageClasses, defaultStorageClass)

/**
 * A decoded object with the defaults of its kind (A-01..A-12): on every write, before validation,
 * comparison and hashing. Idempotent; the same reference when nothing was missing.
 */
export function applyDefaults<T extends KubeObject>(resource: Resource<T>, object: T): T {
  const defaulter = defaulters.get(nameOf(resource))
  return defaulter === undefined ? object : (defaulter(object) as T)
}
