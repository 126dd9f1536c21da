import { Command, CommanderError } from 'commander'
import { engineCommands } from './engine-commands.ts'
import { errorText, exitCodeOf } from './error-text.ts'
import type { CliIo } from './io.ts'
import { registerKubectlCommands } from './kubectl-commands.ts'
import { drawRollout } from './picture/draw-rollout.ts'
import { processIo } from './process-io.ts'

const usageExitCode = 2

/** The command line as far as `args` needs it: the engine's commands are heavy, and loaded one by one. */
async function programFor(args: readonly string[], io: CliIo): Promise<Command> {
  const program = new Command('astern')
    .description('Kubernetes rollouts and rollbacks on one machine')
    .exitOverride()
  const load = engineCommands[args[0] ?? '']
  if (load) return program.addCommand(await load(io))
  registerKubectlCommands(program, io, { picture: drawRollout })
  const isListing = !program.commands.some((command) => command.name() === args[0])
  if (!isListing) return program
  for (const each of Object.values(engineCommands)) program.addCommand(await each(io))
  return program
}

function withOverride(command: Command): void {
  command.exitOverride()
  for (const sub of command.commands) withOverride(sub)
}

/** Runs one command; resolves with the exit code. */
async function run(args: readonly string[], io: CliIo): Promise<number> {
  try {
    const program = await programFor(args, io)
    withOverride(program)
    await program.parseAsync(args, { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageExitCode
    io.stderr.write(`${errorText(error)}\n`)
    return exitCodeOf(error)
  }
}

process.exitCode = await run(process.argv.slice(2), processIo())
