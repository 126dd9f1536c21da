import { type ChildProcess, spawnSync } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import type { TerminalSize } from '../../../../api/seams.ts'
import { findTool } from '../../../find-tool.ts'
import { quoteForShell } from './quote-for-shell.ts'
import { setTerminalSize, TerminalSizes } from './terminal-size.ts'

export interface Command {
  /** An absolute path. */
  readonly program: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** What somebody who asked for a terminal sees where none can be had. */
export const noTerminal =
  'astern: no terminal: script(1) of util-linux 2.35 or later is not installed on this machine\r\n'

const tools = '/usr/local/bin:/usr/bin:/bin'

const atFirstSize = 'tty >&3; read -r astern_size <&4; stty $astern_size; exec 3>&- 4>&-'

let knownScript: string | undefined

/** The path of a script(1) that can be told to echo; '' where there is none. */
function scriptTool(): string {
  if (knownScript === undefined) {
    const path = findTool('script', tools)
    const { stdout = '' } = path ? spawnSync(path, ['--help'], { encoding: 'utf8' }) : {}
    knownScript = stdout.includes('--echo') ? path : ''
  }
  return knownScript
}

/** Whether this machine has the tool that makes terminals. */
export function canHaveTerminal(): boolean {
  return scriptTool() !== ''
}

/**
 * The command as one that runs on a terminal of its own: `script` has one made, which Node cannot.
 * undefined where there is no such tool. To be spawned with two more pipes, see `Terminal`: the
 * terminal's path comes out of file descriptor 3, its first size goes into 4. Unless `before` is
 * given: what is done on the terminal before the command.
 */
export function terminalCommand(
  { program, args, env }: Command,
  before = atFirstSize,
): Command | undefined {
  const script = scriptTool()
  if (script === '') return undefined
  const shell = env.SHELL === undefined ? 'unset SHELL' : `SHELL=${quoteForShell(env.SHELL)}`
  const command = [program, ...args].map(quoteForShell).join(' ')
  const text = `${before}; ${shell}; exec ${command}`
  return {
    program: script,
    args: ['--quiet', '--flush', '--return', '--echo', 'always', '--command', text, '/dev/null'],
    env: { TERM: 'xterm', ...env, SHELL: '/bin/sh' },
  }
}

/** So long the command waits for the size of its client's terminal. */
const firstSizeMs = 500
const usualSize: TerminalSize = { columns: 80, rows: 24 }

/** The size of the terminal on which a command runs. */
export class Terminal {
  readonly #path: Promise<string>
  readonly #firstSize: Writable
  readonly #timer: NodeJS.Timeout
  readonly #sizes = new TerminalSizes(async (size) => setTerminalSize(await this.#path, size))
  #hasBegun = false

  constructor({ stdio }: ChildProcess) {
    this.#path = firstLine(stdio[3] as Readable)
    this.#firstSize = stdio[4] as Writable
    this.#firstSize.on('error', () => {})
    this.#timer = setTimeout(() => this.resize(usualSize), firstSizeMs)
  }

  resize(size: TerminalSize): void {
    if (this.#hasBegun) this.#sizes.ask(size)
    else this.#firstSize.end(`rows ${size.rows} cols ${size.columns}\n`)
    this.#hasBegun = true
    clearTimeout(this.#timer)
  }

  close(): void {
    clearTimeout(this.#timer)
  }
}

/** Resolves with it, never if there is none. */
function firstLine(stream: Readable): Promise<string> {
  let text = ''
  return new Promise((resolve) => {
    stream.on('data', (chunk: Buffer) => {
      text += chunk
      if (text.includes('\n')) resolve(text.trimEnd())
    })
  })
}
