import { Command } from 'commander'
import { imageCommand } from '../engine/image.ts'
import type { CliIo } from '../io.ts'
import { registerKubectlCommands } from '../kubectl-commands.ts'
import { runProgram } from '../run-program.ts'

/** A command line: the program, then its arguments. */
export type Words = readonly [program: 'kubectl' | 'astern', ...args: string[]]

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export const kubectl = (...args: string[]): Words => ['kubectl', ...args]
export const astern = (...args: string[]): Words => ['astern', ...args]

/** As one would type it. */
export function typed(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : quote(word))).join(' ')
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}

async function* nothing(): AsyncGenerator<string> {}

/** Runs it in this process, by the twin that Astern has of each of kubectl's commands. */
export async function runCommand(
  words: Words,
  around: Pick<CliIo, 'env' | 'cwd' | 'clock' | 'signal'>,
): Promise<Outcome> {
  const [programName, ...args] = words
  const text = { stdout: '', stderr: '' }
  const collect = (stream: keyof typeof text) => ({
    write: (chunk: string | Uint8Array) => {
      text[stream] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
    },
  })
  const io: CliIo = {
    ...around,
    programName,
    stdin: nothing(),
    stdout: collect('stdout'),
    stderr: collect('stderr'),
    isTerminal: false,
    columns: 80,
  }
  const program = new Command(programName).addCommand(imageCommand(io))
  registerKubectlCommands(program, io)
  return { code: await runProgram(program, args, io), ...text }
}
