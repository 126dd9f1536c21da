/**
 * Every annotation, label and finalizer key that Astern reads or writes, upstream's and its own.
 */

// Upstream: Deployments and ReplicaSets (B-20..26).
export const revisionAnnotation = 'deployment.kubernetes.io/revision'
export const revisionHistoryAnnotation = 'deployment.kubernetes.io/revision-history'
export const desiredReplicasAnnotation = 'deployment.kubernetes.io/desired-replicas'
export const maxReplicasAnnotation = 'deployment.kubernetes.io/max-replicas'
export const rollbackToAnnotation = 'deprecated.deployment.rollback.to'
export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration'
export const restartedAtAnnotation = 'kubectl.kubernetes.io/restartedAt'
export const changeCauseAnnotation = 'kubernetes.io/change-cause'
export const podDeletionCostAnnotation = 'controller.kubernetes.io/pod-deletion-cost'
export const podTemplateHashLabel = 'pod-template-hash'

// Upstream: others.
export const namespaceNameLabel = 'kubernetes.io/metadata.name'
export const hostnameLabel = 'kubernetes.io/hostname'
export const serviceNameLabel = 'kubernetes.io/service-name'
/** On the slices of a Service without a cluster IP. */
export const headlessServiceLabel = 'service.kubernetes.io/headless'
export const endpointSliceManagedByLabel = 'endpointslice.kubernetes.io/managed-by'
export const endpointSliceController = 'endpointslice-controller.k8s.io'
export const foregroundFinalizer = 'foregroundDeletion'
export const orphanFinalizer = 'orphan'
export const namespaceFinalizer = 'kubernetes'

// Astern's own.
/**
 * On a process pod: JSON object, declared container port (string) -> real port on the host
 * (number).
 */
export const portsAnnotation = 'astern.dev/ports'
