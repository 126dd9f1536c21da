import { readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { readProcessStat } from '../../../../base/process-identity.ts'
import { findTool } from '../../../find-tool.ts'
import { aroundTerminal } from '../bubblewrap.ts'
import { resolveProgram } from '../command.ts'
import type { Launch } from '../protocol.ts'
import { quoteForShell } from './quote-for-shell.ts'
import { terminalCommand } from './terminal.ts'

/** A command as this machine starts it. */
export interface HostCommand {
  readonly argv: readonly string[]
  readonly cwd: string
}

/** The file descriptor into which bwrap says what it has started. */
export const innerFd = 7

/** What a terminal's container writes down of it, in its state directory. */
export const terminalFile = 'terminal'

/** A container's program. */
export function startCommand(launch: Launch, stateDir: string): HostCommand {
  return (launch.tty && onTerminal(launch, stateDir)) || plainCommand(launch)
}

/** undefined where there is no tool that makes one. */
function onTerminal(launch: Launch, stateDir: string): HostCommand | undefined {
  const { argv, cwd, env, confinement, asUser = [] } = launch
  const [outside, inside] = confinement ? aroundTerminal(confinement) : [[], []]
  const around = confinement ? [...outside, '--info-fd', `${innerFd}`, '--'] : []
  const within = confinement ? [...inside, '--chdir', cwd, '--', ...asUser] : []
  const [program = '', ...args] = [...within, ...argv]
  const before = `tty >${quoteForShell(join(stateDir, terminalFile))}; stty rows 24 cols 80`
  const command = terminalCommand({ program, args, env }, before)
  if (!command) return undefined
  // The environment is the supervisor's; the shell that `script` asks for is none of the program's.
  const maker = ['/usr/bin/env', 'SHELL=/bin/sh', command.program, ...command.args]
  return {
    argv: [...enterNetwork(launch), ...around, ...maker],
    cwd: confinement ? '/' : cwd,
  }
}

function plainCommand(launch: Launch): HostCommand {
  const { argv, cwd, confinement, asUser = [] } = launch
  const network = enterNetwork(launch)
  if (!confinement) return { argv: [...network, ...argv], cwd }
  const last = ['--info-fd', `${innerFd}`, '--chdir', cwd, '--']
  return { argv: [...network, ...confinement, ...last, ...asUser, ...argv], cwd: '/' }
}

/**
 * A command beside a container's program, which runs as process `pid`: with its file tree,
 * namespaces and user. Throws StartFailed when there is no such program and that can be told.
 */
export function execCommand(
  launch: Launch,
  [program = '', ...args]: readonly string[],
  pid: number | undefined,
): HostCommand {
  const { cwd, env, confinement, asUser = [] } = launch
  const network = enterNetwork(launch)
  if (!confinement) {
    return { argv: [...network, resolveProgram(program, { cwd, path: env.PATH }), ...args], cwd }
  }
  if (pid === undefined) throw new Error('the container is not running')
  const own = readlinkSync('/proc/self/ns/user') === readlinkSync(`/proc/${pid}/ns/user`)
  const users = own ? [] : ['--user', '--preserve-credentials']
  const enter = ['--target', `${pid}`, ...users, '--mount', '--pid', '--root', '--wd', '--']
  return { argv: [...network, nsenter(), ...enter, ...asUser, program, ...args], cwd: '/' }
}

function nsenter(): string {
  return findTool('nsenter', '/usr/local/bin:/usr/bin:/bin')
}

/** What has to stand before a command for it to have the pod's network. */
function enterNetwork({ namespacePath }: Launch): readonly string[] {
  return namespacePath === undefined ? [] : [nsenter(), `--net=${namespacePath}`, '--']
}

/**
 * The first process in a confined container's namespaces, from what bwrap said of it and the pid of
 * bwrap itself, which lives. That it is bwrap's child says that it is no other by now.
 */
export function innerProcess(
  said: string | undefined,
  bwrapPid: number,
): { readonly pid: number; readonly leadsGroup: boolean } | undefined {
  const pid = saidPid(said)
  const stat = pid === undefined ? undefined : readProcessStat(pid)
  return pid !== undefined && stat?.parent === bwrapPid
    ? { pid, leadsGroup: stat.group === pid }
    : undefined
}

/** The pid that bwrap gave its namespaces' first process; by now it may be another's. */
export function saidPid(said: string | undefined): number | undefined {
  const text = /"child-pid"\s*:\s*(\d+)/.exec(said ?? '')?.[1]
  return text === undefined ? undefined : Number(text)
}
