import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { isErrno } from '../../../base/process-identity.ts'
import type { Sandbox, SandboxSpec } from '../../runtime.ts'
import { deleteTree } from './delete-tree.ts'
import type { Layout } from './layout.ts'
import { portEnvironment } from './port-environment.ts'
import type { PortLeases } from './port-leases.ts'

/** Process pods share the host's network: all have this address, and ports of their own. */
const podIp = '127.0.0.1'

interface StoredSandbox {
  readonly sandbox: Sandbox
  /** Those of its ports that are leased: an explicit hostPort is not. */
  readonly leased: readonly number[]
}

/** Addresses and ports of pods, on disk before anyone is told. */
export class Sandboxes {
  readonly #layout: Layout
  readonly #leases: PortLeases
  readonly #byUid = new Map<string, Promise<StoredSandbox>>()

  constructor(layout: Layout, leases: PortLeases) {
    this.#layout = layout
    this.#leases = leases
  }

  /** Reads what is on disk. Returns all leased ports. */
  async load(): Promise<readonly number[]> {
    const uids = await readdir(this.#layout.podsDir).catch(() => [])
    const stored = await Promise.all(uids.map((uid) => this.#read(uid)))
    for (const entry of stored) {
      if (entry) this.#byUid.set(entry.sandbox.podUid, Promise.resolve(entry))
    }
    return stored.flatMap((entry) => entry?.leased ?? [])
  }

  async all(): Promise<readonly Sandbox[]> {
    const stored = await Promise.allSettled(this.#byUid.values())
    return stored.flatMap((entry) => (entry.status === 'fulfilled' ? [entry.value.sandbox] : []))
  }

  async find(podUid: string): Promise<Sandbox | undefined> {
    return (await this.#byUid.get(podUid))?.sandbox
  }

  async run(spec: SandboxSpec): Promise<Sandbox> {
    let entry = this.#byUid.get(spec.podUid)
    if (!entry) {
      entry = this.#create(spec)
      this.#byUid.set(spec.podUid, entry)
      entry.catch(() => this.#byUid.delete(spec.podUid))
    }
    return (await entry).sandbox
  }

  /** Nothing of the pod runs any more. */
  async remove(podUid: string): Promise<void> {
    const entry = await this.#byUid.get(podUid)?.catch(() => undefined)
    await deleteTree(this.#layout.podDir(podUid))
    for (const port of entry?.leased ?? []) this.#leases.release(port)
    this.#byUid.delete(podUid)
  }

  async #create(spec: SandboxSpec): Promise<StoredSandbox> {
    const { podUid } = spec
    const ports: Record<number, number> = {}
    const leased: number[] = []
    const wanted = spec.ports.length > 0 ? spec.ports : [{ containerPort: 0, hostPort: undefined }]
    for (const { containerPort, hostPort } of wanted) {
      if (ports[containerPort] !== undefined) continue
      const port = hostPort ?? (await this.#leases.lease())
      if (hostPort === undefined) leased.push(port)
      ports[containerPort] = port
    }
    const env = portEnvironment(spec.ports, ports)
    const entry = { sandbox: { podUid, ip: podIp, ports, env }, leased }
    await this.#write(entry)
    return entry
  }

  async #write(entry: StoredSandbox): Promise<void> {
    const { podUid } = entry.sandbox
    for (const dir of [this.#layout.homeDir(podUid), this.#layout.temporaryDir(podUid)]) {
      await mkdir(dir, { recursive: true, mode: 0o700 })
    }
    const file = this.#layout.sandboxFile(podUid)
    await writeFile(`${file}.draft`, JSON.stringify(entry), { mode: 0o600 })
    await rename(`${file}.draft`, file)
  }

  async #read(podUid: string): Promise<StoredSandbox | undefined> {
    try {
      return JSON.parse(await readFile(this.#layout.sandboxFile(podUid), 'utf8')) as StoredSandbox
    } catch (error) {
      if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return undefined
      throw error
    }
  }
}
