import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import {
  isErrno,
  type ProcessIdentity,
  readProcessStat,
} from '../../../../base/process-identity.ts'
import type { Launch } from '../protocol.ts'
import { preparation } from './supervisor.ts'

export interface RecordedExit {
  /** undefined when nobody saw it. */
  readonly exitCode: number | undefined
  readonly finishedAtMs: number
}

interface StoredLaunch {
  readonly launch: Launch
  readonly bootId: string
}

type StateFile =
  | 'launch.json'
  /** What the program's shell does first. */
  | 'prepare'
  | 'supervisor'
  | 'program'
  /** What bwrap says of the process it has started. */
  | 'inner'
  | 'exit'
  /** There when the container has run out of memory. */
  | 'oom'
  | 'out'
  | 'err'
  | 'life'
  /** There when the container has a standard input, which is `in`. */
  | 'stdin'
  | 'in'
  /** The pid of the process that holds `in` open. */
  | 'keeper'
  /** The path of the container's terminal. */
  | 'terminal'

/**
 * The files of one container start, shared with its supervisor. A file of the supervisor is whole
 * when it ends in a newline; its modification time is the time of what it says.
 */
export class StateDir {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  file(name: StateFile): string {
    return join(this.path, name)
  }

  create(launch: Launch, bootId: string, groupFiles: readonly string[] = []): void {
    mkdirSync(this.path, { recursive: true, mode: 0o700 })
    const script = preparation(launch, groupFiles)
    if (script !== '') writeFileSync(this.file('prepare'), script, { mode: 0o600 })
    if (launch.stdin) writeFileSync(this.file('stdin'), '', { mode: 0o600 })
    const draft = `${this.file('launch.json')}.draft`
    writeFileSync(draft, JSON.stringify({ launch, bootId } satisfies StoredLaunch), { mode: 0o600 })
    renameSync(draft, this.file('launch.json'))
  }

  /** undefined when the shim died before it had written it: then nothing was started either. */
  stored(): StoredLaunch | undefined {
    const text = readIfThere(this.file('launch.json'))
    return text === undefined ? undefined : (JSON.parse(text) as StoredLaunch)
  }

  identity(of: 'supervisor' | 'program', bootId: string): ProcessIdentity | undefined {
    const line = this.#line(of)
    const space = line?.indexOf(' ') ?? -1
    if (line === undefined || space < 0) return undefined
    return { pid: Number(line.slice(0, space)), startTime: line.slice(space + 1).trim(), bootId }
  }

  /** What bwrap has said; undefined for a container that is not confined. */
  inner(): string | undefined {
    return readIfThere(this.file('inner'))
  }

  /** undefined when it has none, or is not there yet. */
  terminal(): string | undefined {
    return readIfThere(this.file('terminal'))?.trim() || undefined
  }

  /**
   * The process of the supervisor's that holds the standard input open; undefined when it has gone.
   */
  keeper(supervisorPid: number | undefined): number | undefined {
    const pid = readIfThere(this.file('keeper'))?.trim()
    const group = pid ? readProcessStat(pid)?.group : undefined
    return group !== undefined && group === supervisorPid ? Number(pid) : undefined
  }

  startedAtMs(): number | undefined {
    return this.#modifiedAtMs('program')
  }

  exit(): RecordedExit | undefined {
    const line = this.#line('exit')
    const finishedAtMs = this.#modifiedAtMs('exit')
    if (line === undefined || finishedAtMs === undefined) return undefined
    return { exitCode: /^\d+$/.test(line) ? Number(line) : undefined, finishedAtMs }
  }

  /** The kernel has ended it for want of memory: what said so goes with the container. */
  recordOutOfMemory(): void {
    writeFileSync(this.file('oom'), '', { mode: 0o600 })
  }

  hasRunOutOfMemory(): boolean {
    return existsSync(this.file('oom'))
  }

  /** Nobody recorded an exit code and nobody will: says so once, so that the time of it stays. */
  recordUnknownExit(): void {
    writeFileSync(this.file('exit'), 'unknown\n', { mode: 0o600 })
  }

  /** True when no supervisor had claimed this start, and none can any more. */
  claimBeforeSupervisor(): boolean {
    try {
      writeFileSync(this.file('supervisor'), '', { flag: 'wx' })
      return true
    } catch (error) {
      if (isErrno(error, 'EEXIST')) return false
      throw error
    }
  }

  /** Whether the end of this container has not been seen through to its last line of output. */
  isOpen(): boolean {
    return existsSync(this.file('life'))
  }

  closeForGood(): void {
    for (const fifo of ['in', 'out', 'err', 'life'] as const)
      rmSync(this.file(fifo), { force: true })
  }

  delete(): void {
    rmSync(this.path, { recursive: true, force: true })
  }

  #line(name: 'supervisor' | 'program' | 'exit'): string | undefined {
    const text = readIfThere(this.file(name))
    return text?.endsWith('\n') ? text.trimEnd() : undefined
  }

  #modifiedAtMs(name: 'program' | 'exit'): number | undefined {
    const stat = statSync(this.file(name), { throwIfNoEntry: false })
    return stat && Math.floor(stat.mtimeMs)
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined
    throw error
  }
}
