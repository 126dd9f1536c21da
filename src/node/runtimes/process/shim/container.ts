import { constants } from 'node:os'
import {
  bootId,
  isAlive,
  type ProcessIdentity,
  sendSignal,
} from '../../../../base/process-identity.ts'
import type { ContainerRecord, ContainerState } from '../../../runtime.ts'
import { StartFailed } from '../../../runtime.ts'
import type { Cgroups } from '../cgroups.ts'
import type { LogStream } from '../cri-log.ts'
import { deleteTree } from '../delete-tree.ts'
import { deleteLog } from '../log-files.ts'
import { containerIdOf, type Launch } from '../protocol.ts'
import { childOf, descendantOf } from './children.ts'
import { writersGone } from './fifo.ts'
import { innerProcess, saidPid } from './host-command.ts'
import { LogFile } from './log-file.ts'
import type { StateDir } from './state-dir.ts'
import { killNamespace, killSurvivors } from './survivors.ts'

const fifos = [
  ['out', 'stdout'],
  ['err', 'stderr'],
] as const
const pollMs = 20
/** 128 + SIGKILL */
const exitCodeKilled = 137
/**
 * How long the claim of a supervisor may be unreadable: it died between creating and writing it.
 */
const claimPatienceMs = 5_000
/** How long output may still come when all processes should be dead. */
const drainPatienceMs = 2_000
/** How often a program without supervisor is looked after. */
const orphanPollMs = 500

/** Sees what a container prints, as it comes. */
export type OutputListener = (stream: LogStream, chunk: Buffer) => void

interface ContainerSurroundings {
  readonly logPath: string
  readonly cgroups: Cgroups
  /** Of the start. */
  readonly bootId: string
}

/** One start of a container: watched from its supervisor's claim to the last line of its log. */
export class Container {
  readonly launch: Launch
  readonly dir: StateDir
  readonly #logPath: string
  readonly #cgroups: Cgroups
  readonly #startedAtMs: number
  readonly #program: ProcessIdentity | undefined
  readonly #supervisor: ProcessIdentity | undefined
  readonly #listeners = new Set<OutputListener>()
  #end: ContainerState | undefined
  #killAtMs = Number.POSITIVE_INFINITY
  #killTimer: NodeJS.Timeout | undefined
  /** Resolves when the container and all it started are gone and its log is whole. */
  readonly ended: Promise<void>

  private constructor(dir: StateDir, launch: Launch, paths: ContainerSurroundings) {
    this.dir = dir
    this.launch = launch
    this.#logPath = paths.logPath
    this.#cgroups = paths.cgroups
    this.#program = dir.identity('program', paths.bootId)
    this.#supervisor = dir.identity('supervisor', paths.bootId)
    this.#startedAtMs = dir.startedAtMs() ?? dir.exit()?.finishedAtMs ?? Date.now()
    this.ended = this.#watch()
  }

  /**
   * Takes over a start that some supervisor has claimed, this shim's own or one of an earlier one.
   */
  static async attach(dir: StateDir, logPath: string, cgroups: Cgroups): Promise<Container> {
    const stored = dir.stored()
    if (!stored) throw new StartFailed('RunContainerError', `the files in ${dir.path} are gone`)
    await programStarted(dir, stored.bootId)
    return new Container(dir, stored.launch, { logPath, cgroups, bootId: stored.bootId })
  }

  get isRunning(): boolean {
    return this.#end === undefined
  }

  record(): ContainerRecord {
    const { podUid, container, restart, image, imageId } = this.launch
    const state = this.#end ?? { phase: 'running', startedAtMs: this.#startedAtMs }
    return {
      podUid,
      container,
      restart,
      image,
      imageId,
      containerId: containerIdOf(this.launch),
      state,
    }
  }

  /** It has ended, and nobody asks for it any more. */
  deleteFiles(): void {
    this.dir.delete()
    deleteLog(this.#logPath)
    if (this.launch.scratch) deleteTree(this.launch.scratch).catch(() => {})
  }

  /** SIGTERM, SIGKILL after `graceMs`; a later call can only bring the SIGKILL forward. */
  stop(graceMs: number): Promise<void> {
    const killAtMs = performance.now() + graceMs
    if (!this.isRunning || killAtMs >= this.#killAtMs) return this.ended
    if (graceMs > 0 && this.#killAtMs === Number.POSITIVE_INFINITY)
      this.#signal(stopSignal(this.launch.stopSignal))
    this.#killAtMs = killAtMs
    clearTimeout(this.#killTimer)
    if (graceMs > 0) this.#killTimer = setTimeout(() => this.#signal('SIGKILL'), graceMs)
    else this.#signal('SIGKILL')
    return this.ended
  }

  /** Returns how to stop listening. */
  onOutput(listener: OutputListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The program reads to the end what has been written, and no more. */
  closeStdin(): void {
    const keeper = this.dir.keeper(this.#supervisor?.pid)
    if (keeper !== undefined) sendSignal(keeper, 'SIGKILL')
  }

  /**
   * What leads the processes of the container: its program, or the first one in the namespaces that
   * bwrap has made for it. undefined when nothing runs.
   */
  leaderPid(): number | undefined {
    if (!this.#program || !isAlive(this.#program)) return undefined
    if (this.launch.tty) return this.#onTerminal(this.#program.pid)
    if (!this.launch.confinement) return this.#program.pid
    const inner = innerProcess(this.dir.inner(), this.#program.pid)
    // Before that one leads a group, it is in bwrap's, and no program runs yet.
    return inner?.leadsGroup ? inner.pid : this.#program.pid
  }

  /**
   * The program itself, once it runs; each process before it has one child. Without a file tree of
   * its own it is the child of what makes the terminal, which is the one that is recorded.
   */
  #onTerminal(recorded: number): number {
    if (!this.launch.confinement) return childOf(recorded) ?? recorded
    const first = innerProcess(this.dir.inner(), recorded)?.pid
    return descendantOf(first, ['script', 'bwrap', 'program'].length) ?? recorded
  }

  /** Resolves when there is something to enter for a command, or the container has ended. */
  async entered(): Promise<void> {
    while (this.isRunning && this.launch.confinement && this.leaderPid() === this.#program?.pid) {
      await pause(pollMs)
    }
  }

  /** On a terminal the group may be bwrap's too, which has to see the program's end. */
  #signal(signal: NodeJS.Signals): void {
    const pid = this.leaderPid()
    if (pid === undefined) return
    sendSignal(this.launch.tty ? pid : -pid, signal)
  }

  async #watch(): Promise<void> {
    if (this.dir.isOpen()) await this.#watchOpen()
    else if (!this.dir.exit()) this.dir.recordUnknownExit()
    clearTimeout(this.#killTimer)
    this.#leaveCgroups()
    this.#end = this.#exited()
  }

  async #watchOpen(): Promise<void> {
    const program = this.#program && isAlive(this.#program) ? this.#program : undefined
    const log = new LogFile(this.#logPath)
    for (const [fifo, stream] of fifos) {
      log.collect(this.dir.file(fifo), stream, (chunk) => {
        for (const listener of this.#listeners) listener(stream, chunk)
      })
    }
    await writersGone(this.dir.file('life'))
    await this.#programGone()
    if (!this.dir.exit()) this.dir.recordUnknownExit()
    await this.#killRest(program?.pid)
    await log.close(drainPatienceMs)
    this.closeStdin()
    this.dir.closeForGood()
    if (this.#supervisor && isAlive(this.#supervisor)) sendSignal(-this.#supervisor.pid, 'SIGKILL')
  }

  /**
   * What has outlived the program. On a terminal more than the inner pid namespace is the
   * container's.
   */
  async #killRest(session: number | undefined): Promise<void> {
    const { id, confinement, tty } = this.launch
    const first = confinement && !tty ? saidPid(this.dir.inner()) : undefined
    if (first !== undefined && (await killNamespace(first, id))) return
    await killSurvivors({ id, session, supervisor: this.#supervisor })
  }

  /**
   * Whoever killed the supervisor did not end the program: it runs on, its exit code will be
   * unknown.
   */
  async #programGone(): Promise<void> {
    while (!this.dir.exit() && this.#program && isAlive(this.#program)) await pause(orphanPollMs)
  }

  #leaveCgroups(): void {
    const { id, limits } = this.launch
    if (limits?.cpuMillis === undefined && limits?.memoryBytes === undefined) return
    if (this.#cgroups.hasRunOutOfMemory(id)) this.dir.recordOutOfMemory()
    this.#cgroups.remove(id)
  }

  #exited(): ContainerState {
    const exit = this.dir.exit()
    return {
      phase: 'exited',
      startedAtMs: this.#startedAtMs,
      finishedAtMs: exit?.finishedAtMs ?? this.#startedAtMs,
      exitCode: exit?.exitCode,
      signal: undefined,
      ...(exit?.exitCode === exitCodeKilled &&
        this.dir.hasRunOutOfMemory() && { isOutOfMemory: true }),
    }
  }
}

/** By name or number, as images have it; SIGTERM for what is neither. */
function stopSignal(text = 'SIGTERM'): NodeJS.Signals {
  const names = Object.entries(constants.signals) as [NodeJS.Signals, number][]
  const wanted = text.toUpperCase()
  const found = names.find(
    ([name, number]) => name === wanted || name === `SIG${wanted}` || String(number) === wanted,
  )
  return found?.[0] ?? 'SIGTERM'
}

/**
 * Resolves when the program runs or has ended, or its supervisor has died before it could start it.
 */
async function programStarted(dir: StateDir, startedInBoot: string): Promise<void> {
  if (startedInBoot !== bootId()) return
  const giveUpAtMs = performance.now() + claimPatienceMs
  while (!dir.identity('program', startedInBoot) && !dir.exit()) {
    const supervisor = dir.identity('supervisor', startedInBoot)
    if (supervisor ? !isAlive(supervisor) : performance.now() > giveUpAtMs) return
    await pause(pollMs)
  }
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs))
}
