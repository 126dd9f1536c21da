import { resolve } from 'node:path'
import { timestamp } from '../../base/clock.ts'
import { systemContext } from '../../base/context.ts'
import type { Logger } from '../../base/log.ts'
import { dataDirectory } from '../../cluster/data-directory.ts'
import { dataPlaneCommands } from '../../cluster/data-plane-commands.ts'
import { type Engine, startEngine } from '../../cluster/engine.ts'
import { type EngineFacts, forgetEngine, recordEngine } from '../../cluster/engine-record.ts'
import type { UpOptions } from './up-options.ts'

export interface RunningEngine {
  readonly engine: Engine
  readonly facts: EngineFacts
  stop(options: { readonly keepPods: boolean }): Promise<void>
}

/** Starts the engine in this process and says so on disk. */
export async function runEngine(options: UpOptions, log: Logger): Promise<RunningEngine> {
  const directory = dataDirectory(options.dataDir)
  const context = systemContext(log)
  const { kubeconfig } = options
  const engine = await startEngine({
    ...options,
    context,
    kubeconfig: kubeconfig === undefined ? undefined : resolve(kubeconfig),
    commands: dataPlaneCommands(),
  })
  const facts: EngineFacts = {
    server: engine.url,
    kubeconfig: engine.kubeconfig,
    ...engine.settings,
    startedAt: timestamp(context.clock.now()),
  }
  await recordEngine(directory, facts)
  return {
    engine,
    facts,
    async stop(how) {
      await forgetEngine(directory)
      await engine.stop(how)
    },
  }
}
