import { type Command, Option } from 'commander'
import { applyCommand } from './commands/apply.ts'
import { completionCommand } from './commands/completion.ts'
import { createCommand } from './commands/create.ts'
import { deleteCommand } from './commands/delete.ts'
import { getCommand } from './commands/get.ts'
import { logsCommand } from './commands/logs.ts'
import { rolloutCommand } from './commands/rollout.ts'
import { scaleCommand } from './commands/scale.ts'
import { setCommand } from './commands/set.ts'
import type { CliIo } from './io.ts'
import type { RolloutPicture } from './rollout/picture.ts'

export interface KubectlCommandsOptions {
  /** Draws a rollout on a terminal; without it `rollout status` prints lines, as on a pipe. */
  readonly picture?: RolloutPicture
}

/**
 * Adds the twins of kubectl's commands to the program: same flags, texts, streams and exit codes
 * (semantics G). The modules that do the work are loaded when a command runs.
 */
export function registerKubectlCommands(
  program: Command,
  io: CliIo,
  { picture }: KubectlCommandsOptions = {},
): void {
  program.enablePositionalOptions()
  addGlobalOption(program, '-n, --namespace <value>', 'the namespace to work in')
  addGlobalOption(program, '--kubeconfig <value>', 'the kubeconfig file to use')
  addGlobalOption(program, '--context <value>', 'the context of the kubeconfig to use')
  program.addCommand(getCommand(io))
  program.addCommand(createCommand(io))
  program.addCommand(applyCommand(io))
  program.addCommand(deleteCommand(io))
  program.addCommand(scaleCommand(io))
  program.addCommand(setCommand(io))
  program.addCommand(logsCommand(io))
  program.addCommand(rolloutCommand(io, picture))
  program.addCommand(completionCommand(io))
}

function addGlobalOption(program: Command, flags: string, help: string): void {
  const option = new Option(flags, help)
  if (!program.options.some(({ long }) => long === option.long)) program.addOption(option)
}
