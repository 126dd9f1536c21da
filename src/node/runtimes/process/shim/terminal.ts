import { execFile, spawnSync } from 'node:child_process'
import type { TerminalSize } from '../../../../api/seams.ts'
import { findTool, quoteForShell } from './supervisor.ts'

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

/**
 * The command as one that runs on a terminal of its own: `script` has one made, which Node cannot.
 * Its path comes as a line on file descriptor 3. undefined where there is no such tool.
 */
export function terminalCommand({ program, args, env }: Command): Command | undefined {
  const script = scriptTool()
  if (script === '') return undefined
  const shell = env.SHELL === undefined ? 'unset SHELL' : `SHELL=${quoteForShell(env.SHELL)}`
  const command = [program, ...args].map(quoteForShell).join(' ')
  const text = `tty >&3; exec 3>&-; ${shell}; exec ${command}`
  return {
    program: script,
    args: ['--quiet', '--flush', '--return', '--echo', 'always', '--command', text, '/dev/null'],
    env: { TERM: 'xterm', ...env, SHELL: '/bin/sh' },
  }
}

/** The kernel tells the programs on the terminal. */
export function setTerminalSize(path: string, { columns, rows }: TerminalSize): void {
  const isLinux = process.platform === 'linux'
  execFile('stty', [isLinux ? '-F' : '-f', path, 'rows', `${rows}`, 'cols', `${columns}`], () => {})
}
