import type { EndpointTraffic } from '../api/seams.ts'

/**
 * What the control plane and the proxy's process say to each other: JSON, a line each, over the
 * unix socket `proxy.sock`. The control plane sends whole tables; the proxy keeps the last one.
 */

export interface Address {
  readonly ip: string
  readonly port: number
}

/** What a listener needs to speak TLS. */
export interface TlsIdentity {
  /** PEM, the server's own certificate first. */
  readonly certificate: string
  /** PEM */
  readonly key: string
  /** The only name that is answered; '' for all. */
  readonly host: string
}

/** A port at which clients find a Service. */
export interface TableListener extends Address {
  readonly tls?: TlsIdentity
  /** CIDRs that clients may come from; from anywhere when absent. */
  readonly sources?: readonly string[]
}

/** One pod behind one Service port, with the conditions of its EndpointSlice (F-11). */
export interface TableEndpoint extends Address {
  readonly podUid: string
  readonly podName: string
  /** Of the pod's template: its label `pod-template-hash` or `controller-revision-hash`; or ''. */
  readonly templateHash: string
  readonly ready: boolean
  readonly serving: boolean
  readonly terminating: boolean
}

/** One port of one Service. */
export interface TableService {
  readonly namespace: string
  readonly name: string
  /** The port's name; '' for the only one. */
  readonly port: string
  readonly listeners: readonly TableListener[]
  /** sessionAffinity ClientIP: how long a client stays with its endpoint. */
  readonly affinitySeconds?: number
  /** The file, as an absolute path, in which each request is a line. */
  readonly accessLog?: string
  readonly endpoints: readonly TableEndpoint[]
}

export type Table = readonly TableService[]

/** What is said of one name. */
export interface NameRecords {
  /** IPv4 */
  readonly addresses?: readonly string[]
  readonly servers?: readonly { readonly port: number; readonly target: string }[]
  /** It is another name, maybe outside the cluster. */
  readonly alias?: string
  /** The name of the address that this one stands for (`in-addr.arpa`). */
  readonly pointer?: string
}

/** All that the cluster's DNS knows by itself. */
export interface NameTable {
  /** Where it listens, by UDP and TCP. */
  readonly address: Address
  /** The zone that nobody else is asked about: `cluster.local`. */
  readonly domain: string
  /** By name in lower case, without the last dot. */
  readonly names: Readonly<Record<string, NameRecords>>
  /** The file that names who is asked about everything else: `/etc/resolv.conf`. */
  readonly resolvConf: string
}

export type ControlMessage =
  /** The DNS answers by these names from now on; answered by `named`. */
  | { readonly type: 'names'; readonly table: NameTable }
  /** From now on this table holds; answered by `ack`. */
  | { readonly type: 'table'; readonly version: number; readonly services: Table }
  | { readonly type: 'stats'; readonly id: number }
  /**
   * Another build of the proxy takes over: this command line, the data directory appended. When it
   * serves, it is found at the door, and this connection ends.
   */
  | { readonly type: 'handover'; readonly command: readonly string[] }
  /** Ends the process, connections and all. */
  | { readonly type: 'end' }

/** A listener of the table that could not be opened. It is tried again with the next table. */
export interface ListenError extends Address {
  readonly namespace: string
  readonly name: string
  /** As in `EADDRINUSE`. */
  readonly code: string
}

export type ProxyMessage =
  /** First on every connection; `version` is that of the table it holds, 0 for none. */
  | {
      readonly type: 'hello'
      readonly pid: number
      readonly version: number
      /** Of its program, see `buildOf`; absent: it is too old to hand over to another one. */
      readonly build?: string
    }
  /** Every request from now on goes by the table of this version. */
  | {
      readonly type: 'ack'
      readonly version: number
      readonly listenErrors: readonly ListenError[]
      /** Uids of the pods that are not to get requests but still answer some. */
      readonly busy: readonly string[]
    }
  /** Whether the DNS listens; `failure` as in `EACCES`. */
  | { readonly type: 'named'; readonly address: Address; readonly failure: string | undefined }
  /** A pod that was busy has answered its last request. */
  | { readonly type: 'idle'; readonly podUid: string }
  | {
      readonly type: 'stats'
      readonly id: number
      readonly endpoints: readonly EndpointTraffic[]
    }
