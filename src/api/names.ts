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

// Upstream: StatefulSets, DaemonSets and their ControllerRevisions (D).
/** On a StatefulSet's revisions: the hash in their names. */
export const controllerRevisionHashLabel = 'controller.kubernetes.io/hash'
/**
 * On pods: name of the StatefulSet's revision, or the DaemonSet's hash; on a DaemonSet's revisions
 * too.
 */
export const revisionHashLabel = 'controller-revision-hash'
export const podNameLabel = 'statefulset.kubernetes.io/pod-name'
export const podIndexLabel = 'apps.kubernetes.io/pod-index'
/** On DaemonSets: how often the template has changed, counted by the server. */
export const templateGenerationAnnotation = 'deprecated.daemonset.template.generation'
/** The same, on their pods. */
export const templateGenerationLabel = 'pod-template-generation'

// Upstream: Jobs.
/** On a Job's pods, and in its selector: the Job's uid. */
export const controllerUidLabel = 'batch.kubernetes.io/controller-uid'
export const jobNameLabel = 'batch.kubernetes.io/job-name'
/** On pods of an Indexed Job, as label and as annotation. */
export const completionIndexKey = 'batch.kubernetes.io/job-completion-index'
/** On pods of an Indexed Job with backoffLimitPerIndex: how often its index failed before. */
export const indexFailureCountAnnotation = 'batch.kubernetes.io/job-index-failure-count'
/** Keeps a pod until the Job's status counts it. */
export const jobTrackingFinalizer = 'batch.kubernetes.io/job-tracking'

// Upstream: classes.
/** On the StorageClass of claims that name none: `true`. */
export const defaultStorageClassAnnotation = 'storageclass.kubernetes.io/is-default-class'
/** On the IngressClass of Ingresses that name none: `true`. */
export const defaultIngressClassAnnotation = 'ingressclass.kubernetes.io/is-default-class'
/** On Ingresses: the class, before there was a field for it. */
export const ingressClassAnnotation = 'kubernetes.io/ingress.class'
/** On pods: what a LimitRange has filled in. */
export const limitRangerAnnotation = 'kubernetes.io/limit-ranger'

// Upstream: others.
export const namespaceNameLabel = 'kubernetes.io/metadata.name'
export const hostnameLabel = 'kubernetes.io/hostname'
export const regionLabel = 'topology.kubernetes.io/region'
export const zoneLabel = 'topology.kubernetes.io/zone'
// Taints of nodes.
export const nodeNotReadyTaint = 'node.kubernetes.io/not-ready'
export const nodeUnreachableTaint = 'node.kubernetes.io/unreachable'
export const nodeUnschedulableTaint = 'node.kubernetes.io/unschedulable'
export const nodeOutOfServiceTaint = 'node.kubernetes.io/out-of-service'
export const serviceNameLabel = 'kubernetes.io/service-name'
/** On the slices of a Service without a cluster IP. */
export const headlessServiceLabel = 'service.kubernetes.io/headless'
export const endpointSliceManagedByLabel = 'endpointslice.kubernetes.io/managed-by'
export const endpointSliceController = 'endpointslice-controller.k8s.io'
/** On Endpoints: who writes them. */
export const endpointsManagedByLabel = 'endpoints.kubernetes.io/managed-by'
export const endpointsController = 'endpoint-controller'
/** On Endpoints that leave addresses out: `truncated`. */
export const overCapacityAnnotation = 'endpoints.kubernetes.io/over-capacity'
/** On Endpoints of which nobody is to make slices: `true`. */
export const skipMirrorLabel = 'endpointslice.kubernetes.io/skip-mirror'
export const endpointSliceMirroringController = 'endpointslicemirroring-controller.k8s.io'
export const foregroundFinalizer = 'foregroundDeletion'
export const orphanFinalizer = 'orphan'
export const namespaceFinalizer = 'kubernetes'

// Upstream: who may, and tokens of ServiceAccounts.
/** `false` on a built-in role or binding: the server leaves it as it is when it starts. */
export const autoupdateAnnotation = 'rbac.authorization.kubernetes.io/autoupdate'
export const bootstrappingLabel = 'kubernetes.io/bootstrapping'
/** `PREFIXview: "true"` on a ClusterRole gives its rules to the role `view`, too. */
export const aggregateLabelPrefix = 'rbac.authorization.k8s.io/aggregate-to-'
export const tokenSecretType = 'kubernetes.io/service-account-token'
/** On a Secret of that type: whose token it holds. */
export const serviceAccountNameAnnotation = 'kubernetes.io/service-account.name'
export const serviceAccountUidAnnotation = 'kubernetes.io/service-account.uid'

// Astern's own.
/**
 * On a process pod: JSON object, declared container port (string) -> real port on the host
 * (number).
 */
export const portsAnnotation = 'astern.dev/ports'

/**
 * On a LoadBalancer Service: the Secret, of type kubernetes.io/tls, by which its ports speak TLS.
 */
export const tlsSecretAnnotation = 'astern.dev/tls-secret'
/** Beside it: the one host name that is answered; clients that ask for another are refused. */
export const tlsHostAnnotation = 'astern.dev/tls-host'
/** Beside it: which ports speak TLS, names or numbers with commas; all of them when absent. */
export const tlsPortsAnnotation = 'astern.dev/tls-ports'

// Astern's own: provenance, on a workload; it travels to ReplicaSets and comes back with an undo.
export const repositoryAnnotation = 'astern.dev/repository'
export const commitAnnotation = 'astern.dev/commit'
export const pathAnnotation = 'astern.dev/path'
/** `clean` or `dirty`: whether the path was as the commit has it. */
export const treeAnnotation = 'astern.dev/tree'
export const authorAnnotation = 'astern.dev/author'
export const subjectAnnotation = 'astern.dev/subject'
export const appliedByAnnotation = 'astern.dev/applied-by'
export const reasonAnnotation = 'astern.dev/reason'
/** `apply`, `rollback` or `redo`: by what it was written. */
export const sourceAnnotation = 'astern.dev/source'
/** One id per writing command: one that comes back later was brought back by somebody else. */
export const operationAnnotation = 'astern.dev/operation'
/** The template that all of the above is said of; for another one it says nothing. */
export const templateHashAnnotation = 'astern.dev/template-hash'

// Astern's own: release records, and what goes with them.
/** Label: `release`, `configuration`, `secrets-key` or `journal`. */
export const recordLabel = 'astern.dev/record'
/** Label: uid of the workload that a record is about. */
export const workloadUidLabel = 'astern.dev/workload-uid'
export const healthAnnotation = 'astern.dev/health'
export const healthAtAnnotation = 'astern.dev/health-at'
export const healthWhyAnnotation = 'astern.dev/health-why'
/** JSON object, container name -> image id as run. */
export const imageIdsAnnotation = 'astern.dev/image-ids'
/** Ids of later commands that wrote the same template again, with commas. */
export const operationsAnnotation = 'astern.dev/operations'
export const ranAsRevisionAnnotation = 'astern.dev/ran-as-revision'
export const pinnedAnnotation = 'astern.dev/pinned'
/** JSON: what the cluster has and Git lacks, until it is paid. */
export const gitOwedAnnotation = 'astern.dev/git-owed'
/** On a Secret: `true` lets releases keep its content. */
export const keepSecretsAnnotation = 'astern.dev/keep-secrets'
/** The release whose state a rollback brought back, such as `r7`. */
export const restoresAnnotation = 'astern.dev/restores'
