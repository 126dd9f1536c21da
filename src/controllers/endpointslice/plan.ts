import { isDeepStrictEqual } from 'node:util'
import type {
  Endpoint,
  EndpointPort,
  EndpointSlice,
  ObjectMeta,
  OwnerReference,
  Pod,
  Service,
} from '../../api/generated/types.ts'
import {
  endpointSliceController,
  endpointSliceManagedByLabel,
  headlessServiceLabel,
  serviceNameLabel,
} from '../../api/names.ts'
import { endpointKey, endpointOf, endpointPortsOf, hasEndpoint, portsKey } from './endpoint.ts'

/** What one pass sees: a Service with a selector, the pods it selects, and its own slices. */
export interface Observed {
  readonly service: Service
  readonly pods: readonly Pod[]
  readonly slices: readonly EndpointSlice[]
  /** Of a node, by its name; undefined where it says nothing of one. */
  zoneOf?(nodeName: string): string | undefined
}

export interface SlicePlan {
  readonly create: readonly EndpointSlice[]
  readonly update: readonly EndpointSlice[]
  readonly delete: readonly EndpointSlice[]
}

/** F-11 */
export const endpointsPerSliceMax = 100

/** Endpoints that answer on the same ports, and so may share slices. */
interface PortGroup {
  readonly ports: readonly EndpointPort[]
  readonly endpoints: readonly Endpoint[]
}

/** A slice on its way to what it should be. */
interface Draft {
  readonly slice: EndpointSlice
  readonly endpoints: readonly Endpoint[]
}

/**
 * The writes that make the slices say what the pods say (F-11). Stable: an endpoint stays in its
 * slice, and a slice that is right already is not written.
 */
export function planSlices(observed: Observed): SlicePlan {
  const slices = observed.slices.filter((slice) => slice.addressType === 'IPv4')
  const groups = portGroups(observed)
  const planned = [...groups].map(([key, group]) =>
    planGroup(group, {
      service: observed.service,
      slices: slices.filter((slice) => portsKey(slice.ports) === key),
    }),
  )
  const strangers = observed.slices.filter(
    (slice) => slice.addressType !== 'IPv4' || !groups.has(portsKey(slice.ports)),
  )
  return {
    create: planned.flatMap((plan) => plan.create),
    update: planned.flatMap((plan) => plan.update),
    delete: [...planned.flatMap((plan) => plan.delete), ...strangers],
  }
}

/** By `portsKey`. Without any endpoint there is one empty group: its slice keeps the place. */
function portGroups({ service, pods, zoneOf }: Observed): ReadonlyMap<string, PortGroup> {
  const groups = new Map<string, { ports: readonly EndpointPort[]; endpoints: Endpoint[] }>()
  for (const pod of pods.filter(hasEndpoint)) {
    const ports = endpointPortsOf(pod, service)
    const key = portsKey(ports)
    const group = groups.get(key) ?? { ports, endpoints: [] }
    group.endpoints.push(endpointOf(pod, service, zoneOf?.(pod.spec?.nodeName ?? '')))
    groups.set(key, group)
  }
  return groups.size > 0 ? groups : new Map([['', { ports: [], endpoints: [] }]])
}

function planGroup(
  group: PortGroup,
  { service, slices }: { readonly service: Service; readonly slices: readonly EndpointSlice[] },
): SlicePlan {
  const { drafts, missing } = keepEndpoints(group, slices)
  const { filled, rest } = fill(drafts, missing)
  const keepsPlace = group.endpoints.length === 0
  const kept = filled.filter(
    ({ endpoints }, at) => endpoints.length > 0 || (keepsPlace && at === 0),
  )
  const chunks = chunksOf(rest, endpointsPerSliceMax)
  if (keepsPlace && kept.length === 0) chunks.push([])
  return {
    create: chunks.map((endpoints) => newSlice(service, { ports: group.ports, endpoints })),
    update: kept.flatMap((draft) => updateOf(draft, service)),
    delete: filled.filter((draft) => !kept.includes(draft)).map(({ slice }) => slice),
  }
}

/** Each endpoint in the slice that has it already; `missing` are those that none has. */
function keepEndpoints(group: PortGroup, slices: readonly EndpointSlice[]) {
  const wanted = new Map(group.endpoints.map((endpoint) => [uidOf(endpoint), endpoint]))
  const drafts = slices.map((slice): Draft => {
    const endpoints = (slice.endpoints ?? []).flatMap((old) => {
      const endpoint = wanted.get(uidOf(old))
      wanted.delete(uidOf(old))
      return endpoint ? [endpoint] : []
    })
    return { slice, endpoints }
  })
  return { drafts, missing: [...wanted.values()] }
}

/** Puts endpoints into slices with room: first those that have to be written anyway. */
function fill(drafts: readonly Draft[], missing: readonly Endpoint[]) {
  const byNeed = [...drafts.filter(isChanged), ...drafts.filter((draft) => !isChanged(draft))]
  let rest = missing
  const filled = byNeed.map(({ slice, endpoints }): Draft => {
    const room = endpointsPerSliceMax - endpoints.length
    const draft = { slice, endpoints: [...endpoints, ...rest.slice(0, room)] }
    rest = rest.slice(room)
    return draft
  })
  return { filled, rest }
}

function isChanged({ slice, endpoints }: Draft): boolean {
  const old = slice.endpoints ?? []
  return (
    old.length !== endpoints.length ||
    endpoints.some((endpoint, at) => endpointKey(endpoint) !== endpointKey(old[at] as Endpoint))
  )
}

function updateOf(draft: Draft, service: Service): readonly EndpointSlice[] {
  const { slice, endpoints } = draft
  const labels = labelsOf(service)
  const ownerReferences = [ownerOf(service)]
  const { metadata } = slice
  const isRight =
    !isChanged(draft) &&
    isDeepStrictEqual({ ...metadata.labels }, labels) &&
    metadata.ownerReferences?.[0]?.uid === service.metadata.uid
  return isRight
    ? []
    : [{ ...slice, metadata: { ...metadata, labels, ownerReferences }, endpoints }]
}

function newSlice(service: Service, { ports, endpoints }: PortGroup): EndpointSlice {
  const { name, namespace } = service.metadata
  const metadata: ObjectMeta = {
    generateName: `${name}-`,
    ...(namespace && { namespace }),
    labels: labelsOf(service),
    ownerReferences: [ownerOf(service)],
  }
  const kind = 'EndpointSlice'
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind,
    metadata,
    addressType: 'IPv4',
    endpoints,
    ports,
  }
}

/** The Service's own labels, and those by which its slices are found. */
function labelsOf(service: Service): Readonly<Record<string, string>> {
  return {
    ...service.metadata.labels,
    ...(service.spec?.clusterIP === 'None' && { [headlessServiceLabel]: '' }),
    [serviceNameLabel]: service.metadata.name ?? '',
    [endpointSliceManagedByLabel]: endpointSliceController,
  }
}

function ownerOf({ metadata: { name = '', uid = '' } }: Service): OwnerReference {
  const of = { apiVersion: 'v1', kind: 'Service', name, uid }
  return { ...of, controller: true, blockOwnerDeletion: true }
}

function uidOf(endpoint: Endpoint): string {
  return endpoint.targetRef?.uid ?? ''
}

function chunksOf<T>(items: readonly T[], size: number): (readonly T[])[] {
  const count = Math.ceil(items.length / size)
  return Array.from({ length: count }, (_, at) => items.slice(at * size, (at + 1) * size))
}
