import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** A process beyond doubt: a pid alone may meanwhile mean something else. */
export interface ProcessIdentity {
  readonly pid: number
  /** As the kernel tells it: ticks since boot on Linux, `ps -o lstart` elsewhere. */
  readonly startTime: string
  /** Of the machine's boot in which the process was started. */
  readonly bootId: string
}

/** The fields of /proc/PID/stat that Astern needs. */
export interface ProcessStat {
  readonly state: string
  readonly parent: number
  readonly group: number
  readonly session: number
  readonly startTime: string
}

/**
 * Parses /proc/PID/stat; the command's name, in parentheses, may itself hold spaces and
 * parentheses.
 */
export function parseProcessStat(text: string): ProcessStat | undefined {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state, parent, group, session] = fields
  const startTime = fields[19]
  if (state === undefined || startTime === undefined) return undefined
  return {
    state,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    startTime: startTime.trim(),
  }
}

/** undefined when there is no such process, or no /proc. */
export function readProcessStat(pid: number | string): ProcessStat | undefined {
  const text = readIfThere(`/proc/${pid}/stat`)
  return text === undefined ? undefined : parseProcessStat(text)
}

/** undefined when the process is gone; a zombie is. */
export function startTimeOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    const stat = readProcessStat(pid)
    return stat && !/^[ZX]/.test(stat.state) ? stat.startTime : undefined
  }
  const { stdout } = spawnSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], {
    encoding: 'utf8',
  })
  const [state, ...lstart] = stdout.trim().split(/\s+/)
  return !state || state.startsWith('Z') ? undefined : lstart.join(' ')
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identity.bootId === bootId() && startTimeOf(identity.pid) === identity.startTime
}

export function identityOf(pid: number): ProcessIdentity | undefined {
  const startTime = startTimeOf(pid)
  return startTime === undefined ? undefined : { pid, startTime, bootId: bootId() }
}

let knownBootId: string | undefined

/** Differs after every boot of the machine. */
export function bootId(): string {
  knownBootId ??=
    readIfThere('/proc/sys/kernel/random/boot_id')?.trim() ??
    spawnSync('sysctl', ['-n', 'kern.boottime'], { encoding: 'utf8' }).stdout.trim()
  return knownBootId
}

/** Signals one process, or with a negative pid a group; that it is gone already is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!isErrno(error, 'ESRCH') && !isErrno(error, 'EPERM')) throw error
  }
}

export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
