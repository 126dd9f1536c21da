import type { TrafficGate } from '../../api/seams.ts'
import type { Transport } from '../../api/transport.ts'
import type { Context } from '../../base/context.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { ProbeRunner } from '../probes/probe.ts'
import type { Runtime } from '../runtime.ts'
import type { TokenSource } from '../volumes/volume-files.ts'
import type { NeededImages } from './collect-images.ts'
import type { ClusterDns } from './dns-config.ts'

/** What the node's agent and its pod workers are given. */
export interface AgentServices {
  readonly context: Context
  readonly transport: Transport
  readonly recorder: EventRecorder
  readonly runtime: Runtime
  readonly gate: TrafficGate
  readonly probe: ProbeRunner
  /** What the node has to give: resource name -> quantity. */
  readonly allocatable: Readonly<Record<string, string>>
  /** undefined: containers find names as this machine does. */
  readonly dns?: ClusterDns
  /**
   * What a kept revision or a release, too, may bring back; undefined: no image is ever removed.
   */
  readonly imagesNeeded?: () => Promise<NeededImages>
  /** undefined: pods get no token of their ServiceAccount. */
  readonly serviceAccountToken?: TokenSource
}
