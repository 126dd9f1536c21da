import type { Pod } from './generated/types.ts'
import type { JsonValue } from './json.ts'
import type { KubeObject } from './object.ts'

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

/** Upper bounds of a latency histogram's buckets, in seconds; what is slower is in one more. */
export const latencyBoundsSeconds = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const

/**
 * How long clients waited, from the last byte of a request's head to the last of the answer's:
 * bodies are as long as client and program like.
 */
export interface LatencyHistogram {
  /** Answers per bucket, not summed up; one more than there are bounds. */
  readonly counts: readonly number[]
  readonly sumSeconds: number
}

/** Requests as the proxy saw them for one endpoint since it was first seen. */
export interface EndpointTraffic {
  readonly service: string
  readonly namespace: string
  readonly podUid: string
  readonly podName: string
  /** Of the pod's template: its label `pod-template-hash` or `controller-revision-hash`; or ''. */
  readonly templateHash: string
  readonly requests: number
  /**
   * Answers by class: index 2 = 2xx, 3 = 3xx, 4 = 4xx, 5 = 5xx; index 0 = no answer (connection
   * failed).
   */
  readonly byStatusClass: readonly [number, number, number, number, number, number]
  /** Of the requests that were answered. */
  readonly latency: LatencyHistogram
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

/** A patch that has been done: `type` is its media type. */
export interface PatchDone {
  readonly patch: { readonly type: string; readonly body: JsonValue }
  readonly before: KubeObject
  readonly after: KubeObject
}

/**
 * Implemented by whoever knows more of an object than the API server: what is worth a `Warning:` in
 * the answer to a patch. Pure, and quick.
 */
export type PatchAdvisor = (done: PatchDone) => readonly string[]

export interface LogOptions {
  readonly container: string
  readonly follow?: boolean
  readonly previous?: boolean
  readonly tailLines?: number
  readonly sinceSeconds?: number
  readonly sinceTime?: string
  readonly timestamps?: boolean
  readonly limitBytes?: number
  /** Only what the container wrote to this one; both when absent. */
  readonly stream?: 'stdout' | 'stderr'
}

export interface ExecOptions {
  readonly container: string
  /** The program and its arguments. */
  readonly command: readonly string[]
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  /** On a terminal of its own, whose output is all stdout. */
  readonly tty: boolean
}

export type AttachOptions = Omit<ExecOptions, 'command'>

export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

/** Where bytes go. */
export interface ByteSink {
  /** Resolves when more may be written; never rejects: what nobody takes any more is dropped. */
  write(bytes: Uint8Array): Promise<void>
  /** Nothing more will be written. */
  end(): void
}

/** A running command, or an attached container; the signal it was started with ends it. */
export interface RemoteCommand {
  /** undefined when it takes none. */
  readonly stdin: ByteSink | undefined
  /** Both must be read, or the command stands still. */
  readonly stdout: AsyncIterable<Uint8Array>
  readonly stderr: AsyncIterable<Uint8Array>
  resize(size: TerminalSize): void
  /** The exit code. Rejects when it cannot be known. */
  readonly exit: Promise<number>
}

/** A connection to a port of a pod; the signal it was opened with cuts it off. */
export interface PortConnection extends ByteSink {
  readonly received: AsyncIterable<Uint8Array>
}

/** What the API server needs of the node that runs a pod. */
export interface PodConnector {
  /**
   * The log as bytes, ending when it is whole or, with `follow`, when the container has ended or
   * `signal` aborts.
   */
  log(pod: Pod, options: LogOptions, signal: AbortSignal): AsyncIterable<Uint8Array>
  /** Starts a command in a container. Rejects with what to tell the client. */
  exec(pod: Pod, options: ExecOptions, signal: AbortSignal): Promise<RemoteCommand>
  /** What a container prints from now on, and takes; `exit` is 0. Rejects likewise. */
  attach(pod: Pod, options: AttachOptions, signal: AbortSignal): Promise<RemoteCommand>
  /** Connects to a container port, wherever it really is. Rejects likewise. */
  portForward(pod: Pod, port: number, signal: AbortSignal): Promise<PortConnection>
}
