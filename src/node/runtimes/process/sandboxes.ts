import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import type { Context } from '../../../base/context.ts'
import { isErrno } from '../../../base/process-identity.ts'
import type { NetworkedPod } from '../../network/cni-plugins.ts'
import type { Attachment, PodNetwork } from '../../network/pod-network.ts'
import type { Sandbox, SandboxSpec } from '../../runtime.ts'
import { LaterDeletions } from './later-deletions.ts'
import type { Layout } from './layout.ts'
import { portEnvironment } from './port-environment.ts'
import type { PortLeases } from './port-leases.ts'

/** Of pods that share the machine's network: all have this one, and ports of their own. */
const hostIp = '127.0.0.1'

interface StoredSandbox {
  readonly sandbox: Sandbox
  /** Those of its ports that are leased: an explicit hostPort is not. */
  readonly leased: readonly number[]
  /** Where the pod has a network of its own: what it was asked for, and its namespace. */
  readonly network?: { readonly pod: NetworkedPod; readonly namespacePath: string }
}

export interface SandboxesOptions {
  /** undefined: pods share the machine's. */
  readonly network: PodNetwork | undefined
  readonly context: Pick<Context, 'clock' | 'log'>
}

/** Addresses and ports of pods, on disk before anyone is told. */
export class Sandboxes {
  readonly #layout: Layout
  readonly #leases: PortLeases
  readonly #network: PodNetwork | undefined
  readonly #byUid = new Map<string, Promise<StoredSandbox>>()
  readonly #deletions: LaterDeletions

  constructor(layout: Layout, leases: PortLeases, { network, context }: SandboxesOptions) {
    this.#layout = layout
    this.#leases = leases
    this.#network = network
    this.#deletions = new LaterDeletions(context)
  }

  /** Reads what is on disk. Returns all leased ports. */
  async load(): Promise<readonly number[]> {
    const uids = await readdir(this.#layout.podsDir).catch(() => [])
    const stored = await Promise.all(uids.map((uid) => this.#read(uid)))
    for (const entry of stored) {
      if (entry) this.#keep(entry.sandbox.podUid, this.#attached(entry))
    }
    return stored.flatMap((entry) => entry?.leased ?? [])
  }

  async all(): Promise<readonly Sandbox[]> {
    const stored = await Promise.allSettled(this.#byUid.values())
    return stored.flatMap((entry) => (entry.status === 'fulfilled' ? [entry.value.sandbox] : []))
  }

  /** With the file that holds its network namespace, if it has one. */
  async find(
    podUid: string,
  ): Promise<{ readonly sandbox: Sandbox; readonly namespacePath?: string } | undefined> {
    const entry = await this.#byUid.get(podUid)
    if (!entry?.network) return entry && { sandbox: entry.sandbox }
    return { sandbox: entry.sandbox, namespacePath: entry.network.namespacePath }
  }

  async run(spec: SandboxSpec): Promise<Sandbox> {
    // What is left of an earlier one of the pod must not go with what comes now.
    if (this.#deletions.isWaiting(this.#layout.podDir(spec.podUid))) await this.#deletions.settle()
    const entry = this.#byUid.get(spec.podUid) ?? this.#keep(spec.podUid, this.#create(spec))
    return (await entry).sandbox
  }

  /** What could not be made may be asked for again. */
  #keep(podUid: string, entry: Promise<StoredSandbox>): Promise<StoredSandbox> {
    this.#byUid.set(podUid, entry)
    entry.catch(() => this.#byUid.delete(podUid))
    return entry
  }

  /**
   * Nothing of the pod runs any more. Its files go when it is quiet; until then they say that there
   * is something to remove, should nobody come to it before the next start.
   */
  async remove(podUid: string): Promise<void> {
    const entry = await this.#byUid.get(podUid)?.catch(() => undefined)
    await this.#network?.detach(podUid)
    this.#byUid.delete(podUid)
    this.#deletions.add(this.#layout.podDir(podUid), () => {
      for (const port of entry?.leased ?? []) this.#leases.release(port)
    })
  }

  /** Resolves when what is to be deleted is. */
  close(): Promise<void> {
    return this.#deletions.settle()
  }

  async #create(spec: SandboxSpec): Promise<StoredSandbox> {
    const entry = this.#network
      ? await this.#createNetworked(spec, this.#network)
      : await this.#createMapped(spec)
    this.#write(entry)
    return entry
  }

  /** Every port is as declared: the pod's address, or the machine's own, is the program's. */
  async #createNetworked(spec: SandboxSpec, network: PodNetwork): Promise<StoredSandbox> {
    const { podUid, namespace, name, isHostNetwork } = spec
    const sandboxAt = (ip: string): Sandbox => ({ podUid, ip, ports: {}, env: [] })
    if (isHostNetwork) return { sandbox: sandboxAt(hostIp), leased: [] }
    const portMappings = spec.ports.flatMap(({ containerPort, hostPort }) =>
      hostPort === undefined ? [] : [{ hostPort, containerPort, protocol: 'tcp' as const }],
    )
    const pod = { podUid, namespace, name, portMappings }
    const { ip, namespacePath } = await network.attach(pod)
    return { sandbox: sandboxAt(ip), leased: [], network: { pod, namespacePath } }
  }

  async #createMapped(spec: SandboxSpec): Promise<StoredSandbox> {
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
    return { sandbox: { podUid, ip: hostIp, ports, env }, leased }
  }

  /** After a restart of the machine a pod's network is made anew; its address may be another. */
  async #attached(entry: StoredSandbox): Promise<StoredSandbox> {
    if (!this.#network || !entry.network) return entry
    const attached: Attachment = await this.#network.attach(entry.network.pod)
    if (attached.ip === entry.sandbox.ip) return entry
    const { pod } = entry.network
    const moved = {
      ...entry,
      sandbox: { ...entry.sandbox, ip: attached.ip },
      network: { pod, namespacePath: attached.namespacePath },
    }
    this.#write(moved)
    return moved
  }

  /**
   * Here and now: it is some ten microseconds of work, and to hand each of the four steps to
   * another thread and back takes milliseconds where the machine is busy. The pod waits for it.
   */
  #write(entry: StoredSandbox): void {
    const { podUid } = entry.sandbox
    for (const dir of [this.#layout.homeDir(podUid), this.#layout.temporaryDir(podUid)]) {
      mkdirSync(dir, { recursive: true, mode: 0o700 })
    }
    const file = this.#layout.sandboxFile(podUid)
    writeFileSync(`${file}.draft`, JSON.stringify(entry), { mode: 0o600 })
    renameSync(`${file}.draft`, file)
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
