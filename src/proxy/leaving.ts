import type { Endpoint, EndpointSlice, Pod, Service } from '../api/generated/types.ts'
import { compileLabelMap, type LabelMatcher } from '../api/labels.ts'
import { isTerminating, keyOf, keyText } from '../api/object.ts'
import { isPodTerminal } from '../api/pod-facts.ts'
import type { Table } from './protocol.ts'

/** What is known when a pod is to end. */
export interface LeavingFacts {
  /** Of the pod's namespace. */
  readonly services: readonly Service[]
  readonly slicesOf: (serviceKey: string) => readonly EndpointSlice[]
  readonly table: Table
  /** The pod as the cache shows it; undefined when it is gone. */
  readonly current: Pod | undefined
}

const matchers = new WeakMap<Service, LabelMatcher>()

/**
 * Whether a pod that ends is out of the choice for new requests, or second choice only (F-12). Not
 * just the table is looked at, also the slices: as long as they do not show what is happening to
 * the pod, its endpoint may still turn up in the next table.
 */
export function isLeaving(pod: Pod, facts: LeavingFacts): boolean {
  const { uid = '', labels } = facts.current?.metadata ?? pod.metadata
  const isDeleted = [pod, facts.current].some((one) => one && isTerminating(one))
  const reflects = ({ conditions }: Endpoint) =>
    conditions?.terminating === true || (!isDeleted && conditions?.ready === false)
  const shown = facts.services.filter((service) => selects(service, labels))
  return (
    shown.every((service) => {
      const endpoints = endpointsOfPod(facts.slicesOf(keyText(keyOf(service))), uid)
      if (endpoints.length === 0) return !shouldHaveEndpoint(facts.current)
      return endpoints.every(reflects)
    }) && !isFirstChoice(facts.table, uid)
  )
}

function selects(service: Service, labels: Readonly<Record<string, string>> | undefined): boolean {
  const matcher = matchers.get(service) ?? compileLabelMap(service.spec?.selector)
  matchers.set(service, matcher)
  return service.spec?.type !== 'ExternalName' && matcher.matches(labels)
}

function endpointsOfPod(slices: readonly EndpointSlice[], uid: string): readonly Endpoint[] {
  return slices.flatMap((slice) =>
    (slice.endpoints ?? []).filter(({ targetRef }) => targetRef?.uid === uid),
  )
}

/** F-11 */
function shouldHaveEndpoint(pod: Pod | undefined): boolean {
  return pod?.status?.podIP !== undefined && !isPodTerminal(pod)
}

function isFirstChoice(table: Table, uid: string): boolean {
  return table.some(({ endpoints }) =>
    endpoints.some(({ podUid, ready, terminating }) => podUid === uid && ready && !terminating),
  )
}
