import type {
  ClusterRole,
  ClusterRoleBinding,
  ConfigMap,
  ControllerRevision,
  CronJob,
  DaemonSet,
  Deployment,
  EndpointSlice,
  Endpoints,
  Event,
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerV1,
  Ingress,
  IngressClass,
  Job,
  Lease,
  LimitRange,
  LocalSubjectAccessReview,
  Namespace,
  NetworkPolicy,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  PriorityClass,
  ReplicaSet,
  ReplicationController,
  ResourceQuota,
  Role,
  RoleBinding,
  Secret,
  SelfSubjectAccessReview,
  SelfSubjectReview,
  SelfSubjectRulesReview,
  Service,
  ServiceAccount,
  StatefulSet,
  StorageClass,
  SubjectAccessReview,
  TokenReview,
} from './generated/types.ts'
import type { KubeObject } from './object.ts'
import type { Resource } from './resource.ts'

interface Names {
  readonly plural: string
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly clusterScoped?: true
  readonly deprecation?: string
}

function define<T extends KubeObject>(
  groupVersion: string,
  kind: string,
  names: Names,
): Resource<T> {
  const [group, version] = groupVersion.includes('/') ? groupVersion.split('/') : ['', groupVersion]
  return Object.freeze({
    group: group as string,
    version: version as string,
    kind,
    plural: names.plural,
    singular: kind.toLowerCase(),
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    namespaced: names.clusterScoped !== true,
    ...(names.deprecation && { deprecation: names.deprecation }),
  })
}

const all = ['all']

export const configMaps = define<ConfigMap>('v1', 'ConfigMap', {
  plural: 'configmaps',
  shortNames: ['cm'],
})
export const events = define<Event>('v1', 'Event', { plural: 'events', shortNames: ['ev'] })
export const namespaces = define<Namespace>('v1', 'Namespace', {
  plural: 'namespaces',
  shortNames: ['ns'],
  clusterScoped: true,
})
export const nodes = define<Node>('v1', 'Node', {
  plural: 'nodes',
  shortNames: ['no'],
  clusterScoped: true,
})
export const persistentVolumeClaims = define<PersistentVolumeClaim>('v1', 'PersistentVolumeClaim', {
  plural: 'persistentvolumeclaims',
  shortNames: ['pvc'],
})
export const pods = define<Pod>('v1', 'Pod', {
  plural: 'pods',
  shortNames: ['po'],
  categories: all,
})
export const limitRanges = define<LimitRange>('v1', 'LimitRange', {
  plural: 'limitranges',
  shortNames: ['limits'],
})
export const resourceQuotas = define<ResourceQuota>('v1', 'ResourceQuota', {
  plural: 'resourcequotas',
  shortNames: ['quota'],
})
export const secrets = define<Secret>('v1', 'Secret', { plural: 'secrets' })
export const serviceAccounts = define<ServiceAccount>('v1', 'ServiceAccount', {
  plural: 'serviceaccounts',
  shortNames: ['sa'],
})
export const services = define<Service>('v1', 'Service', {
  plural: 'services',
  shortNames: ['svc'],
  categories: all,
})
export const deployments = define<Deployment>('apps/v1', 'Deployment', {
  plural: 'deployments',
  shortNames: ['deploy'],
  categories: all,
})
export const replicaSets = define<ReplicaSet>('apps/v1', 'ReplicaSet', {
  plural: 'replicasets',
  shortNames: ['rs'],
  categories: all,
})
export const statefulSets = define<StatefulSet>('apps/v1', 'StatefulSet', {
  plural: 'statefulsets',
  shortNames: ['sts'],
  categories: all,
})
export const daemonSets = define<DaemonSet>('apps/v1', 'DaemonSet', {
  plural: 'daemonsets',
  shortNames: ['ds'],
  categories: all,
})
export const controllerRevisions = define<ControllerRevision>('apps/v1', 'ControllerRevision', {
  plural: 'controllerrevisions',
})
export const leases = define<Lease>('coordination.k8s.io/v1', 'Lease', { plural: 'leases' })
export const endpointSlices = define<EndpointSlice>('discovery.k8s.io/v1', 'EndpointSlice', {
  plural: 'endpointslices',
})
export const podDisruptionBudgets = define<PodDisruptionBudget>(
  'policy/v1',
  'PodDisruptionBudget',
  {
    plural: 'poddisruptionbudgets',
    shortNames: ['pdb'],
  },
)
export const endpoints = define<Endpoints>('v1', 'Endpoints', {
  plural: 'endpoints',
  shortNames: ['ep'],
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
})
export const jobs = define<Job>('batch/v1', 'Job', {
  plural: 'jobs',
  categories: all,
})

export const cronJobs = define<CronJob>('batch/v1', 'CronJob', {
  plural: 'cronjobs',
  shortNames: ['cj'],
  categories: all,
})
export const horizontalPodAutoscalers = define<HorizontalPodAutoscaler>(
  'autoscaling/v2',
  'HorizontalPodAutoscaler',
  { plural: 'horizontalpodautoscalers', shortNames: ['hpa'], categories: all },
)
export const horizontalPodAutoscalersV1 = define<HorizontalPodAutoscalerV1>(
  'autoscaling/v1',
  'HorizontalPodAutoscaler',
  { plural: 'horizontalpodautoscalers', shortNames: ['hpa'], categories: all },
)
export const ingresses = define<Ingress>('networking.k8s.io/v1', 'Ingress', {
  plural: 'ingresses',
  shortNames: ['ing'],
})
export const ingressClasses = define<IngressClass>('networking.k8s.io/v1', 'IngressClass', {
  plural: 'ingressclasses',
  clusterScoped: true,
})
export const networkPolicies = define<NetworkPolicy>('networking.k8s.io/v1', 'NetworkPolicy', {
  plural: 'networkpolicies',
  shortNames: ['netpol'],
})
export const replicationControllers = define<ReplicationController>('v1', 'ReplicationController', {
  plural: 'replicationcontrollers',
  shortNames: ['rc'],
  categories: all,
})
export const persistentVolumes = define<PersistentVolume>('v1', 'PersistentVolume', {
  plural: 'persistentvolumes',
  shortNames: ['pv'],
  clusterScoped: true,
})
export const priorityClasses = define<PriorityClass>('scheduling.k8s.io/v1', 'PriorityClass', {
  plural: 'priorityclasses',
  shortNames: ['pc'],
  clusterScoped: true,
})
export const storageClasses = define<StorageClass>('storage.k8s.io/v1', 'StorageClass', {
  plural: 'storageclasses',
  shortNames: ['sc'],
  clusterScoped: true,
})

const rbac = 'rbac.authorization.k8s.io/v1'
export const roles = define<Role>(rbac, 'Role', { plural: 'roles' })
export const roleBindings = define<RoleBinding>(rbac, 'RoleBinding', { plural: 'rolebindings' })
export const clusterRoles = define<ClusterRole>(rbac, 'ClusterRole', {
  plural: 'clusterroles',
  clusterScoped: true,
})
export const clusterRoleBindings = define<ClusterRoleBinding>(rbac, 'ClusterRoleBinding', {
  plural: 'clusterrolebindings',
  clusterScoped: true,
})

/** Everything that is stored. A new kind is one line here and one file in `apiserver/registry`. */
export const scheme: readonly Resource[] = [
  configMaps,
  events,
  namespaces,
  nodes,
  persistentVolumeClaims,
  pods,
  secrets,
  serviceAccounts,
  services,
  deployments,
  replicaSets,
  statefulSets,
  daemonSets,
  controllerRevisions,
  leases,
  endpointSlices,
  podDisruptionBudgets,
  endpoints,
  roles,
  roleBindings,
  clusterRoles,
  clusterRoleBindings,
  jobs,
  limitRanges,
  resourceQuotas,
  cronJobs,
  horizontalPodAutoscalers,
  ingresses,
  ingressClasses,
  networkPolicies,
  replicationControllers,
  persistentVolumes,
  priorityClasses,
  storageClasses,
]

const authentication = 'authentication.k8s.io/v1'
const authorization = 'authorization.k8s.io/v1'
export const tokenReviews = define<TokenReview>(authentication, 'TokenReview', {
  plural: 'tokenreviews',
  clusterScoped: true,
})
export const selfSubjectReviews = define<SelfSubjectReview>(authentication, 'SelfSubjectReview', {
  plural: 'selfsubjectreviews',
  clusterScoped: true,
})
export const selfSubjectAccessReviews = define<SelfSubjectAccessReview>(
  authorization,
  'SelfSubjectAccessReview',
  { plural: 'selfsubjectaccessreviews', clusterScoped: true },
)
export const subjectAccessReviews = define<SubjectAccessReview>(
  authorization,
  'SubjectAccessReview',
  { plural: 'subjectaccessreviews', clusterScoped: true },
)
export const localSubjectAccessReviews = define<LocalSubjectAccessReview>(
  authorization,
  'LocalSubjectAccessReview',
  { plural: 'localsubjectaccessreviews' },
)
export const selfSubjectRulesReviews = define<SelfSubjectRulesReview>(
  authorization,
  'SelfSubjectRulesReview',
  { plural: 'selfsubjectrulesreviews', clusterScoped: true },
)

/** Questions: they are created, answered and not kept. */
export const reviews: readonly Resource[] = [
  tokenReviews,
  selfSubjectReviews,
  selfSubjectAccessReviews,
  subjectAccessReviews,
  localSubjectAccessReviews,
  selfSubjectRulesReviews,
]

/** What is stored in one version and served in another, too: `versions/` converts between them. */
export const otherVersions: readonly Resource[] = [horizontalPodAutoscalersV1]

/** The resource of an object as it is stored, by its kind and any apiVersion that is served. */
export function resourceOfKind(apiVersion: string, kind: string): Resource | undefined {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1)
  const isIt = (r: Resource) => r.group === group && r.version === version && r.kind === kind
  const found = scheme.find(isIt) ?? otherVersions.find(isIt)
  return found && storedResource(found)
}

/** The version of a resource that is stored; itself where there is but one. */
export function storedResource<T extends KubeObject>(resource: Resource<T>): Resource {
  if (!otherVersions.includes(resource)) return resource
  const { group, plural } = resource
  return scheme.find((r) => r.group === group && r.plural === plural) ?? resource
}
