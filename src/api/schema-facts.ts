/**
 * What the published OpenAPI models do not say about fields, read off the Go types of k8s.io/api
 * and apimachinery: how a value is encoded, when Go writes it, and what Go calls its type in error
 * texts. One table per fact.
 */

/** Lines of `Model: field field ...`. Result: `Model.field` of each. */
function table(text: string): ReadonlySet<string> {
  const names = new Set<string>()
  for (const line of text.trim().split('\n')) {
    const [model = '', fields = ''] = line.trim().split(': ')
    for (const field of fields.split(' ')) names.add(`${model}.${field}`)
  }
  return names
}

/** Lines of `Type: Model.field Model.field ...`. Result: the type of each `Model.field`. */
function inverted(text: string): ReadonlyMap<string, string> {
  const types = new Map<string, string>()
  for (const line of text.trim().split('\n')) {
    const [type = '', fields = ''] = line.trim().split(': ')
    for (const field of fields.split(' ')) types.set(field, type)
  }
  return types
}

/** Quantities, though the models call them strings; in a map, each value is one. */
export const quantities = table(`
  ContainerStatus: allocatedResources
  EmptyDirVolumeSource: sizeLimit
  HPAScalingRules: tolerance
  LimitRangeItem: max min default defaultRequest maxLimitRequestRatio
  MetricTarget: value averageValue
  MetricValueStatus: value averageValue
  NodeStatus: allocatable capacity
  PersistentVolumeClaimStatus: allocatedResources capacity
  PersistentVolumeSpec: capacity
  PodSpec: overhead
  ResourceFieldSelector: divisor
  ResourceQuotaSpec: hard
  ResourceQuotaStatus: hard used
  ResourceRequirements: limits requests
  VolumeResourceRequirements: limits requests
`)

/** Times with microseconds (`metav1.MicroTime`); all other times have whole seconds. */
export const microTimes = table(`
  Event: eventTime
  EventSeries: lastObservedTime
  LeaseSpec: acquireTime renewTime
`)

/** Scalars behind a Go pointer: absent and zero differ. Zero of any other scalar is not written. */
export const pointers = table(`
  AppArmorProfile: localhostProfile
  AzureDiskVolumeSource: cachingMode fsType kind readOnly
  AzureFilePersistentVolumeSource: secretNamespace
  CSIVolumeSource: fsType readOnly
  ClientIPConfig: timeoutSeconds
  ClusterTrustBundleProjection: name optional signerName
  ConfigMap: immutable
  ConfigMapEnvSource: optional
  ConfigMapKeySelector: optional
  ConfigMapProjection: optional
  ConfigMapVolumeSource: defaultMode optional
  Container: restartPolicy
  ContainerStatus: started stopSignal
  CronJobSpec: timeZone startingDeadlineSeconds suspend successfulJobsHistoryLimit
  CronJobSpec: failedJobsHistoryLimit
  CronJobStatus: lastScheduleTime lastSuccessfulTime
  DaemonSetSpec: revisionHistoryLimit
  DaemonSetStatus: collisionCount
  DeleteOptions: gracePeriodSeconds ignoreStoreReadErrorWithClusterBreakingPotential
  DeleteOptions: orphanDependents propagationPolicy
  DeploymentSpec: progressDeadlineSeconds replicas revisionHistoryLimit
  DeploymentStatus: collisionCount terminatingReplicas
  DownwardAPIVolumeFile: mode
  DownwardAPIVolumeSource: defaultMode
  EmptyDirVolumeSource: sizeLimit
  Endpoint: hostname nodeName zone
  EndpointAddress: nodeName
  EndpointConditions: ready serving terminating
  EndpointPort: appProtocol name port protocol
  EndpointsPort: appProtocol
  EphemeralContainer: restartPolicy
  FCVolumeSource: lun
  FileKeySelector: optional
  GRPCAction: service
  GlusterfsPersistentVolumeSource: endpointsNamespace
  HPAScalingRules: stabilizationWindowSeconds selectPolicy tolerance
  HTTPIngressPath: pathType
  HorizontalPodAutoscalerSpec: minReplicas
  HorizontalPodAutoscalerV1Spec: minReplicas targetCPUUtilizationPercentage
  HorizontalPodAutoscalerStatus: observedGeneration lastScaleTime
  HorizontalPodAutoscalerV1Status: observedGeneration lastScaleTime
  HorizontalPodAutoscalerV1Status: currentCPUUtilizationPercentage
  HostPathVolumeSource: type
  ISCSIPersistentVolumeSource: initiatorName
  ISCSIVolumeSource: initiatorName
  IngressClassParametersReference: apiGroup scope namespace
  IngressPortStatus: error
  IngressSpec: ingressClassName
  JobSpec: parallelism completions activeDeadlineSeconds backoffLimit backoffLimitPerIndex
  JobSpec: maxFailedIndexes manualSelector ttlSecondsAfterFinished completionMode suspend
  JobSpec: podReplacementPolicy managedBy
  JobStatus: startTime completionTime terminating failedIndexes ready
  KeyToPath: mode
  LeaseSpec: acquireTime holderIdentity leaseDurationSeconds leaseTransitions preferredHolder
  LeaseSpec: renewTime strategy
  Lifecycle: stopSignal
  ListMeta: remainingItemCount
  LoadBalancerIngress: ipMode
  LocalVolumeSource: fsType
  ManagedFieldsEntry: fieldsV1 time
  MetricTarget: value averageValue averageUtilization
  MetricValueStatus: value averageValue averageUtilization
  NetworkPolicyPort: protocol port endPort
  NodeFeatures: supplementalGroupsPolicy
  NodeRuntimeHandlerFeatures: recursiveReadOnlyMounts userNamespaces
  NodeSwapStatus: capacity
  ObjectMeta: deletionGracePeriodSeconds deletionTimestamp
  OwnerReference: blockOwnerDeletion controller
  PersistentVolumeClaimSpec: storageClassName volumeAttributesClassName volumeMode
  PersistentVolumeClaimStatus: currentVolumeAttributesClassName
  PersistentVolumeSpec: volumeMode volumeAttributesClassName
  PersistentVolumeStatus: lastPhaseTransitionTime
  PodCertificateProjection: maxExpirationSeconds
  PodDNSConfigOption: value
  PodDisruptionBudgetSpec: minAvailable maxUnavailable unhealthyPodEvictionPolicy
  PodFailurePolicyOnExitCodesRequirement: containerName
  PodResourceClaim: resourceClaimName resourceClaimTemplateName
  PodResourceClaimStatus: resourceClaimName
  PodSecurityContext: fsGroup fsGroupChangePolicy runAsGroup runAsNonRoot runAsUser
  PodSecurityContext: seLinuxChangePolicy supplementalGroupsPolicy
  PodSpec: activeDeadlineSeconds automountServiceAccountToken enableServiceLinks hostUsers
  PodSpec: hostnameOverride preemptionPolicy priority runtimeClassName setHostnameAsFQDN
  PodSpec: shareProcessNamespace terminationGracePeriodSeconds
  PodStatus: startTime
  PortStatus: error
  Preconditions: uid
  PriorityClass: preemptionPolicy
  Probe: terminationGracePeriodSeconds
  ProjectedVolumeSource: defaultMode
  ReplicaSetSpec: replicas
  ReplicaSetStatus: terminatingReplicas
  ReplicationControllerSpec: replicas
  RollingUpdateDaemonSet: maxSurge maxUnavailable
  RollingUpdateDeployment: maxSurge maxUnavailable
  RollingUpdateStatefulSetStrategy: maxUnavailable partition
  SeccompProfile: localhostProfile
  Secret: immutable
  SecretEnvSource: optional
  SecretKeySelector: optional
  SecretProjection: optional
  SecretVolumeSource: defaultMode optional
  SecurityContext: allowPrivilegeEscalation privileged procMount readOnlyRootFilesystem runAsGroup
  SecurityContext: runAsNonRoot runAsUser
  ServiceAccount: automountServiceAccountToken
  ServiceAccountTokenProjection: expirationSeconds
  ServicePort: appProtocol
  ServiceSpec: allocateLoadBalancerNodePorts internalTrafficPolicy ipFamilyPolicy
  ServiceSpec: loadBalancerClass trafficDistribution
  StatefulSetSpec: replicas revisionHistoryLimit
  StatefulSetStatus: collisionCount
  StorageClass: reclaimPolicy allowVolumeExpansion volumeBindingMode
  SuccessPolicyRule: succeededIndexes succeededCount
  Taint: timeAdded
  TokenRequestSpec: expirationSeconds
  Toleration: tolerationSeconds
  TopologySpreadConstraint: minDomains nodeAffinityPolicy nodeTaintsPolicy
  TypedLocalObjectReference: apiGroup
  TypedObjectReference: apiGroup namespace
  VolumeMount: mountPropagation recursiveReadOnly
  VolumeMountStatus: recursiveReadOnly
  WindowsSecurityContextOptions: gmsaCredentialSpec gmsaCredentialSpecName hostProcess
  WindowsSecurityContextOptions: runAsUserName
`)

/** Structs held by value: always written, `{}` at least. Of all others, absent and `{}` differ. */
export const values = table(`
  Binding: metadata target
  ClusterRole: metadata
  ClusterRoleBinding: metadata roleRef
  ConfigMap: metadata
  Container: resources
  ContainerResourceMetricSource: target
  ContainerResourceMetricStatus: current
  ContainerStatus: lastState state
  ControllerRevision: metadata
  CronJob: metadata spec status
  CronJobSpec: jobTemplate
  DaemonSet: metadata spec status
  DaemonSetSpec: template updateStrategy
  Deployment: metadata spec status
  DeploymentSpec: strategy template
  Endpoint: conditions
  EndpointSlice: metadata
  Endpoints: metadata
  EphemeralContainer: resources
  Event: involvedObject metadata source
  Eviction: metadata
  ExternalMetricSource: metric target
  ExternalMetricStatus: metric current
  HTTPIngressPath: backend
  HorizontalPodAutoscaler: metadata spec status
  HorizontalPodAutoscalerSpec: scaleTargetRef
  HorizontalPodAutoscalerV1: metadata spec status
  HorizontalPodAutoscalerV1Spec: scaleTargetRef
  Ingress: metadata spec status
  IngressClass: metadata spec
  IngressServiceBackend: port
  IngressStatus: loadBalancer
  Job: metadata spec status
  JobSpec: template
  JobTemplateSpec: metadata spec
  Lease: metadata spec
  LimitRange: metadata spec
  LocalSubjectAccessReview: metadata spec status
  Namespace: metadata spec status
  NetworkPolicy: metadata spec
  NetworkPolicySpec: podSelector
  Node: metadata spec status
  NodeDaemonEndpoints: kubeletEndpoint
  NodeStatus: daemonEndpoints nodeInfo
  ObjectMetricSource: describedObject target metric
  ObjectMetricStatus: metric current describedObject
  PersistentVolume: metadata spec status
  PersistentVolumeClaim: metadata spec status
  PersistentVolumeClaimSpec: resources
  PersistentVolumeClaimTemplate: metadata spec
  Pod: metadata spec status
  PodDisruptionBudget: metadata spec status
  PodTemplateSpec: metadata spec
  PodsMetricSource: metric target
  PodsMetricStatus: metric current
  PreferredSchedulingTerm: preference
  PriorityClass: metadata
  ReplicaSet: metadata spec status
  ReplicaSetSpec: template
  ReplicationController: metadata spec status
  ResourceMetricSource: target
  ResourceMetricStatus: current
  ResourceQuota: metadata spec status
  Role: metadata
  RoleBinding: metadata roleRef
  Scale: metadata spec status
  Secret: metadata
  SelfSubjectAccessReview: metadata spec status
  SelfSubjectReview: metadata status
  SelfSubjectReviewStatus: userInfo
  SelfSubjectRulesReview: metadata spec status
  Service: metadata spec status
  ServiceAccount: metadata
  ServiceStatus: loadBalancer
  StatefulSet: metadata spec status
  StatefulSetSpec: template updateStrategy
  Status: metadata
  StorageClass: metadata
  SubjectAccessReview: metadata spec status
  TokenRequest: metadata spec status
  TokenReview: metadata spec status
  TokenReviewStatus: user
  WeightedPodAffinityTerm: podAffinityTerm
`)

/** Optional in the models, yet written when zero or empty (no `omitempty`). */
export const alwaysWritten = table(`
  ContainerImage: names
  EndpointSlice: ports
  Event: reportingComponent reportingInstance
  HorizontalPodAutoscalerStatus: currentMetrics
  NodeRuntimeHandler: name
  ProjectedVolumeSource: sources
  StatefulSetOrdinals: start
  StatefulSetSpec: serviceName
  StatefulSetStatus: availableReplicas
`)

/** Go's name for scalars of a named type (`unmarshal number into ... of type v1.PullPolicy`). */
export const namedTypes: ReadonlyMap<string, string> = inverted(`
  types.UID: BoundObjectReference.uid
  types.UID: ConfigMapNodeConfigSource.uid ObjectMeta.uid ObjectReference.uid OwnerReference.uid
  types.UID: Preconditions.uid StatusDetails.uid UncountedTerminatedPods.failed
  types.UID: UncountedTerminatedPods.succeeded
  v1.AddressType: EndpointSlice.addressType
  v1.AppArmorProfileType: AppArmorProfile.type
  v1.AzureDataDiskCachingMode: AzureDiskVolumeSource.cachingMode
  v1.AzureDataDiskKind: AzureDiskVolumeSource.kind
  v1.Capability: Capabilities.add Capabilities.drop
  v1.CauseType: StatusCause.reason
  v1.ClaimResourceStatus: PersistentVolumeClaimStatus.allocatedResourceStatuses
  v1.CompletionMode: JobSpec.completionMode
  v1.ConcurrencyPolicy: CronJobSpec.concurrencyPolicy
  v1.ConditionStatus: Condition.status DaemonSetCondition.status DeploymentCondition.status
  v1.ConditionStatus: HorizontalPodAutoscalerCondition.status JobCondition.status
  v1.ConditionStatus: NamespaceCondition.status NodeCondition.status
  v1.ConditionStatus: PersistentVolumeClaimCondition.status PodCondition.status
  v1.ConditionStatus: PodFailurePolicyOnPodConditionsPattern.status ReplicaSetCondition.status
  v1.ConditionStatus: ReplicationControllerCondition.status StatefulSetCondition.status
  v1.ContainerRestartPolicy: Container.restartPolicy EphemeralContainer.restartPolicy
  v1.ContainerRestartRuleAction: ContainerRestartRule.action
  v1.ContainerRestartRuleOnExitCodesOperator: ContainerRestartRuleOnExitCodes.operator
  v1.CoordinatedLeaseStrategy: LeaseSpec.strategy
  v1.DNSPolicy: PodSpec.dnsPolicy
  v1.DaemonSetConditionType: DaemonSetCondition.type
  v1.DaemonSetUpdateStrategyType: DaemonSetUpdateStrategy.type
  v1.DeletionPropagation: DeleteOptions.propagationPolicy
  v1.DeploymentConditionType: DeploymentCondition.type
  v1.DeploymentStrategyType: DeploymentStrategy.type
  v1.FinalizerName: NamespaceSpec.finalizers
  v1.HostPathType: HostPathVolumeSource.type
  v1.IPFamily: ServiceSpec.ipFamilies
  v1.IPFamilyPolicy: ServiceSpec.ipFamilyPolicy
  v1.JobConditionType: JobCondition.type
  v1.LabelSelectorOperator: LabelSelectorRequirement.operator
  v1.LimitType: LimitRangeItem.type
  v1.LoadBalancerIPMode: LoadBalancerIngress.ipMode
  v1.ManagedFieldsOperationType: ManagedFieldsEntry.operation
  v1.MountPropagationMode: VolumeMount.mountPropagation
  v1.NamespaceConditionType: NamespaceCondition.type
  v1.NamespacePhase: NamespaceStatus.phase
  v1.NodeAddressType: NodeAddress.type
  v1.NodeConditionType: NodeCondition.type
  v1.NodeInclusionPolicy: TopologySpreadConstraint.nodeAffinityPolicy
  v1.NodeInclusionPolicy: TopologySpreadConstraint.nodeTaintsPolicy
  v1.NodePhase: NodeStatus.phase
  v1.NodeSelectorOperator: NodeSelectorRequirement.operator
  v1.OSName: PodOS.name
  v1.PathType: HTTPIngressPath.pathType
  v1.PersistentVolumeAccessMode: PersistentVolumeClaimSpec.accessModes
  v1.PersistentVolumeAccessMode: PersistentVolumeClaimStatus.accessModes
  v1.PersistentVolumeAccessMode: PersistentVolumeSpec.accessModes
  v1.PersistentVolumeClaimConditionType: PersistentVolumeClaimCondition.type
  v1.PersistentVolumeClaimModifyVolumeStatus: ModifyVolumeStatus.status
  v1.PersistentVolumeClaimPhase: PersistentVolumeClaimStatus.phase
  v1.PersistentVolumeMode: PersistentVolumeClaimSpec.volumeMode PersistentVolumeSpec.volumeMode
  v1.PersistentVolumePhase: PersistentVolumeStatus.phase
  v1.PersistentVolumeReclaimPolicy: PersistentVolumeSpec.persistentVolumeReclaimPolicy
  v1.PersistentVolumeReclaimPolicy: StorageClass.reclaimPolicy
  v1.PodConditionType: PodCondition.type PodFailurePolicyOnPodConditionsPattern.type
  v1.PodConditionType: PodReadinessGate.conditionType
  v1.PodFSGroupChangePolicy: PodSecurityContext.fsGroupChangePolicy
  v1.PodFailurePolicyAction: PodFailurePolicyRule.action
  v1.PodFailurePolicyOnExitCodesOperator: PodFailurePolicyOnExitCodesRequirement.operator
  v1.PodManagementPolicyType: StatefulSetSpec.podManagementPolicy
  v1.PodPhase: PodStatus.phase
  v1.PodQOSClass: PodStatus.qosClass
  v1.PodReplacementPolicy: JobSpec.podReplacementPolicy
  v1.PodResizeStatus: PodStatus.resize
  v1.PodSELinuxChangePolicy: PodSecurityContext.seLinuxChangePolicy
  v1.PolicyType: NetworkPolicySpec.policyTypes
  v1.PreemptionPolicy: PodSpec.preemptionPolicy
  v1.ProcMountType: SecurityContext.procMount
  v1.Protocol: ContainerPort.protocol EndpointPort.protocol EndpointsPort.protocol
  v1.Protocol: IngressPortStatus.protocol NetworkPolicyPort.protocol PortStatus.protocol
  v1.Protocol: ServicePort.protocol
  v1.PullPolicy: Container.imagePullPolicy EphemeralContainer.imagePullPolicy
  v1.PullPolicy: ImageVolumeSource.pullPolicy
  v1.RecursiveReadOnlyMode: VolumeMount.recursiveReadOnly VolumeMountStatus.recursiveReadOnly
  v1.ReplicaSetConditionType: ReplicaSetCondition.type
  v1.ResourceHealthStatus: ResourceHealth.health
  v1.ResourceID: ResourceHealth.resourceID
  v1.ResourceName: ContainerResizePolicy.resourceName ContainerResourceMetricSource.name
  v1.ResourceName: ContainerResourceMetricStatus.name ResourceMetricSource.name
  v1.ResourceName: ResourceMetricStatus.name ResourceStatus.name
  v1.ResourceQuotaScope: ResourceQuotaSpec.scopes ScopedResourceSelectorRequirement.scopeName
  v1.ResourceResizeRestartPolicy: ContainerResizePolicy.restartPolicy
  v1.RestartPolicy: PodSpec.restartPolicy
  v1.ScopeSelectorOperator: ScopedResourceSelectorRequirement.operator
  v1.SeccompProfileType: SeccompProfile.type
  v1.SecretType: Secret.type
  v1.ServiceAffinity: ServiceSpec.sessionAffinity
  v1.ServiceExternalTrafficPolicy: ServiceSpec.externalTrafficPolicy
  v1.ServiceInternalTrafficPolicy: ServiceSpec.internalTrafficPolicy
  v1.ServiceType: ServiceSpec.type
  v1.Signal: ContainerStatus.stopSignal Lifecycle.stopSignal
  v1.StatefulSetConditionType: StatefulSetCondition.type
  v1.StatefulSetUpdateStrategyType: StatefulSetUpdateStrategy.type
  v1.StatusReason: Status.reason
  v1.StorageMedium: EmptyDirVolumeSource.medium
  v1.SupplementalGroupsPolicy: PodSecurityContext.supplementalGroupsPolicy
  v1.TaintEffect: Taint.effect Toleration.effect
  v1.TerminationMessagePolicy: Container.terminationMessagePolicy
  v1.TerminationMessagePolicy: EphemeralContainer.terminationMessagePolicy
  v1.TolerationOperator: Toleration.operator
  v1.URIScheme: HTTPGetAction.scheme
  v1.UnhealthyPodEvictionPolicyType: PodDisruptionBudgetSpec.unhealthyPodEvictionPolicy
  v1.UniqueVolumeName: AttachedVolume.name NodeStatus.volumesInUse
  v1.UnsatisfiableConstraintAction: TopologySpreadConstraint.whenUnsatisfiable
  v1.VolumeBindingMode: StorageClass.volumeBindingMode
  v2.HPAScalingPolicyType: HPAScalingPolicy.type
  v2.HorizontalPodAutoscalerConditionType: HorizontalPodAutoscalerCondition.type
  v2.MetricSourceType: MetricSpec.type MetricStatus.type
  v2.MetricTargetType: MetricTarget.type
  v2.ScalingPolicySelect: HPAScalingRules.selectPolicy
`)

/** Models whose Go struct has another name than ours. */
export const structNames: Readonly<Record<string, string>> = {
  CoreV1ResourceClaim: 'ResourceClaim',
  CrossVersionObjectReferenceV1: 'CrossVersionObjectReference',
  EndpointsPort: 'EndpointPort',
  HorizontalPodAutoscalerV1: 'HorizontalPodAutoscaler',
  HorizontalPodAutoscalerV1Spec: 'HorizontalPodAutoscalerSpec',
  HorizontalPodAutoscalerV1Status: 'HorizontalPodAutoscalerStatus',
}
