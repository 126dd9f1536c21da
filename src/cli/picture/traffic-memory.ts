import type { Pod } from '../../api/generated/types.ts'
import { controllerRef } from '../../api/object.ts'
import type { EndpointTraffic } from '../../api/seams.ts'

/** Requests that one pod got, whichever Services sent them. */
export interface PodTraffic {
  readonly replicaSetUid: string
  readonly requests: number
  /** Answered with 5xx, or not at all. */
  readonly failures: number
}

/** By pod uid. Counters go with their pod; what its ReplicaSet has served is to stay. */
export type TrafficMemory = ReadonlyMap<string, PodTraffic>

export const noTraffic: TrafficMemory = new Map()

/** The memory with a newer snapshot of the counters in it. */
export function rememberTraffic(
  memory: TrafficMemory,
  pods: readonly Pod[],
  snapshot: readonly EndpointTraffic[],
): TrafficMemory {
  const next = new Map(memory)
  const owners = new Map(pods.map((pod) => [pod.metadata.uid, controllerRef(pod)?.uid]))
  for (const uid of new Set(snapshot.map(({ podUid }) => podUid))) {
    const replicaSetUid = owners.get(uid) ?? memory.get(uid)?.replicaSetUid
    if (replicaSetUid === undefined) continue
    next.set(uid, { replicaSetUid, ...totals(snapshot.filter(({ podUid }) => podUid === uid)) })
  }
  return next
}

function totals(endpoints: readonly EndpointTraffic[]): Omit<PodTraffic, 'replicaSetUid'> {
  return {
    requests: endpoints.reduce((sum, { requests }) => sum + requests, 0),
    failures: endpoints.reduce((sum, { byStatusClass: by }) => sum + by[0] + by[5], 0),
  }
}
