import { Command } from 'commander'
import { tryGit } from '../../git/run-git.ts'
import { imageCommand } from '../engine/image.ts'
import type { CliIo } from '../io.ts'
import { registerKubectlCommands } from '../kubectl-commands.ts'
import { registerReleaseCommands } from '../release-commands.ts'
import { runProgram } from '../run-program.ts'

/** A command line: the program, then its arguments. */
export type Words = readonly [program: 'kubectl' | 'astern' | 'git', ...args: string[]]

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export const kubectl = (...args: string[]): Words => ['kubectl', ...args]
export const astern = (...args: string[]): Words => ['astern', ...args]
export const git = (...args: string[]): Words => ['git', ...args]

/** As one would type it. */
export function typed(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : quote(word))).join(' ')
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}

async function* nothing(): AsyncGenerator<string> {}

/** Runs it: kubectl and astern in this process, the first by the twins that Astern has. */
export async function runCommand(
  words: Words,
  around: Pick<CliIo, 'env' | 'cwd' | 'clock' | 'signal'>,
): Promise<Outcome> {
  const [programName, ...args] = words
  if (programName === 'git') {
    const { code, stdout, stderr } = await tryGit(args, { cwd: around.cwd })
    return { code, stdout: stdout.toString(), stderr }
  }
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
  const program = new Command(programName)
  registerKubectlCommands(program, io)
  if (programName === 'astern') {
    program.addCommand(imageCommand(io))
    registerReleaseCommands(program, io)
  }
  return { code: await runProgram(program, args, io), ...text }
}
