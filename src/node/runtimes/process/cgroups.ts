import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { isErrno } from '../../../base/process-identity.ts'
import type { ContainerLimits } from '../../runtime.ts'

const cpuPeriodMicros = 100_000
const cpuQuotaMicrosMin = 1_000
/** The engine's own processes, in a service whose cgroup is delegated to it. */
const engineGroup = 'engine'
const podsGroup = 'astern'

/** A directory of control files, and what its files are called there. */
interface Hierarchy {
  readonly version: 1 | 2
  /** Where a container's own directory is made. */
  readonly base: string
}

/**
 * Limits of containers by cgroups: version 2, or the controllers of version 1. Where neither may be
 * written, `hindrance` says why.
 */
export class Cgroups {
  readonly hindrance: string | undefined
  readonly #memory: Hierarchy | undefined
  readonly #cpu: Hierarchy | undefined

  /** `root` is where cgroups are mounted; `own` the text of /proc/self/cgroup. */
  constructor(
    root = '/sys/fs/cgroup',
    own = readIfThere('/proc/self/cgroup'),
    isDelegated = process.env.ASTERN_CGROUP === 'delegated',
  ) {
    try {
      const unified = unifiedHierarchy(root, own, isDelegated)
      const memory = unified ?? controllerHierarchy(root, 'memory')
      const cpu = unified ?? controllerHierarchy(root, 'cpu')
      if (!memory || !cpu) this.hindrance = `there are no cgroups here: ${advice}`
      else {
        // Somebody else may have made them.
        for (const { base } of [memory, cpu]) accessSync(base, constants.W_OK)
        this.#memory = memory
        this.#cpu = cpu
      }
    } catch (error) {
      this.hindrance = `cgroups cannot be written here (${(error as Error).message}): ${advice}`
    }
  }

  /** Makes a container's cgroups; returns the files that take the pids of its processes. */
  create(id: string, { cpuMillis, memoryBytes }: ContainerLimits): readonly string[] {
    const groups = new Set<string>()
    if (this.#memory && memoryBytes !== undefined) {
      groups.add(limitMemory(makeGroup(this.#memory, id), this.#memory, memoryBytes))
    }
    if (this.#cpu && cpuMillis !== undefined) {
      groups.add(limitCpu(makeGroup(this.#cpu, id), this.#cpu, cpuMillis))
    }
    return [...groups].map((group) => join(group, 'cgroup.procs'))
  }

  /** Whether the kernel has ended a process of the container for want of memory. */
  hasRunOutOfMemory(id: string): boolean {
    if (!this.#memory) return false
    const file = this.#memory.version === 2 ? 'memory.events' : 'memory.oom_control'
    const text = readIfThere(join(this.#memory.base, id, file))
    return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0) > 0
  }

  /** When nothing of the container is left. */
  remove(id: string): void {
    for (const base of new Set([this.#memory?.base, this.#cpu?.base])) {
      if (base === undefined) continue
      try {
        rmdirSync(join(base, id))
      } catch (error) {
        if (!isErrno(error, 'ENOENT') && !isErrno(error, 'EBUSY')) throw error
      }
    }
  }
}

const advice =
  'run "astern up" as root, or as a service to which systemd delegates its cgroup (packaging/astern.service)'

/** Version 2, where it has the controllers; undefined where version 1 has them. */
function unifiedHierarchy(root: string, own: string, isDelegated: boolean): Hierarchy | undefined {
  const controllers = readIfThere(join(root, 'cgroup.controllers')).split(/\s+/)
  if (!['cpu', 'memory'].every((name) => controllers.includes(name))) return undefined
  const parent = isDelegated ? delegatedGroup(root, own) : root
  const base = join(parent, podsGroup)
  enableControllers(parent)
  mkdirSync(base, { recursive: true })
  enableControllers(base)
  return { version: 2, base }
}

/** The service's own cgroup; its processes move aside, since only a leaf may hold any. */
function delegatedGroup(root: string, own: string): string {
  const path = /^0::(.*)$/m.exec(own)?.[1] ?? '/'
  const service = join(root, path.endsWith(`/${engineGroup}`) ? join(path, '..') : path)
  const leaf = join(service, engineGroup)
  mkdirSync(leaf, { recursive: true })
  const pids = readIfThere(join(service, 'cgroup.procs')).split('\n').filter(Boolean)
  for (const pid of pids) writeFileSync(join(leaf, 'cgroup.procs'), pid)
  return service
}

function enableControllers(group: string): void {
  const file = join(group, 'cgroup.subtree_control')
  const enabled = readIfThere(file).split(/\s+/)
  for (const name of ['cpu', 'memory']) if (!enabled.includes(name)) writeFileSync(file, `+${name}`)
}

/** A controller of version 1; undefined where it is not mounted. */
function controllerHierarchy(root: string, controller: string): Hierarchy | undefined {
  const mounted = join(root, controller)
  if (!existsSync(join(mounted, 'cgroup.procs'))) return undefined
  const base = join(mounted, podsGroup)
  mkdirSync(base, { recursive: true })
  return { version: 1, base }
}

function makeGroup({ base }: Hierarchy, id: string): string {
  const group = join(base, id)
  mkdirSync(group, { recursive: true })
  return group
}

function limitMemory(group: string, { version }: Hierarchy, bytes: number): string {
  const limit = String(bytes)
  writeFileSync(join(group, version === 2 ? 'memory.max' : 'memory.limit_in_bytes'), limit)
  // Not everywhere is swap accounted for.
  const swap = version === 2 ? ['memory.swap.max', '0'] : ['memory.memsw.limit_in_bytes', limit]
  const [file = '', value = ''] = swap
  if (existsSync(join(group, file))) writeFileSync(join(group, file), value)
  return group
}

function limitCpu(group: string, { version }: Hierarchy, millis: number): string {
  const quota = Math.max(Math.round((millis * cpuPeriodMicros) / 1000), cpuQuotaMicrosMin)
  if (version === 2) writeFileSync(join(group, 'cpu.max'), `${quota} ${cpuPeriodMicros}`)
  else {
    writeFileSync(join(group, 'cpu.cfs_period_us'), String(cpuPeriodMicros))
    writeFileSync(join(group, 'cpu.cfs_quota_us'), String(quota))
  }
  return group
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
