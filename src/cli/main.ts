import { Command } from 'commander'
import { version } from '../apiserver/wire/version.ts'
import { engineCommands } from './engine-commands.ts'
import type { CliIo } from './io.ts'
import { registerKubectlCommands } from './kubectl-commands.ts'
import { drawRollout } from './picture/draw-rollout.ts'
import { processIo } from './process-io.ts'
import { registerReleaseCommands, releaseCommandNames } from './release-commands.ts'
import { runProgram } from './run-program.ts'

const ownUsageExitCode = 2

/**
 * The command line as far as `args` needs it: the engine's commands are heavy, and loaded one by
 * one.
 */
async function programFor(args: readonly string[], io: CliIo): Promise<Command> {
  const [kubernetes, own] = version.gitVersion.split('+astern.')
  const program = new Command('astern')
    .description('Kubernetes rollouts and rollbacks on one machine')
    .version(`astern ${own}, as Kubernetes ${kubernetes}`, '--version', 'print the version')
  const load = engineCommands[args[0] ?? '']
  if (load) return program.addCommand(await load(io))
  registerKubectlCommands(program, io, { picture: drawRollout })
  registerReleaseCommands(program, io)
  const isWhole = args[0] !== 'completion'
  if (isWhole && program.commands.some((command) => command.name() === args[0])) return program
  for (const each of Object.values(engineCommands)) program.addCommand(await each(io))
  return program
}

const args = process.argv.slice(2)
const io = processIo()
// kubectl's twins end with 1 for a wrong use, as kubectl does; our own commands with 2.
const [name = ''] = args
const isOurOwn = name in engineCommands || releaseCommandNames.has(name)
const usageExitCode = isOurOwn ? ownUsageExitCode : 1
const code = await runProgram(await programFor(args, io), args, io, { usageExitCode })
process.exitCode ||= code
