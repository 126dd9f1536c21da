import { oncePerFrozen } from '../../base/memo.ts'
import type { PersistentVolumeClaim, Pod, Service } from '../generated/types.ts'
import type { KubeObject } from '../object.ts'
import type { Quantity } from '../quantity.ts'
import { qualifiedPlural, type Resource } from '../resource.ts'
import { persistentVolumeClaims, pods, scheme, services } from '../scheme.ts'
import { type Amounts, count, parseAmounts } from './amounts.ts'
import { podResourcesWithOverhead } from './pod-resources.ts'

/** What a quota counts under its plain name too, not only as `count/NAME`. */
const plainNames: ReadonlySet<string> = new Set([
  'configmaps',
  'persistentvolumeclaims',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
])

const classSuffix = '.storageclass.storage.k8s.io/'
const computed = ['cpu', 'memory', 'ephemeral-storage']

/** The amounts of a pod or a container by the names that quotas have for them. */
export function computeNames(requests: Amounts, limits: Amounts): Amounts {
  const named = new Map<string, Quantity>()
  for (const [name, quantity] of requests) {
    const isCounted = computed.includes(name) || name.startsWith('hugepages-')
    if (isCounted) named.set(name, quantity)
    if (isCounted || isExtended(name)) named.set(`requests.${name}`, quantity)
  }
  for (const [name, quantity] of limits) {
    if (computed.includes(name)) named.set(`limits.${name}`, quantity)
  }
  return named
}

/** A resource of somebody's own, such as `example.com/gpu`. */
function isExtended(name: string): boolean {
  return name.includes('/') && !name.includes('kubernetes.io/') && !name.startsWith('requests.')
}

/** A pod that has ended, or that should be gone, uses nothing any more. */
function isCharged({ metadata, status }: Pod, nowMs: number): boolean {
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return false
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return true
  // The time of deletion is already past the grace period.
  return nowMs <= Date.parse(deletionTimestamp)
}

/** What does not depend on the time. */
const podUsage = oncePerFrozen(({ spec }: Pod): Amounts => {
  if (!spec) return new Map()
  return computeNames(
    podResourcesWithOverhead(spec, 'requests'),
    podResourcesWithOverhead(spec, 'limits'),
  )
})

function serviceUsage({ spec }: Service): Amounts {
  const ports = count(spec?.ports?.length ?? 0)
  if (spec?.type === 'NodePort') return new Map([['services.nodeports', ports]])
  if (spec?.type !== 'LoadBalancer') return new Map()
  const fixed = spec.ports?.filter(({ nodePort }) => nodePort) ?? []
  const nodePorts = spec.allocateLoadBalancerNodePorts === false ? count(fixed.length) : ports
  return new Map([
    ['services.loadbalancers', count(1)],
    ['services.nodeports', nodePorts],
  ])
}

function claimUsage({ spec }: PersistentVolumeClaim): Amounts {
  const storage = parseAmounts(spec?.resources?.requests).get('storage')
  const usage = new Map<string, Quantity>()
  if (storage) usage.set('requests.storage', storage)
  const className = spec?.storageClassName
  if (!className) return usage
  usage.set(`${className}${classSuffix}persistentvolumeclaims`, count(1))
  if (storage) usage.set(`${className}${classSuffix}requests.storage`, storage)
  return usage
}

/** What an object takes of a quota, by upstream's names for it. */
export function usageOf(resource: Resource, object: KubeObject, nowMs: number): Amounts {
  const name = qualifiedPlural(resource)
  const usage = new Map<string, Quantity>([[`count/${name}`, count(1)]])
  if (plainNames.has(name)) usage.set(name, count(1))
  const add = (amounts: Amounts) => {
    for (const [key, amount] of amounts) usage.set(key, amount)
  }
  if (resource === services) add(serviceUsage(object as Service))
  if (resource === persistentVolumeClaims) add(claimUsage(object as PersistentVolumeClaim))
  if (resource !== pods || !isCharged(object as Pod, nowMs)) return usage
  add(podUsage(object as Pod))
  return usage.set('pods', count(1))
}

const byCount = new Map(
  scheme
    .filter(({ namespaced }) => namespaced)
    .map((one) => [`count/${qualifiedPlural(one)}`, one]),
)

/**
 * The resource whose objects take of what a quota limits as `name`; none for what is not served.
 */
export function resourceCountedAs(name: string): Resource | undefined {
  if (name.startsWith('count/')) return byCount.get(name)
  if (plainNames.has(name)) return byCount.get(`count/${name}`)
  if (name.startsWith('services.')) return services
  if (name === 'requests.storage' || name.includes(classSuffix)) return persistentVolumeClaims
  const isCompute = /^(?:(?:requests|limits)\.)?(?:cpu|memory|ephemeral-storage|hugepages-.*)$/
  return name === 'pods' || isCompute.test(name) || name.startsWith('requests.') ? pods : undefined
}
