import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemContext } from '../src/base/context.ts'
import { dataPlaneCommands } from '../src/cluster/data-plane-commands.ts'
import { type Engine, type EngineOptions, startEngine } from '../src/cluster/engine.ts'
import { deleteSnapshot } from '../src/node/images/snapshot.ts'
import { ImageStore } from '../src/node/images/store.ts'

export interface GivenEngine {
  readonly dataDir: string
  readonly images: ImageStore
  readonly engine: Engine
  /** Ends it without its pods and starts it again on the same data. */
  restart(meanwhile?: () => Promise<void>): Promise<void>
  stop(): Promise<void>
}

/**
 * An engine in this process, on data and ports of its own; its data plane runs as real processes.
 */
export async function givenEngine(options: Partial<EngineOptions> = {}): Promise<GivenEngine> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'astern-engine-'))
  const start = () =>
    startEngine({
      context: systemContext(),
      dataDir,
      listen: { host: '127.0.0.1', port: 0 },
      serviceListen: '127.0.0.1',
      nodes: 1,
      commands: dataPlaneCommands(),
      ...options,
    })
  let engine = await start()
  return {
    dataDir,
    images: new ImageStore(dataDir),
    get engine() {
      return engine
    },
    async restart(meanwhile) {
      await engine.stop({ keepPods: true })
      await meanwhile?.()
      engine = await start()
    },
    async stop() {
      await engine.stop({ keepPods: false })
      await deleteSnapshot(dataDir).catch(() => rm(dataDir, { recursive: true, force: true }))
    },
  }
}
