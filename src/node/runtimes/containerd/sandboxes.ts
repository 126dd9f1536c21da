import { mkdir, writeFile } from 'node:fs/promises'
import type { Mount, Sandbox, SandboxSpec } from '../../runtime.ts'
import { deleteTree } from '../process/delete-tree.ts'
import type { CriClient } from './cri/client.ts'
import { type CriMessage, sandboxReady } from './cri/messages.ts'
import { checkHostPorts } from './host-ports.ts'
import { hostsFile } from './hosts-file.ts'
import { ifThere } from './if-there.ts'
import { engineLabel, podUidLabel, sandboxAnnotation } from './labels.ts'
import type { Layout } from './layout.ts'
import { sandboxConfig } from './sandbox-config.ts'

/** Of pods that share the machine's network. */
const hostIp = '127.0.0.1'

export interface CriSandbox {
  readonly id: string
  readonly spec: SandboxSpec
  readonly sandbox: Sandbox
}

/** Pods as containerd has them: it is the only one to keep a list. */
export class Sandboxes {
  readonly #cri: CriClient
  readonly #layout: Layout
  readonly #byUid = new Map<string, Promise<CriSandbox>>()
  /** Of these the ones that are made. */
  readonly #made = new Map<string, CriSandbox>()

  constructor(cri: CriClient, layout: Layout) {
    this.#cri = cri
    this.#layout = layout
  }

  /** Those that were made before, by whichever process of this engine. */
  async load(): Promise<void> {
    for (const listed of await this.#list({})) {
      const { uid } = listed.metadata ?? {}
      if (uid && listed.state === sandboxReady) this.#keep(uid, this.#adopt(listed))
    }
  }

  async all(): Promise<readonly Sandbox[]> {
    const kept = await Promise.allSettled(this.#byUid.values())
    return kept.flatMap((one) => (one.status === 'fulfilled' ? [one.value.sandbox] : []))
  }

  find(podUid: string): Promise<CriSandbox> | undefined {
    return this.#byUid.get(podUid)
  }

  async run(spec: SandboxSpec): Promise<Sandbox> {
    const kept = this.#byUid.get(spec.podUid) ?? this.#keep(spec.podUid, this.#create(spec))
    return (await kept).sandbox
  }

  /** Containers in it are killed. Once is as good as twice. */
  async remove(podUid: string): Promise<void> {
    await this.#byUid.get(podUid)?.catch(() => undefined)
    this.#made.delete(podUid)
    await this.#removeListed(podUid)
    await deleteTree(this.#layout.podDir(podUid))
    this.#byUid.delete(podUid)
  }

  /** All of them, and none of their files. */
  async withdraw(): Promise<void> {
    this.#made.clear()
    await Promise.all((await this.#list({})).map((listed) => this.#take(listed)))
    this.#byUid.clear()
  }

  /** Those that containerd has no longer, or that ended there; each is told of once. */
  async takeLost(): Promise<readonly Sandbox[]> {
    const before = [...this.#made.values()]
    if (before.length === 0) return []
    const ready = (await this.#list({})).filter(({ state }) => state === sandboxReady)
    const ids = new Set(ready.map(({ id }) => id))
    const lost = before.filter(
      (one) => !ids.has(one.id) && this.#made.get(one.sandbox.podUid) === one,
    )
    for (const { sandbox } of lost) {
      this.#made.delete(sandbox.podUid)
      this.#byUid.delete(sandbox.podUid)
    }
    return lost.map(({ sandbox }) => sandbox)
  }

  /** What is mounted into every container of the pod. */
  async mounts({ spec, sandbox }: CriSandbox): Promise<readonly Mount[]> {
    if (spec.isHostNetwork) return []
    const hostPath = this.#layout.hostsFile(spec.podUid)
    await writeFile(hostPath, hostsFile(spec, sandbox.ip), { mode: 0o644 })
    return [{ hostPath, containerPath: '/etc/hosts', isReadOnly: false }]
  }

  config(spec: SandboxSpec): CriMessage<'PodSandboxConfig'> {
    const { engine, podDir } = this.#layout
    return sandboxConfig(spec, { engine, logDirectory: podDir(spec.podUid) })
  }

  /** What could not be made may be asked for again. */
  #keep(podUid: string, made: Promise<CriSandbox>): Promise<CriSandbox> {
    this.#byUid.set(podUid, made)
    made.then(
      (sandbox) => this.#made.set(podUid, sandbox),
      () => this.#byUid.delete(podUid),
    )
    return made
  }

  async #create(spec: SandboxSpec): Promise<CriSandbox> {
    // Of a machine that was restarted, or of an attempt that was cut off: its name is taken.
    await this.#removeListed(spec.podUid)
    await checkHostPorts(this.#cri, spec)
    await mkdir(this.#layout.podDir(spec.podUid), { recursive: true, mode: 0o700 })
    const { podSandboxId } = await this.#cri.call('RunPodSandbox', { config: this.config(spec) })
    return this.#withAddress(podSandboxId ?? '', spec)
  }

  #adopt({ id, annotations }: CriMessage<'PodSandbox'>): Promise<CriSandbox> {
    const spec = JSON.parse(annotations?.[sandboxAnnotation] ?? '{}') as SandboxSpec
    return this.#withAddress(id ?? '', spec)
  }

  async #withAddress(id: string, spec: SandboxSpec): Promise<CriSandbox> {
    const { status } = await this.#cri.call('PodSandboxStatus', { podSandboxId: id })
    const ip = spec.isHostNetwork ? hostIp : (status?.network?.ip ?? '')
    return { id, spec, sandbox: { podUid: spec.podUid, ip, ports: {}, env: [] } }
  }

  async #removeListed(podUid: string): Promise<void> {
    for (const listed of await this.#list({ [podUidLabel]: podUid })) await this.#take(listed)
  }

  async #take({ id: podSandboxId }: CriMessage<'PodSandbox'>): Promise<void> {
    await ifThere(this.#cri.call('StopPodSandbox', { podSandboxId }))
    await ifThere(this.#cri.call('RemovePodSandbox', { podSandboxId }))
  }

  async #list(
    labels: Readonly<Record<string, string>>,
  ): Promise<readonly CriMessage<'PodSandbox'>[]> {
    const labelSelector = { ...labels, [engineLabel]: this.#layout.engine }
    const { items } = await this.#cri.call('ListPodSandbox', { filter: { labelSelector } })
    return items ?? []
  }
}
