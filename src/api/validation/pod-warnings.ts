import type { Container, ContainerPort, ObjectMeta, PodSpec } from '../generated/types.ts'
import { parseQuantity } from '../quantity.ts'

interface PodLike {
  readonly metadata?: ObjectMeta
  readonly spec?: PodSpec
}

type Located = readonly [container: Container, path: string]

/** What works, but probably not as meant, in a pod or in a template at `path` (H-21). */
export function podSpecWarnings(pod: PodLike | undefined, path = ''): readonly string[] {
  const spec = pod?.spec
  if (spec === undefined) return []
  const at = path === '' ? 'spec' : `${path}.spec`
  const containers: readonly Located[] = [
    ...(spec.initContainers ?? []).map(
      (container, i): Located => [container, `${at}.initContainers[${i}]`],
    ),
    ...(spec.containers ?? []).map(
      (container, i): Located => [container, `${at}.containers[${i}]`],
    ),
  ]
  return [
    ...repeated(spec.hostAliases, `${at}.hostAliases`, 'ip'),
    ...repeated(spec.imagePullSecrets, `${at}.imagePullSecrets`, 'name'),
    ...containers.flatMap(([container, where]) => [
      ...fractionWarnings(container, where),
      ...envWarnings(container, `${where}.env`),
    ]),
    ...portWarnings(containers),
    ...portNameWarnings(containers),
    ...graceWarnings(spec, at),
  ]
}

function graceWarnings(spec: PodSpec, path: string): readonly string[] {
  if ((spec.terminationGracePeriodSeconds ?? 0) >= 0) return []
  const detail = 'must be >= 0; negative values are invalid and will be treated as 1'
  return [`${path}.terminationGracePeriodSeconds: ${detail}`]
}

function repeated<K extends string>(
  items: readonly { readonly [key in K]?: string }[] | undefined,
  path: string,
  key: K,
): readonly string[] {
  const seen = new Set<string>()
  return (items ?? []).flatMap((item, index) => {
    const value = item[key] ?? ''
    const isSeen = seen.has(value)
    seen.add(value)
    return isSeen ? [`${path}[${index}].${key}: duplicate ${key} ${JSON.stringify(value)}`] : []
  })
}

function fractionWarnings({ resources }: Container, path: string): readonly string[] {
  const names = ['memory', 'ephemeral-storage']
  return names.flatMap((name) =>
    (['limits', 'requests'] as const).flatMap((field) => {
      const amount = resources?.[field]?.[name]
      if (amount === undefined || parseQuantity(amount).nanos % 1_000_000_000n === 0n) return []
      const where = `${path}.resources.${field}[${name}]`
      return [
        `${where}: fractional byte value ${JSON.stringify(amount)} is invalid, must be an integer`,
      ]
    }),
  )
}

/** The same variable twice is fine only where the second builds on the first, `X=$(X)more`. */
function envWarnings({ env = [] }: Container, path: string): readonly string[] {
  const seen = new Set<string>()
  return env.flatMap(({ name, value = '', valueFrom }, index) => {
    const isSeen = seen.has(name)
    seen.add(name)
    const reference = `$(${name})`
    const isBuiltOn = !valueFrom && value !== reference && value.includes(reference)
    if (!isSeen || isBuiltOn) return []
    return [
      `${path}[${index}]: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`,
    ]
  })
}

interface LocatedPort {
  readonly port: ContainerPort
  readonly where: string
}

function located(containers: readonly Located[]): readonly LocatedPort[] {
  return containers.flatMap(([{ ports = [] }, path]) =>
    ports.map((port, index) => ({ port, where: `${path}.ports[${index}]` })),
  )
}

function portWarnings(containers: readonly Located[]): readonly string[] {
  const ports = located(containers)
  return ports.flatMap(({ port, where }, index) =>
    ports.slice(0, index).flatMap((other) => {
      const isSame =
        port.containerPort === other.port.containerPort && port.protocol === other.port.protocol
      const relation = isSame ? portRelation(port, other.port) : undefined
      return relation === undefined ? [] : [`${where}: ${relation} with ${other.where}`]
    }),
  )
}

function portRelation(a: ContainerPort, b: ContainerPort): string | undefined {
  const [ipA, ipB, portA, portB] = [a.hostIP ?? '', b.hostIP ?? '', a.hostPort, b.hostPort]
  if (ipA === ipB && (portA ?? 0) === (portB ?? 0)) return 'duplicate port definition'
  if (!portA || !portB) return 'overlapping port definition'
  const isOneOpen = (ipA === '') !== (ipB === '')
  return portA === portB && isOneOpen ? 'dangerously ambiguous port definition' : undefined
}

function portNameWarnings(containers: readonly Located[]): readonly string[] {
  const first = new Map<string, string>()
  return located(containers).flatMap(({ port: { name }, where }) => {
    if (!name) return []
    const other = first.get(name)
    if (other === undefined) {
      first.set(name, where)
      return []
    }
    return [
      `${where}: duplicate port name ${JSON.stringify(name)} with ${other}, services and probes that select ports by name will use ${other}`,
    ]
  })
}
