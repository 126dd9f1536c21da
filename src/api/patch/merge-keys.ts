/**
 * The lists that a strategic merge patch merges instead of replacing (H-13): by `Model.field`, the
 * member that identifies an element, or '' where the elements are themselves plain values. Every
 * other list is replaced whole.
 */
const table = `
  Container: env=name ports=containerPort volumeDevices=devicePath volumeMounts=mountPath
  ContainerStatus: allocatedResourcesStatus=name volumeMounts=mountPath
  DaemonSetStatus: conditions=type
  DeploymentStatus: conditions=type
  EphemeralContainer: env=name ports=containerPort volumeDevices=devicePath
  EphemeralContainer: volumeMounts=mountPath
  NamespaceStatus: conditions=type
  NodeSpec: podCIDRs=
  NodeStatus: addresses=type conditions=type
  ObjectMeta: finalizers= ownerReferences=uid
  PersistentVolumeClaimStatus: conditions=type
  PodSpec: containers=name ephemeralContainers=name hostAliases=ip imagePullSecrets=name
  PodSpec: initContainers=name resourceClaims=name schedulingGates=name
  PodSpec: topologySpreadConstraints=topologyKey volumes=name
  PodStatus: conditions=type hostIPs=ip podIPs=ip resourceClaimStatuses=name
  ReplicaSetStatus: conditions=type
  ServiceAccount: secrets=name
  ServiceSpec: ports=port
  ServiceStatus: conditions=type
  StatefulSetStatus: conditions=type
`

const mergeKeys: ReadonlyMap<string, string> = new Map(
  table
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [model, fields = ''] = line.trim().split(': ')
      return fields.split(' ').map((field): readonly [string, string] => {
        const [name, key = ''] = field.split('=')
        return [`${model}.${name}`, key]
      })
    }),
)

/**
 * The merge key of a list, '' for a list of plain values, undefined for a list that is replaced
 * whole.
 */
export function mergeKeyOf(model: string | undefined, field: string): string | undefined {
  return model === undefined ? undefined : mergeKeys.get(`${model}.${field}`)
}
