import { readdirSync, readFileSync } from 'node:fs'
import {
  type ProcessIdentity,
  readProcessStat,
  sendSignal,
  startTimeOf,
} from '../../../../base/process-identity.ts'
import { containerIdVariable, execIdVariable } from '../protocol.ts'

/** Which processes count as a container's own. */
export interface ContainerProcesses {
  /** Value of the marker variable in their environment. */
  readonly id: string
  /**
   * The program's session: also finds those that cleared their environment. Only given while its
   * number cannot have been used again, that is right after the program's end.
   */
  readonly session: number | undefined
  /**
   * Its process group carries the marker too, but is no part of the container. Nothing of that is
   * older: others need not be looked at closely.
   */
  readonly supervisor: ProcessIdentity | undefined
}

interface MarkedProcess {
  readonly pid: number
  readonly group: number
  readonly session: number
  /** As `ProcessIdentity` has it. */
  readonly startTime: string
  /** Of its environment; read when it is asked for. */
  mark(variable: string): string | undefined
}

const scanDelayMs = 5
const namespaceDelayMs = 2
const roundsMax = 100

/**
 * Kills whatever is left of a container: what forked away, left its session and lost its parent.
 * Resolves with the pids that would not die (waiting in the kernel), normally none. Without /proc
 * only the program's group, which is signalled elsewhere, is known.
 */
export function killSurvivors(of: ContainerProcesses): Promise<readonly number[]> {
  return killAll((process) => belongsTo(process, of))
}

/**
 * Kills all of a pid namespace by killing its first process, which is gone only after all the
 * others: there is nothing to look for on the machine then, whatever they have made of their
 * environment. Resolves with false when `first` is not known to be what leads the container's.
 */
export async function killNamespace(first: number, id: string): Promise<boolean> {
  for (let round = 0; round < roundsMax; round++) {
    if (startTimeOf(first) === undefined) return true
    if (valueIn(environmentOf(`${first}`), containerIdVariable) !== id) return false
    sendSignal(first, 'SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, namespaceDelayMs))
  }
  return false
}

/** Kills what a command in a container has started, wherever it has forked to. */
export function killExec(id: string): Promise<readonly number[]> {
  return killAll((process) => process.mark(execIdVariable) === id)
}

async function killAll(isMeant: (process: MarkedProcess) => boolean): Promise<readonly number[]> {
  let left: readonly MarkedProcess[] = []
  for (let round = 0; round < roundsMax; round++) {
    left = (await freshScan()).filter(isMeant)
    if (left.length === 0) return []
    for (const { pid } of left) sendSignal(pid, 'SIGKILL')
  }
  return left.map(({ pid }) => pid)
}

function belongsTo(process: MarkedProcess, of: ContainerProcesses): boolean {
  const { supervisor } = of
  if (process.group === supervisor?.pid) return false
  if (process.session === of.session) return true
  if (supervisor && Number(process.startTime) < Number(supervisor.startTime)) return false
  return process.mark(containerIdVariable) === of.id
}

let pendingScan: Promise<readonly MarkedProcess[]> | undefined

/** A scan that begins after the call; callers of the same few milliseconds share it. */
function freshScan(): Promise<readonly MarkedProcess[]> {
  pendingScan ??= new Promise((resolve) => {
    setTimeout(() => {
      pendingScan = undefined
      resolve(scanProcesses())
    }, scanDelayMs)
  })
  return pendingScan
}

function scanProcesses(): readonly MarkedProcess[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc').flatMap((pid) => {
    const stat = /^\d+$/.test(pid) ? readProcessStat(pid) : undefined
    if (!stat || /^[ZX]/.test(stat.state)) return []
    const { group, session, startTime } = stat
    let environment: string | undefined
    const mark = (variable: string) => {
      environment ??= environmentOf(pid)
      return valueIn(environment, variable)
    }
    return { pid: Number(pid), group, session, startTime, mark }
  })
}

/** Each variable between two zero bytes; empty when it cannot be read. */
function environmentOf(pid: string): string {
  try {
    // latin1 keeps every byte one character: environments need not be UTF-8.
    return `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`
  } catch {
    return ''
  }
}

function valueIn(environment: string, variable: string): string | undefined {
  const start = environment.indexOf(`\0${variable}=`)
  if (start < 0) return undefined
  const from = start + variable.length + 2
  return environment.slice(from, environment.indexOf('\0', from))
}
