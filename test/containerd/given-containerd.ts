import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemContext } from '../../src/base/context.ts'
import { routedRanges } from '../../src/node/network/ip-tool.ts'
import { freePrivateRanges } from '../../src/node/network/private-range.ts'
import { CriClient } from '../../src/node/runtimes/containerd/cri/client.ts'
import { busyboxLayer, GivenRegistry, type OciImage } from '../oci-image.fixture.ts'

const startMsMax = 30_000
const pluginDirs = ['/usr/lib/cni', '/opt/cni/bin']
const pluginDir = pluginDirs.find((dir) => existsSync(join(dir, 'bridge')))

const trial = 'ip link add name br7 type bridge && ip link add name ve7 type veth peer name ve8'

/** What this machine lacks for a containerd of a test's own; undefined: nothing. */
export function lacking(): string | undefined {
  if (process.getuid?.() !== 0) return 'root'
  const missing = ['containerd', 'runc', 'ip', 'busybox'].find(
    (name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0,
  )
  if (missing) return missing
  return pluginDir ? undefined : 'the CNI plugins (containernetworking-plugins)'
}

/** Root of a container may have all the programs and not be allowed to run any. */
export function mayRunContainers(): boolean {
  return spawnSync('unshare', ['--net', 'sh', '-c', trial]).status === 0
}

/** What every image of these tests is made of. */
export function busyboxImage(command: readonly string[], more: object = {}): OciImage {
  return {
    layers: [busyboxLayer],
    config: { Cmd: command, Env: ['PATH=/bin', 'TMPDIR=/tmp'], ...more },
  }
}

/** A containerd with everything of its own, and a registry that is its docker.io. */
export class GivenContainerd {
  readonly dir: string
  readonly registry: GivenRegistry
  readonly #bridge: string
  readonly #mapsPorts: boolean
  #process: ChildProcess | undefined

  private constructor(dir: string, registry: GivenRegistry, mapsPorts: boolean) {
    this.dir = dir
    this.registry = registry
    this.#mapsPorts = mapsPorts
    this.#bridge = `ctr${dir.slice(-6)}`
  }

  /** `mapsPorts`: its network has the portmap plugin, too. */
  static async start({ hasCri = true, mapsPorts = false } = {}) {
    const registry = await GivenRegistry.start({ isOpen: true })
    registry.push('pause:1', busyboxImage(['sleep', '2147483647']))
    const dir = mkdtempSync(join(tmpdir(), 'astern-containerd-'))
    const given = new GivenContainerd(dir, registry, mapsPorts)
    if (hasCri) await given.#configure()
    // As Docker's package has it.
    else writeFileSync(given.config, `disabled_plugins = ["cri"]\n${given.#places()}`)
    await given.run()
    return given
  }

  get socket(): string {
    return join(this.dir, 'containerd.sock')
  }

  get config(): string {
    return join(this.dir, 'config.toml')
  }

  /** Resolves when it answers. */
  async run(): Promise<void> {
    const child = spawn('containerd', ['--config', this.config], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#process = child
    let log = ''
    child.stderr.on('data', (chunk) => {
      log = (log + chunk).slice(-4000)
    })
    const giveUpMs = performance.now() + startMsMax
    while (spawnSync('ctr', ['--address', this.socket, 'version']).status !== 0) {
      if (child.exitCode !== null || performance.now() > giveUpMs) throw new Error(log)
      await sleep(50)
    }
  }

  /** As when its package is upgraded: containers go on. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await ended
  }

  /** Kills what holds the namespaces of a pod. */
  async killSandbox(podUid: string): Promise<void> {
    const { items } = await this.withCri((cri) => cri.call('ListPodSandbox', {}))
    const { id = '' } = items?.find(({ metadata }) => metadata?.uid === podUid) ?? {}
    const kill = ['-n', 'k8s.io', 'tasks', 'kill', '--signal', 'SIGKILL', `${id}`]
    execFileSync('ctr', ['--address', this.socket, ...kill])
  }

  /** The pids of a pod's programs: of the first process of each container. */
  async programs(podUid: string): Promise<readonly number[]> {
    const { containers } = await this.withCri((cri) => cri.call('ListContainers', {}))
    const ours = containers?.filter(({ labels }) => labels?.['io.kubernetes.pod.uid'] === podUid)
    const list = ['--address', this.socket, '-n', 'k8s.io', 'tasks', 'list']
    const [, ...rows] = execFileSync('ctr', list).toString().trim().split('\n')
    const pids = new Map(rows.map((row) => row.split(/\s+/)).map(([id, pid]) => [id, Number(pid)]))
    return (ours ?? []).flatMap(({ id }) => pids.get(`${id}`) ?? [])
  }

  /** Kills a pod's programs with whoever would tell of their end. */
  async killUnseen(podUid: string): Promise<void> {
    const programs = await this.programs(podUid)
    await this.end('SIGKILL')
    for (const pid of programs) {
      const [, parent] = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
      process.kill(Number(parent), 'SIGKILL')
      process.kill(pid, 'SIGKILL')
    }
    await this.run()
  }

  /** CRI as anybody may speak it. */
  async withCri<T>(ask: (cri: CriClient) => Promise<T>): Promise<T> {
    const { clock } = systemContext()
    const cri = new CriClient({ socketPath: this.socket, clock })
    try {
      return await ask(cri)
    } finally {
      cri.close()
    }
  }

  /** Ends all of it, whatever tests have left. */
  async stop(): Promise<void> {
    await this.withCri(async (cri) => {
      const { items = [] } = await cri.once('ListPodSandbox', {})
      for (const { id: podSandboxId } of items ?? []) {
        await cri.once('StopPodSandbox', { podSandboxId })
        await cri.once('RemovePodSandbox', { podSandboxId })
      }
    }).catch(() => {})
    await this.end()
    spawnSync('ip', ['link', 'delete', this.#bridge])
    this.registry.stop()
    rmSync(this.dir, { recursive: true, force: true })
  }

  async #configure(): Promise<void> {
    const at = (name: string) => join(this.dir, name)
    const mark = [...this.#bridge].reduce((sum, char) => sum + char.charCodeAt(0), 0)
    const ranges = freePrivateRanges(await routedRanges(), mark)
    if (!ranges) throw new Error('no range of addresses is free')
    this.#claim(ranges.podCidr)
    mkdirSync(at('net.d'))
    mkdirSync(at('certs.d/docker.io'), { recursive: true })
    writeFileSync(
      at('certs.d/docker.io/hosts.toml'),
      `server = "http://${this.registry.host}"\n[host."http://${this.registry.host}"]\n`,
    )
    const ipam = {
      type: 'host-local',
      dataDir: at('addresses'),
      ranges: [[{ subnet: ranges.podCidr }]],
      routes: [{ dst: '0.0.0.0/0' }],
    }
    const bridge = {
      type: 'bridge',
      bridge: this.#bridge,
      isGateway: true,
      hairpinMode: true,
      ipam,
    }
    const portmap = { type: 'portmap', capabilities: { portMappings: true } }
    const plugins = this.#mapsPorts ? [bridge, portmap] : [bridge]
    const network = { cniVersion: '0.4.0', name: this.#bridge, plugins }
    writeFileSync(at('net.d/10-test.conflist'), JSON.stringify(network))
    writeFileSync(
      this.config,
      `version = 2
${this.#places()}
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${this.registry.host}/pause:1"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "native"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${pluginDir}"
    conf_dir = "${at('net.d')}"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "${at('certs.d')}"
`,
    )
  }

  /** At once: whoever looks for a free range from now on finds another. */
  #claim(podCidr: string): void {
    const gateway = podCidr.replace(/0\/(?=\d+$)/, '1/')
    execFileSync('ip', ['link', 'add', 'name', this.#bridge, 'type', 'bridge'])
    execFileSync('ip', ['address', 'add', gateway, 'dev', this.#bridge])
    execFileSync('ip', ['link', 'set', this.#bridge, 'up'])
  }

  #places(): string {
    const [root, state] = [join(this.dir, 'root'), join(this.dir, 'state')]
    return `root = "${root}"\nstate = "${state}"\n[grpc]\n  address = "${this.socket}"\n`
  }
}
