/**
 * What identifies an element of a list, where lists are merged element by element (H-13, H-15).
 * Every list that is in none of these tables is one value: replaced whole, owned whole.
 * By `Model.field`, the members that are the key, or none where the elements are plain values.
 */

/** Merged by strategic merge patch (by the first key alone) and by server-side apply (by all). */
const merged = table(`
  Container: env=name ports=containerPort,protocol volumeDevices=devicePath volumeMounts=mountPath
  ContainerStatus: allocatedResourcesStatus=name volumeMounts=mountPath
  DaemonSetStatus: conditions=type
  DeploymentStatus: conditions=type
  EphemeralContainer: env=name ports=containerPort,protocol volumeDevices=devicePath
  EphemeralContainer: volumeMounts=mountPath
  HorizontalPodAutoscalerStatus: conditions=type
  NamespaceStatus: conditions=type
  NodeSpec: podCIDRs=
  NodeStatus: addresses=type conditions=type
  ObjectMeta: finalizers= ownerReferences=uid
  PersistentVolumeClaimStatus: conditions=type
  PodDisruptionBudgetStatus: conditions=type
  PodSpec: containers=name ephemeralContainers=name hostAliases=ip imagePullSecrets=name
  PodSpec: initContainers=name resourceClaims=name schedulingGates=name
  PodSpec: topologySpreadConstraints=topologyKey,whenUnsatisfiable volumes=name
  PodStatus: conditions=type podIPs=ip resourceClaimStatuses=name
  ReplicaSetStatus: conditions=type
  ReplicationControllerStatus: conditions=type
  ServiceAccount: secrets=name
  ServiceSpec: ports=port,protocol
  ServiceStatus: conditions=type
  StatefulSetStatus: conditions=type
`)

const onlyPatched = table(`
  JobStatus: conditions=type
  PodStatus: hostIPs=ip
`)

const onlyApplied = table(`
  ContainerRestartRuleOnExitCodes: values=
  Endpoint: addresses=
  PodFailurePolicyOnExitCodesRequirement: values=
  ResourceRequirements: claims=name
  ResourceStatus: resources=resourceID
  UncountedTerminatedPods: succeeded= failed=
`)

/** Structs that are one value to server-side apply: owned and replaced whole. */
const atomicModels: ReadonlySet<string> = new Set([
  'ConfigMapKeySelector',
  'CrossVersionObjectReferenceV1',
  'EndpointAddress',
  'EndpointPort',
  'EndpointsPort',
  'FileKeySelector',
  'LabelSelector',
  'LocalObjectReference',
  'NodeSelector',
  'NodeSelectorTerm',
  'ObjectFieldSelector',
  'ObjectReference',
  'OwnerReference',
  'ResourceFieldSelector',
  'RoleRef',
  'ScopeSelector',
  'SecretKeySelector',
  'SecretReference',
  'ServiceBackendPort',
  'Subject',
  'TopologySelectorTerm',
  'TypedLocalObjectReference',
])

/** Maps that are one value to server-side apply. */
const atomicMaps: ReadonlySet<string> = new Set([
  'PodSpec.nodeSelector',
  'ReplicationControllerSpec.selector',
  'ServiceSpec.selector',
])

/**
 * Maps, and structs that elsewhere are one value, of which upstream says that each member is owned
 * by itself.
 */
const granular: ReadonlySet<string> = new Set([
  'PersistentVolumeClaimStatus.allocatedResourceStatuses',
  'PersistentVolumeSpec.claimRef',
])

/** Structs that a strategic merge patch replaces whole (upstream's patch strategy `replace`). */
const replacedWhole: ReadonlySet<string> = new Set(['PodDisruptionBudgetSpec.selector'])

/** The one member of a key that may be left out with a meaning. */
const keyDefaults: ReadonlyMap<string, string> = new Map([
  ['Container.ports.protocol', 'TCP'],
  ['EphemeralContainer.ports.protocol', 'TCP'],
  ['ServiceSpec.ports.protocol', 'TCP'],
])

function table(text: string): ReadonlyMap<string, readonly string[]> {
  return new Map(
    text
      .trim()
      .split('\n')
      .flatMap((line) => {
        const [model, fields = ''] = line.trim().split(': ')
        return fields.split(' ').map((field): readonly [string, readonly string[]] => {
          const [name, keys] = field.split('=')
          return [`${model}.${name}`, keys ? keys.split(',') : []]
        })
      }),
  )
}

/** The members by which a strategic merge patch tells elements apart; undefined: replaced whole. */
export function patchKeysOf(model: string, field: string): readonly string[] | undefined {
  const id = `${model}.${field}`
  return merged.get(id) ?? onlyPatched.get(id)
}

/**
 * How server-side apply takes a list: `map` by these keys (in alphabetical order), `set` of plain
 * values, or `atomic`.
 */
export type ListType =
  | { readonly type: 'atomic' | 'set' }
  | { readonly type: 'map'; readonly keys: readonly string[] }

export function listTypeOf(model: string, field: string): ListType {
  const id = `${model}.${field}`
  const keys = merged.get(id) ?? onlyApplied.get(id)
  if (keys === undefined) return { type: 'atomic' }
  return keys.length === 0 ? { type: 'set' } : { type: 'map', keys }
}

/** What a member of a list's key is where an element leaves it out. */
export function keyDefaultOf(model: string, field: string, key: string): string | undefined {
  return keyDefaults.get(`${model}.${field}.${key}`)
}

export function isAtomicModel(model: string): boolean {
  return atomicModels.has(model)
}

export function isGranular(model: string, field: string): boolean {
  return granular.has(`${model}.${field}`)
}

export function isAtomicMap(model: string, field: string): boolean {
  return atomicMaps.has(`${model}.${field}`)
}

export function isReplacedWhole(model: string | undefined, field: string): boolean {
  return replacedWhole.has(`${model}.${field}`)
}
