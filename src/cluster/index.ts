import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Transport } from '../api/transport.ts'
import { systemContext } from '../base/context.ts'
import { deleteSnapshot } from '../node/images/snapshot.ts'
import { dataPlaneCommands } from './data-plane-commands.ts'
import { startEngine } from './engine.ts'
import { holdLeash } from './leash.ts'
import type { RuntimeName } from './settings.ts'

export type * from '../api/generated/types.ts'
export type { KubeObject, ObjectKey } from '../api/object.ts'
export type { Resource } from '../api/resource.ts'
export * from '../api/scheme.ts'
export { isStatusError, StatusError } from '../api/status-error.ts'
export type { ListResult, Patch, Transport, WatchEvent } from '../api/transport.ts'

export interface StartClusterOptions {
  /**
   * `process`: images are directories added with `astern image add`. `simulated`: any image, ready
   * at once.
   */
  readonly runtime?: RuntimeName
  /** Number of simulated nodes; default 1. */
  readonly nodes?: number
  /**
   * Kept when given, and its pods outlive a program that is killed, for the next cluster on it. By
   * default objects live in memory; a temporary directory, pods and proxy go with the cluster, also
   * when the program is killed.
   */
  readonly dataDir?: string
  /** 0, the default, takes a free one. */
  readonly port?: number
}

export interface Cluster {
  /** Path of a kubeconfig for kubectl, Helm and every other client. */
  readonly kubeconfig: string
  /** `https://127.0.0.1:41235` */
  readonly url: string
  /** The API as its administrator, in process: frozen objects, typed by resource. */
  readonly client: Transport
  /** Ends pods, proxy and engine. */
  stop(): Promise<void>
}

/** Starts an engine in this process; resolves when its API answers and its nodes are Ready. */
export async function startCluster(options: StartClusterOptions = {}): Promise<Cluster> {
  const { runtime = 'process', nodes = 1, port = 0 } = options
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'astern-cluster-'))
  const commands = dataPlaneCommands()
  const leash = options.dataDir === undefined ? holdLeash(commands.leash, dataDir) : undefined
  const leave = async () => {
    leash?.release()
    if (leash) await deleteSnapshot(dataDir)
  }
  const engine = await startEngine({
    context: systemContext(),
    dataDir,
    inMemory: options.dataDir === undefined,
    runtime,
    nodes,
    listen: { host: '127.0.0.1', port },
    serviceListen: '127.0.0.1',
    commands,
  }).catch(async (error) => {
    await leave()
    throw error
  })
  return {
    kubeconfig: engine.kubeconfig,
    url: engine.url,
    client: engine.transport,
    async stop() {
      await engine.stop({ keepPods: false })
      await leave()
    },
  }
}
