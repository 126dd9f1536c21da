import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { bootId } from '../../../../base/process-identity.ts'
import { type ContainerRecord, type ContainerRef, refKey } from '../../../runtime.ts'
import { Cgroups } from '../cgroups.ts'
import type { Layout } from '../layout.ts'
import type { Launch } from '../protocol.ts'
import { Container } from './container.ts'
import { StateDir } from './state-dir.ts'
import { type SupervisorScripts, spawnSupervisor, writeSupervisorScripts } from './supervisor.ts'

const noLimits = { cpuMillis: undefined, memoryBytes: undefined }

/**
 * The containers of one data directory. What is on disk is the truth: a new shim knows after
 * `adoptAll` what the last one knew.
 */
export class Containers {
  readonly #layout: Layout
  readonly #scripts: SupervisorScripts
  readonly #cgroups = new Cgroups()
  readonly #onExit: (record: ContainerRecord) => void
  /**
   * By ref; a start in progress is there already, so that a second request for it waits for the
   * same.
   */
  readonly #byRef = new Map<string, Promise<Container>>()
  readonly #known = new Map<string, Container>()

  constructor(layout: Layout, onExit: (record: ContainerRecord) => void) {
    this.#layout = layout
    this.#scripts = writeSupervisorScripts(layout.runDir)
    this.#onExit = onExit
  }

  records(): readonly ContainerRecord[] {
    return [...this.#known.values()].map((container) => container.record())
  }

  hasRunning(): boolean {
    return this.#byRef.size > this.#known.size || [...this.#known.values()].some((c) => c.isRunning)
  }

  find(ref: ContainerRef): Container | undefined {
    return this.#known.get(refKey(ref))
  }

  /** Finds what earlier shims started. Starts that no supervisor has claimed never happened. */
  async adoptAll(): Promise<void> {
    const dirs = subdirectories(this.#layout.podsDir)
      .flatMap(subdirectories)
      .flatMap(subdirectories)
      .map((path) => new StateDir(path))
    await Promise.all(
      dirs.map((dir) => {
        const stored = dir.stored()
        if (!stored || dir.claimBeforeSupervisor()) return dir.delete()
        return this.#take(stored.launch, () => this.#attach(dir, stored.launch))
      }),
    )
  }

  async start(launch: Launch): Promise<ContainerRecord> {
    const container = await this.#take(launch, () => this.#startNew(launch))
    return container.record()
  }

  /** Resolves at once for a container that is not known: it is gone already. */
  async stop(ref: ContainerRef, graceMs: number): Promise<void> {
    const container = await this.#byRef.get(refKey(ref))?.catch(() => undefined)
    await container?.stop(graceMs)
  }

  async removePod(podUid: string): Promise<void> {
    const keys = [...this.#byRef.keys()].filter((key) => key.startsWith(`${podUid}/`))
    await Promise.all(
      keys.map(async (key) => {
        const container = await this.#byRef.get(key)?.catch(() => undefined)
        await container?.stop(0)
        this.#forget(key)
      }),
    )
  }

  #take(ref: ContainerRef, make: () => Promise<Container>): Promise<Container> {
    const key = refKey(ref)
    const before = this.#byRef.get(key)
    if (before) return before
    const taken = make().then((container) => {
      this.#known.set(key, container)
      void container.ended.then(() => this.#onExit(container.record()))
      return container
    })
    this.#byRef.set(key, taken)
    // A start that failed may be tried again, and nothing is left of it.
    taken.catch(() => this.#byRef.delete(key))
    return taken
  }

  async #startNew(launch: Launch): Promise<Container> {
    this.#prune(launch)
    const containerDir = this.#layout.containerDir(launch)
    const dir = new StateDir(join(containerDir, `${launch.restart}-${launch.id}`))
    dir.create(launch, bootId(), this.#cgroups.create(launch.id, launch.limits ?? noLimits))
    try {
      await spawnSupervisor(dir.path, launch, this.#scripts)
    } catch (error) {
      dir.delete()
      this.#cgroups.remove(launch.id)
      throw error
    }
    return this.#attach(dir, launch)
  }

  #attach(dir: StateDir, launch: Launch): Promise<Container> {
    return Container.attach(dir, this.#layout.logFile(launch), this.#cgroups)
  }

  /** Of the starts before, only the last is kept: what `logs --previous` and lastState show. */
  #prune(launch: ContainerRef): void {
    for (const [key, container] of this.#known) {
      const { podUid, container: name, restart } = container.launch
      const isSame = podUid === launch.podUid && name === launch.container
      if (!isSame || container.isRunning || restart >= launch.restart - 1) continue
      this.#forget(key)
      container.deleteFiles()
    }
  }

  #forget(key: string): void {
    this.#byRef.delete(key)
    this.#known.delete(key)
  }
}

function subdirectories(path: string): string[] {
  if (!existsSync(path)) return []
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => join(path, entry.name))
}
