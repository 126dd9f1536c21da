import type { Container, ContainerPort, Pod } from './generated/types.ts'
import { isJsonObject, type JsonValue, parseJson } from './json.ts'
import { portsAnnotation } from './names.ts'

/** Container port -> real port. Key 0 is the default port of a pod that declares none. */
export type PortMap = ReadonlyMap<number, number>

/** Where to look for a port that is given by name. */
export interface PortScope {
  /** Only this container's ports (probes and hooks); all containers when absent. */
  readonly container?: string
  /** Only ports of this protocol (Services); any when absent. */
  readonly protocol?: string
}

const maxPort = 65535

function isPort(value: JsonValue | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= maxPort
}

function parseAnnotation(text: string): JsonValue {
  try {
    return parseJson(text)
  } catch {
    return null
  }
}

/**
 * The pod's published port map; undefined for a pod whose containers have a network of their own,
 * or that has not got its ports yet. An annotation that no engine wrote counts as none.
 */
export function portMapOf(pod: Pod): PortMap | undefined {
  const text = pod.metadata.annotations?.[portsAnnotation]
  const json = text === undefined ? undefined : parseAnnotation(text)
  if (!isJsonObject(json)) return undefined
  const map = new Map<number, number>()
  for (const [key, real] of Object.entries(json)) {
    if (/^\d{1,5}$/.test(key) && isPort(real)) map.set(Number(key), real)
  }
  return map
}

/** The annotation's value for a port map; equal maps give equal texts. */
export function portMapText(map: PortMap): string {
  const entries = [...map].sort(([a], [b]) => a - b)
  return `{${entries.map(([port, real]) => `"${port}":${real}`).join(',')}}`
}

/** Regular containers first, then init containers, whose sidecars may be targets too. */
function containersOf(pod: Pod, name: string | undefined): readonly Container[] {
  const all = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])]
  return name === undefined ? all : all.filter((container) => container.name === name)
}

/** Every port that the pod's containers declare, in the order of declaration. */
export function declaredPorts(pod: Pod, scope: PortScope = {}): readonly ContainerPort[] {
  const ports = containersOf(pod, scope.container).flatMap((container) => container.ports ?? [])
  const { protocol } = scope
  return protocol ? ports.filter((port) => (port.protocol ?? 'TCP') === protocol) : ports
}

/** What a target means inside the pod, before any mapping; undefined for a name nobody declares. */
function containerPortOf(pod: Pod, target: number | string, scope: PortScope): number | undefined {
  if (typeof target === 'number') return target
  return declaredPorts(pod, scope).find((port) => port.name === target)?.containerPort
}

/**
 * The one answer to where a pod's port is: for probes, hooks, Service target ports and
 * port-forward. `target` is a container port's number or name, as a manifest gives it; the result
 * is the port to connect to on the pod's IP, undefined when no container declares the name.
 */
export function resolvePort(
  pod: Pod,
  target: number | string,
  scope: PortScope = {},
): number | undefined {
  const containerPort = containerPortOf(pod, target, scope)
  const map = portMapOf(pod)
  if (containerPort === undefined || map === undefined) return containerPort
  const declared = declaredPorts(pod).find((port) => port.containerPort === containerPort)
  return (
    map.get(containerPort) ??
    (declared === undefined ? map.get(0) : declared.hostPort) ??
    containerPort
  )
}
