const table = `
  AppArmorProfile.type: Localhost RuntimeDefault Unconfined
  Container.imagePullPolicy: Always IfNotPresent Never
  Container.terminationMessagePolicy: FallbackToLogsOnError File
  ContainerPort.protocol: SCTP TCP UDP
  CronJobSpec.concurrencyPolicy: Allow Forbid Replace
  DaemonSetUpdateStrategy.type: OnDelete RollingUpdate
  DeploymentStrategy.type: Recreate RollingUpdate
  EndpointPort.protocol: SCTP TCP UDP
  EndpointSlice.addressType: FQDN IPv4 IPv6
  EndpointsPort.protocol: SCTP TCP UDP
  EphemeralContainer.imagePullPolicy: Always IfNotPresent Never
  EphemeralContainer.terminationMessagePolicy: FallbackToLogsOnError File
  HTTPGetAction.scheme: HTTP HTTPS
  HTTPIngressPath.pathType: Exact ImplementationSpecific Prefix
  JobSpec.completionMode: Indexed NonIndexed
  JobSpec.podReplacementPolicy: Failed TerminatingOrFailed
  NamespaceStatus.phase: Active Terminating
  NodeSelectorRequirement.operator: DoesNotExist Exists Gt In Lt NotIn
  PersistentVolumeClaimSpec.volumeMode: Block Filesystem
  PersistentVolumeClaimStatus.phase: Bound Lost Pending
  PodFailurePolicyOnExitCodesRequirement.operator: In NotIn
  PodFailurePolicyRule.action: Count FailIndex FailJob Ignore
  PodSecurityContext.fsGroupChangePolicy: Always OnRootMismatch
  PodSecurityContext.supplementalGroupsPolicy: Merge Strict
  PodSpec.dnsPolicy: ClusterFirst ClusterFirstWithHostNet Default None
  PodSpec.preemptionPolicy: Never PreemptLowerPriority
  PodSpec.restartPolicy: Always Never OnFailure
  PodStatus.phase: Failed Pending Running Succeeded Unknown
  PodStatus.qosClass: BestEffort Burstable Guaranteed
  SeccompProfile.type: Localhost RuntimeDefault Unconfined
  SecurityContext.procMount: Default Unmasked
  ServicePort.protocol: SCTP TCP UDP
  ServiceSpec.externalTrafficPolicy: Cluster Local
  ServiceSpec.internalTrafficPolicy: Cluster Local
  ServiceSpec.ipFamilyPolicy: PreferDualStack RequireDualStack SingleStack
  ServiceSpec.sessionAffinity: ClientIP None
  ServiceSpec.type: ClusterIP ExternalName LoadBalancer NodePort
  StatefulSetSpec.podManagementPolicy: OrderedReady Parallel
  StatefulSetUpdateStrategy.type: OnDelete RollingUpdate
  StorageClass.reclaimPolicy: Delete Recycle Retain
  StorageClass.volumeBindingMode: Immediate WaitForFirstConsumer
  Taint.effect: NoExecute NoSchedule PreferNoSchedule
  Toleration.effect: NoExecute NoSchedule PreferNoSchedule
  Toleration.operator: Equal Exists Gt Lt
  TopologySpreadConstraint.nodeAffinityPolicy: Honor Ignore
  TopologySpreadConstraint.nodeTaintsPolicy: Honor Ignore
  TopologySpreadConstraint.whenUnsatisfiable: DoNotSchedule ScheduleAnyway
`

/**
 * The fields whose values are a closed list that OpenAPI 3 publishes (`kubectl explain` prints it),
 * by `Model.field`, in upstream's order. What validation accepts is its own business.
 */
export const enums: ReadonlyMap<string, readonly string[]> = new Map(
  table
    .trim()
    .split('\n')
    .map((line) => {
      const [field = '', values = ''] = line.trim().split(': ')
      return [field, values.split(' ')]
    }),
)
