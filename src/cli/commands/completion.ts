import { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import type { CliIo } from '../io.ts'

export function completionCommand(io: CliIo): Command {
  return new Command('completion')
    .summary('print a completion script for a shell')
    .argument('<shell>', 'bash, zsh or fish')
    .action(async (shell: string, _options: unknown, command: Command) => {
      const { completionScript } = await import('../completion.ts')
      const root = command.parent ?? command
      const script = completionScript(root, shell)
      if (script === undefined) {
        throw new CliError(`Unsupported shell type ${JSON.stringify(shell)}.`, {
          hint: 'the shells are bash, zsh and fish',
          code: 2,
        })
      }
      io.stdout.write(script)
    })
}
