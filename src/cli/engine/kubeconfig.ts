import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import { dataDirectory } from '../../cluster/data-directory.ts'
import { runningEngine } from '../../cluster/engine-record.ts'
import { CliError } from '../cli-error.ts'
import type { CliIo } from '../io.ts'
import { dataOption, openDataDirOf } from './data-option.ts'

export function kubeconfigCommand(io: CliIo): Command {
  return new Command('kubeconfig')
    .description("print the engine's kubeconfig")
    .option(...dataOption)
    .action(async (flags: { data?: string }) => {
      const directory = dataDirectory(openDataDirOf(io, flags.data))
      const path = (await runningEngine(directory))?.kubeconfig ?? directory.kubeconfig
      try {
        io.stdout.write(await readFile(path, 'utf8'))
      } catch {
        throw new CliError(`there is no kubeconfig at ${path}`, {
          hint: `start the engine once: astern up --data ${directory.path}`,
        })
      }
    })
}
