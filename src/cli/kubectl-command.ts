import { Command, Option } from 'commander'
import { CliError } from './cli-error.ts'
import { type FlagSpec, type Flags, parseFlags } from './flags.ts'
import type { CliIo } from './io.ts'

/** One use of a command. */
export interface Invocation {
  readonly io: CliIo
  readonly flags: Flags
  readonly operands: readonly string[]
  /** The program and the words of the command: `astern rollout undo`. */
  readonly path: string
  /** The command line as `--record` keeps it (G-10). */
  readonly changeCause: string
}

export interface CommandDefinition {
  readonly name: string
  readonly aliases?: readonly string[]
  /** What follows the name: `(TYPE NAME | TYPE/NAME)`. */
  readonly usage: string
  readonly summary: string
  readonly flags: readonly FlagSpec[]
  /** Of a wrong use; default 1, as kubectl's. */
  readonly usageExitCode?: number
  /** Loads what does the work. */
  readonly load: () => Promise<(invocation: Invocation) => Promise<void>>
}

/** What every command takes, also before its name. */
export const commonFlags: readonly FlagSpec[] = [
  { name: 'namespace', short: 'n', kind: 'text', help: 'the namespace to work in' },
  { name: 'kubeconfig', kind: 'text', help: 'the kubeconfig file to use' },
  { name: 'context', kind: 'text', help: 'the context of the kubeconfig to use' },
  { name: 'data', kind: 'text', help: 'the data directory of the engine to speak to' },
]

/**
 * A command with kubectl's own reading of flags and its error texts. Commander has the tree of
 * commands and the help.
 */
class KubectlCommand extends Command {
  readonly #specs: readonly FlagSpec[]
  readonly #usageExitCode: number
  #args: readonly string[] = []

  constructor(definition: CommandDefinition) {
    const { name, aliases = [], usage, summary, flags, usageExitCode = 1 } = definition
    super(name)
    this.#usageExitCode = usageExitCode
    this.#specs = [...flags, ...commonFlags]
    this.aliases(aliases).usage(`${usage} [options]`).summary(summary).description(summary)
    for (const spec of this.#specs) this.addOption(optionOf(spec))
    this.allowExcessArguments()
  }

  /** Leaves everything to `read`, but for a plea for help. */
  override parseOptions(args: string[]): ReturnType<Command['parseOptions']> {
    this.#args = args
    const end = args.indexOf('--')
    const own = end < 0 ? args : args.slice(0, end)
    const wantsHelp = own.some((arg) => arg === '--help' || arg === '-h')
    return { operands: [], unknown: wantsHelp ? ['--help'] : [] }
  }

  read(io: CliIo): Invocation {
    const words = wordsOf(this)
    const path = words.join(' ')
    const before = globalArgs(this)
    try {
      const flags = parseFlags(this.#specs, [...before, ...this.#args])
      for (const { spec } of flags.uses) {
        if (!spec.deprecated) continue
        io.stderr.write(`Flag --${spec.name} has been deprecated, ${spec.deprecated}\n`)
      }
      const shownPath = [io.programName, ...words.slice(1)].join(' ')
      const { operands } = flags
      return { io, flags, operands, path: shownPath, changeCause: changeCause(shownPath, flags) }
    } catch (error) {
      if (!(error instanceof CliError)) throw error
      const code = this.#usageExitCode
      throw new CliError(`${error.message}\nSee '${path} --help' for usage.`, { code })
    }
  }
}

/** The command that runs what the definition loads. */
export function kubectlCommand(io: CliIo, definition: CommandDefinition): Command {
  const command = new KubectlCommand(definition)
  return command.action(async () => {
    const invocation = command.read(io)
    const run = await definition.load()
    await run(invocation)
  })
}

/** A wrong use of a command: says where its help is. */
export function usageError({ path }: Invocation, message: string): CliError {
  return new CliError(`${message}\nSee '${path} -h' for help and examples`)
}

function optionOf({ name, short, kind, alone, help }: FlagSpec): Option {
  const value = kind === 'boolean' ? '' : alone === undefined ? ' <value>' : ' [value]'
  return new Option(`${short ? `-${short}, ` : ''}--${name}${value}`, help)
}

/** `['astern', 'rollout', 'undo']`. */
function wordsOf(command: Command): readonly string[] {
  const { parent } = command
  return parent ? [...wordsOf(parent), command.name()] : [command.name()]
}

/** Flags that stood before the command's name, which commander has read. */
function globalArgs(command: Command): readonly string[] {
  const given: Record<string, unknown> = command.parent?.optsWithGlobals() ?? {}
  return commonFlags.flatMap(({ name }) => {
    const value = given[name]
    return typeof value === 'string' ? [`--${name}=${value}`] : []
  })
}

/** Words and operands first, then the flags in typed order, by their long names (G-10). */
function changeCause(path: string, { operands, uses }: Flags): string {
  const flags = uses.map(({ spec, value }) => `--${spec.name}=${value}`)
  return [path, ...operands, ...flags].join(' ')
}
