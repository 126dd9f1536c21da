import { existsSync } from 'node:fs'
import { Command } from 'commander'
import { sleep } from '../../base/clock.ts'
import { systemContext } from '../../base/context.ts'
import { isAlive, sendSignal } from '../../base/process-identity.ts'
import { dataDirectory } from '../../cluster/data-directory.ts'
import { dataPlaneCommands } from '../../cluster/data-plane-commands.ts'
import { endDataPlane } from '../../cluster/end-data-plane.ts'
import { type EngineRecord, runningEngine } from '../../cluster/engine-record.ts'
import { CliError } from '../cli-error.ts'
import type { CliIo } from '../io.ts'
import { dataOption, openDataDirOf } from './data-option.ts'
import { processLogger } from './logger.ts'

const pollMs = 20
/** The longest grace period that is common, and some. */
const patienceMs = 120_000

async function untilGone(record: EngineRecord, io: CliIo): Promise<void> {
  const endMs = io.clock.monotonic() + patienceMs
  while (isAlive(record)) {
    if (io.clock.monotonic() > endMs) {
      throw new CliError(`the engine (process ${record.pid}) is still ending its pods`, {
        hint: `look at "astern status"; "kill -9 ${record.pid}" ends the engine but not the pods`,
      })
    }
    await sleep(io.clock, pollMs)
  }
}

export function downCommand(io: CliIo): Command {
  return new Command('down')
    .description('end the engine and, unless told otherwise, the pods')
    .option(...dataOption)
    .option('--keep-pods', 'let pods and proxy go on; the next "up" finds them')
    .action(async (flags: { data?: string; keepPods?: boolean }) => {
      const directory = dataDirectory(openDataDirOf(io, flags.data))
      const record = await runningEngine(directory)
      if (record) {
        sendSignal(record.pid, flags.keepPods ? 'SIGTERM' : 'SIGINT')
        await untilGone(record, io)
        io.stdout.write(`astern is down${flags.keepPods ? '; pods go on' : ''}\n`)
        return
      }
      if (!existsSync(directory.path)) {
        throw new CliError(`there is no engine in ${directory.path}`)
      }
      const log = processLogger(io.env.ASTERN_LOG ?? 'warn')
      if (!flags.keepPods) {
        await endDataPlane({
          directory,
          context: systemContext(log),
          commands: dataPlaneCommands(),
        })
      }
      const rest = flags.keepPods ? 'what it has left goes on' : 'nothing of it is left'
      io.stdout.write(`no engine is running here; ${rest}\n`)
    })
}
