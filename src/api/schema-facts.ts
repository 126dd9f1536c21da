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
  NodeStatus: allocatable capacity
  PersistentVolumeClaimStatus: allocatedResources capacity
  PodSpec: overhead
  ResourceFieldSelector: divisor
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
  HostPathVolumeSource: type
  ISCSIVolumeSource: initiatorName
  KeyToPath: mode
  LeaseSpec: acquireTime holderIdentity leaseDurationSeconds leaseTransitions preferredHolder
  LeaseSpec: renewTime strategy
  Lifecycle: stopSignal
  ListMeta: remainingItemCount
  LoadBalancerIngress: ipMode
  ManagedFieldsEntry: fieldsV1 time
  NodeFeatures: supplementalGroupsPolicy
  NodeRuntimeHandlerFeatures: recursiveReadOnlyMounts userNamespaces
  NodeSwapStatus: capacity
  ObjectMeta: deletionGracePeriodSeconds deletionTimestamp
  OwnerReference: blockOwnerDeletion controller
  PersistentVolumeClaimSpec: storageClassName volumeAttributesClassName volumeMode
  PersistentVolumeClaimStatus: currentVolumeAttributesClassName
  PodCertificateProjection: maxExpirationSeconds
  PodDNSConfigOption: value
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
  Probe: terminationGracePeriodSeconds
  ProjectedVolumeSource: defaultMode
  ReplicaSetSpec: replicas
  ReplicaSetStatus: terminatingReplicas
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
  ServiceSpec: allocateLoadBalancerNodePorts internalTrafficPolicy ipFamilyPolicy loadBalancerClass
  ServiceSpec: trafficDistribution
  StatefulSetSpec: replicas revisionHistoryLimit
  StatefulSetStatus: collisionCount
  Taint: timeAdded
  Toleration: tolerationSeconds
  TopologySpreadConstraint: minDomains nodeAffinityPolicy nodeTaintsPolicy
  TypedLocalObjectReference: apiGroup
  TypedObjectReference: apiGroup namespace
  VolumeMount: mountPropagation recursiveReadOnly
  VolumeMountStatus: recursiveReadOnly
  WindowsSecurityContextOptions: gmsaCredentialSpec gmsaCredentialSpecName hostProcess runAsUserName
`)

/** Structs held by value: always written, `{}` at least. Of all others, absent and `{}` differ. */
export const values = table(`
  Binding: metadata target
  ConfigMap: metadata
  Container: resources
  ContainerStatus: lastState state
  ControllerRevision: metadata
  DaemonSet: metadata spec status
  DaemonSetSpec: template updateStrategy
  Deployment: metadata spec status
  DeploymentSpec: strategy template
  Endpoint: conditions
  EndpointSlice: metadata
  Endpoints: metadata
  EphemeralContainer: resources
  Event: involvedObject metadata source
  Lease: metadata spec
  Namespace: metadata spec status
  Node: metadata spec status
  NodeDaemonEndpoints: kubeletEndpoint
  NodeStatus: daemonEndpoints nodeInfo
  PersistentVolumeClaim: metadata spec status
  PersistentVolumeClaimSpec: resources
  PersistentVolumeClaimTemplate: metadata spec
  Pod: metadata spec status
  PodTemplateSpec: metadata spec
  PreferredSchedulingTerm: preference
  ReplicaSet: metadata spec status
  ReplicaSetSpec: template
  Scale: metadata spec status
  Secret: metadata
  Service: metadata spec status
  ServiceAccount: metadata
  ServiceStatus: loadBalancer
  StatefulSet: metadata spec status
  StatefulSetSpec: template updateStrategy
  Status: metadata
  WeightedPodAffinityTerm: podAffinityTerm
`)

/** Optional in the models, yet written when zero or empty (no `omitempty`). */
export const alwaysWritten = table(`
  ContainerImage: names
  EndpointSlice: ports
  Event: reportingComponent reportingInstance
  NodeRuntimeHandler: name
  ProjectedVolumeSource: sources
  StatefulSetOrdinals: start
  StatefulSetSpec: serviceName
  StatefulSetStatus: availableReplicas
`)

/** Go's name for scalars of a named type (`unmarshal number into ... of type v1.PullPolicy`). */
export const namedTypes: ReadonlyMap<string, string> = inverted(`
  types.UID: ConfigMapNodeConfigSource.uid ObjectMeta.uid ObjectReference.uid OwnerReference.uid
  types.UID: Preconditions.uid StatusDetails.uid
  v1.AddressType: EndpointSlice.addressType
  v1.AppArmorProfileType: AppArmorProfile.type
  v1.AzureDataDiskCachingMode: AzureDiskVolumeSource.cachingMode
  v1.AzureDataDiskKind: AzureDiskVolumeSource.kind
  v1.Capability: Capabilities.add Capabilities.drop
  v1.CauseType: StatusCause.reason
  v1.ClaimResourceStatus: PersistentVolumeClaimStatus.allocatedResourceStatuses
  v1.ConditionStatus: Condition.status DaemonSetCondition.status DeploymentCondition.status
  v1.ConditionStatus: NamespaceCondition.status NodeCondition.status
  v1.ConditionStatus: PersistentVolumeClaimCondition.status PodCondition.status
  v1.ConditionStatus: ReplicaSetCondition.status StatefulSetCondition.status
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
  v1.LabelSelectorOperator: LabelSelectorRequirement.operator
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
  v1.PersistentVolumeAccessMode: PersistentVolumeClaimSpec.accessModes
  v1.PersistentVolumeAccessMode: PersistentVolumeClaimStatus.accessModes
  v1.PersistentVolumeClaimConditionType: PersistentVolumeClaimCondition.type
  v1.PersistentVolumeClaimModifyVolumeStatus: ModifyVolumeStatus.status
  v1.PersistentVolumeClaimPhase: PersistentVolumeClaimStatus.phase
  v1.PersistentVolumeMode: PersistentVolumeClaimSpec.volumeMode
  v1.PodConditionType: PodCondition.type PodReadinessGate.conditionType
  v1.PodFSGroupChangePolicy: PodSecurityContext.fsGroupChangePolicy
  v1.PodManagementPolicyType: StatefulSetSpec.podManagementPolicy
  v1.PodPhase: PodStatus.phase
  v1.PodQOSClass: PodStatus.qosClass
  v1.PodResizeStatus: PodStatus.resize
  v1.PodSELinuxChangePolicy: PodSecurityContext.seLinuxChangePolicy
  v1.PreemptionPolicy: PodSpec.preemptionPolicy
  v1.ProcMountType: SecurityContext.procMount
  v1.Protocol: ContainerPort.protocol EndpointPort.protocol EndpointsPort.protocol
  v1.Protocol: PortStatus.protocol ServicePort.protocol
  v1.PullPolicy: Container.imagePullPolicy EphemeralContainer.imagePullPolicy
  v1.PullPolicy: ImageVolumeSource.pullPolicy
  v1.RecursiveReadOnlyMode: VolumeMount.recursiveReadOnly VolumeMountStatus.recursiveReadOnly
  v1.ReplicaSetConditionType: ReplicaSetCondition.type
  v1.ResourceHealthStatus: ResourceHealth.health
  v1.ResourceID: ResourceHealth.resourceID
  v1.ResourceName: ContainerResizePolicy.resourceName ResourceStatus.name
  v1.ResourceResizeRestartPolicy: ContainerResizePolicy.restartPolicy
  v1.RestartPolicy: PodSpec.restartPolicy
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
  v1.UniqueVolumeName: AttachedVolume.name NodeStatus.volumesInUse
  v1.UnsatisfiableConstraintAction: TopologySpreadConstraint.whenUnsatisfiable
`)

/** Models whose Go struct has another name than ours. */
export const structNames: Readonly<Record<string, string>> = {
  CoreV1ResourceClaim: 'ResourceClaim',
  EndpointsPort: 'EndpointPort',
}
