import type { EndpointTraffic } from '../../../api/seams.ts'
import type { ControlMessage, NameTable, ProxyMessage, Table } from '../../protocol.ts'

/**
 * What a proxy and the one that takes over from it say to each other, on the `ipc` channel between
 * them. To a former proxy its successor is the control plane: it gives tables, and is told what
 * becomes of them.
 */

/** A successor that speaks another one refuses, and all stays as it is. */
export const handoverProtocol = 1

/** Which endpoint a client stays with, at a Service with session affinity. */
export interface InheritedBond {
  readonly client: string
  /** Uid of the pod, and where it answers. */
  readonly endpoint: string
  readonly ageMs: number
}

/** By `namespace/name/port` of the Service. */
export type InheritedBonds = Readonly<Record<string, readonly InheritedBond[]>>

export type ToSuccessor =
  | {
      readonly type: 'estate'
      readonly version: number
      readonly services: Table
      readonly bonds: InheritedBonds
      /** What the DNS answers by, if it has been told. */
      readonly names?: NameTable
    }
  /** With the handle of a port that listens; `key` is its address. */
  | { readonly type: 'listener'; readonly key: string }
  /** All that listens has been sent: open the ports, then the door. */
  | { readonly type: 'begin' }
  /** With the handle of a connection that waits for its client's next request, or the first. */
  | { readonly type: 'connection'; readonly key: string; readonly isHttp: boolean }
  /** The last of all: what the former proxy has counted. */
  | { readonly type: 'last'; readonly endpoints: readonly EndpointTraffic[] }
  | Extract<ProxyMessage, { type: 'ack' | 'idle' | 'stats' }>

export type ToFormer =
  /** The modules are loaded. */
  | { readonly type: 'ready' }
  /** New connections and the control plane are served. */
  | { readonly type: 'begun' }
  | Extract<ControlMessage, { type: 'table' | 'stats' | 'end' }>
