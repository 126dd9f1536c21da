/**
 * The models whose closure is generated: our name, and the name it has in
 * `@kubernetes/client-node`.
 */
export const roots: Readonly<Record<string, string>> = {
  Namespace: 'V1Namespace',
  Node: 'V1Node',
  Pod: 'V1Pod',
  Service: 'V1Service',
  Endpoints: 'V1Endpoints',
  ConfigMap: 'V1ConfigMap',
  Secret: 'V1Secret',
  ServiceAccount: 'V1ServiceAccount',
  PersistentVolumeClaim: 'V1PersistentVolumeClaim',
  Event: 'CoreV1Event',
  EndpointSlice: 'V1EndpointSlice',
  Lease: 'V1Lease',
  Deployment: 'V1Deployment',
  ReplicaSet: 'V1ReplicaSet',
  StatefulSet: 'V1StatefulSet',
  DaemonSet: 'V1DaemonSet',
  ControllerRevision: 'V1ControllerRevision',
  PodDisruptionBudget: 'V1PodDisruptionBudget',
  Eviction: 'V1Eviction',
  Job: 'V1Job',
  CronJob: 'V1CronJob',
  ResourceQuota: 'V1ResourceQuota',
  LimitRange: 'V1LimitRange',
  HorizontalPodAutoscaler: 'V2HorizontalPodAutoscaler',
  PersistentVolume: 'V1PersistentVolume',
  StorageClass: 'V1StorageClass',
  Ingress: 'V1Ingress',
  IngressClass: 'V1IngressClass',
  NetworkPolicy: 'V1NetworkPolicy',
  PriorityClass: 'V1PriorityClass',
  Scale: 'V1Scale',
  Binding: 'V1Binding',
  Status: 'V1Status',
  DeleteOptions: 'V1DeleteOptions',
  PodTemplateSpec: 'V1PodTemplateSpec',
}

/** Names that would collide, or mislead, once the version prefix is gone. */
export const renames: Readonly<Record<string, string>> = {
  CoreV1Event: 'Event',
  CoreV1EventSeries: 'EventSeries',
  CoreV1EndpointPort: 'EndpointsPort',
  DiscoveryV1EndpointPort: 'EndpointPort',
}
