import { type Command, CommanderError } from 'commander'
import { ExitWith } from './cli-error.ts'
import { errorText, exitCodeOf } from './error-text.ts'
import type { CliIo } from './io.ts'

/**
 * Runs one command line (without the program's name) and returns the exit code. Errors are printed
 * to stderr; nothing is thrown but bugs of the program itself. `usageExitCode` is that of a command
 * line that commander refuses; by default commander's own, 1.
 */
export async function runProgram(
  program: Command,
  args: readonly string[],
  io: CliIo,
  options: { readonly usageExitCode?: number } = {},
): Promise<number> {
  quieten(program, io)
  try {
    await program.parseAsync([...args], { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? 0 : (options.usageExitCode ?? error.exitCode)
    }
    if (error instanceof ExitWith) return error.code
    if (!(error instanceof Error) || error.name === 'AssertionError') throw error
    io.stderr.write(`${errorText(error)}\n`)
    return exitCodeOf(error)
  }
}

/** Commander must neither leave the process nor write past `io`. */
function quieten(command: Command, io: CliIo): void {
  command.exitOverride()
  command.configureOutput({
    writeOut: (text) => io.stdout.write(text),
    writeErr: (text) => io.stderr.write(text),
    getOutHelpWidth: () => io.columns,
    getErrHelpWidth: () => io.columns,
    getOutHasColors: () => io.isTerminal,
  })
  for (const child of command.commands) quieten(child, io)
}
