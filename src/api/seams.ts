import type { Pod } from './generated/types.ts'

/**
 * Implemented by the proxy's controller, awaited by the node before it signals a pod: resolves
 * when every proxy has
 * acknowledged that it sends this pod no new request and the requests in flight are answered, or
 * when `deadlineMs` (milliseconds from now) is over.
 * Returns which of the two it was. A pod that no Service selects is drained at once.
 */
export interface TrafficGate {
  drained(pod: Pod, deadlineMs: number): Promise<'drained' | 'deadline'>
}

/** Requests as the proxy saw them for one endpoint since it was first seen. */
export interface EndpointTraffic {
  readonly service: string
  readonly namespace: string
  readonly podUid: string
  readonly podName: string
  readonly requests: number
  /**
   * Answers by class: index 2 = 2xx, 3 = 3xx, 4 = 4xx, 5 = 5xx; index 0 = no answer (connection
   * failed).
   */
  readonly byStatusClass: readonly [number, number, number, number, number, number]
  /** Requests and connections in flight now. */
  readonly open: number
  /** Whether the proxy's present table sends this endpoint new requests. */
  readonly inTraffic: boolean
}

export interface TrafficStats {
  snapshot(): Promise<readonly EndpointTraffic[]>
}

/**
 * Where the embedded engine serves the snapshot, as `{"endpoints": EndpointTraffic[]}`; other
 * clusters have none.
 */
export const trafficPath = '/astern/v1/traffic'

export interface LogOptions {
  readonly container: string
  readonly follow?: boolean
  readonly previous?: boolean
  readonly tailLines?: number
  readonly sinceSeconds?: number
  readonly sinceTime?: string
  readonly timestamps?: boolean
  readonly limitBytes?: number
}

/**
 * What the API server needs of the node that runs a pod; exec, attach and port-forward join it
 * later.
 */
export interface PodConnector {
  /**
   * The log as bytes, ending when it is whole or, with `follow`, when the container has ended or
   * `signal` aborts.
   */
  log(pod: Pod, options: LogOptions, signal: AbortSignal): AsyncIterable<Uint8Array>
}
