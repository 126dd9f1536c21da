import { deepFreeze, parseJson } from '../api/json.ts'
import { type TrafficStats, trafficPath } from '../api/seams.ts'
import type { Transport } from '../api/transport.ts'
import { ApiServer } from '../apiserver/api-server.ts'
import { loadOrCreateSigningKey } from '../apiserver/auth/signing-key.ts'
import { TextAnswer } from '../apiserver/wire/api-handler.ts'
import { openAuditLog } from '../apiserver/wire/audit/audit-log.ts'
import { writeKubeconfig } from '../apiserver/wire/kubeconfig.ts'
import { checkPort, createApiListener } from '../apiserver/wire/listener.ts'
import { clientSubjects, loadOrCreatePki, type Pki } from '../apiserver/wire/pki.ts'
import { version } from '../apiserver/wire/version.ts'
import { isHeld } from '../base/claim-file.ts'
import type { Context } from '../base/context.ts'
import { createInformers } from '../client/informers.ts'
import type { Informers } from '../client/lister.ts'
import { createEventRecorder } from '../client/recorder.ts'
import { podConnector } from '../node/agent/pod-connector.ts'
import type { PodNetwork } from '../node/network/pod-network.ts'
import type { Runtime } from '../node/runtime.ts'
import { containerdRuntime } from '../node/runtimes/containerd/runtime.ts'
import { processRuntime } from '../node/runtimes/process/runtime.ts'
import type { ImageBehaviours } from '../node/runtimes/simulated/behaviour.ts'
import { simulatedRuntime } from '../node/runtimes/simulated/runtime.ts'
import { proxyLayout } from '../proxy/layout.ts'
import { trafficMetrics } from '../proxy/metrics.ts'
import { machineResolvConf } from '../proxy/name-publisher.ts'
import { clusterDomain } from '../proxy/names.ts'
import { startTraffic, type Traffic } from '../proxy/traffic.ts'
import { undoWarnings } from '../release/undo-warnings.ts'
import { openLevelStore } from '../store/level-store.ts'
import { MemoryStore } from '../store/memory-store.ts'
import type { Store } from '../store/store.ts'
import { ControlPlane, componentTransport, managerTransport } from './control-plane.ts'
import { claimDataDirectory, type DataDirectory, dataDirectory } from './data-directory.ts'
import { networkOf } from './network-of.ts'
import { NodePool, type NodePoolOptions } from './node-pool.ts'
import { publishApi } from './publish-api.ts'
import { publishDns } from './publish-dns.ts'
import { openServiceRange } from './service-range.ts'
import {
  fixSettings,
  forgetSettings,
  type PodNetworkName,
  type RuntimeName,
  readSettings,
  type Settings,
} from './settings.ts'
import { allStarted, Teardown } from './teardown.ts'

export interface EngineOptions {
  readonly context: Context
  readonly dataDir: string
  /** Keeps objects in memory only: for tests that start a cluster each. */
  readonly inMemory?: boolean
  readonly listen: { readonly host: string; readonly port: number }
  /** Where NodePort and LoadBalancer ports listen. */
  readonly serviceListen: string
  /** A file in which each request to a Service becomes a line, as an absolute path. */
  readonly accessLog?: string
  readonly serviceCidr?: string
  readonly runtime?: RuntimeName
  readonly podNetwork?: PodNetworkName
  /** Where `containerd` is spoken to; default: where it usually listens. */
  readonly criSocket?: string
  /** Describes the network of `podNetwork: cni`; by default it is Astern's own. */
  readonly cniConfDir?: string
  /** Number of simulated nodes. */
  readonly nodes: number
  /** What containers of an image do on simulated nodes; by default all goes well. */
  readonly behaviours?: ImageBehaviours
  /** false: no pod waits for the proxy; only to show what that costs. */
  readonly acknowledge?: boolean
  /** Default: `kubeconfig` in the data directory. */
  readonly kubeconfig?: string
  /** Command lines of the processes of the data plane, the data directory to be appended. */
  readonly commands: { readonly shim: readonly string[]; readonly proxy: readonly string[] }
}

/** A running engine: all of it, started in order, stopped in reverse. */
export interface Engine {
  /** `https://127.0.0.1:6443` */
  readonly url: string
  /** The kubeconfig's path. */
  readonly kubeconfig: string
  /** The API as its administrator, without a wire. */
  readonly transport: Transport
  readonly settings: Settings
  readonly stats: TrafficStats
  /**
   * With `keepPods` the data plane goes on: pods run, the proxy forwards; a later start adopts
   * them.
   */
  stop(options: { readonly keepPods: boolean }): Promise<void>
}

/**
 * Resolves when the API answers, the controllers have synced and every node is Ready. When it
 * fails, it ends what it has begun, and leaves alone the pods and the proxy that ran before.
 * Rejects with DataDirectoryInUse, SettingsConflict, StoreOpenFailed or ListenError.
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const teardown = new Teardown()
  try {
    return await startParts(options, teardown)
  } catch (error) {
    await teardown.run().catch(() => {})
    throw error
  }
}

async function startParts(options: EngineOptions, teardown: Teardown): Promise<Engine> {
  const { context } = options
  const directory = dataDirectory(options.dataDir)
  const claim = claimDataDirectory(directory)
  teardown.add(() => claim.release())
  await checkPort(options.listen)
  // A first start that fails before anything depends on its settings fixes none.
  let isFixed = readSettings(directory) !== undefined
  teardown.add(() => isFixed || forgetSettings(directory))
  const settings = await fixSettings(directory, options)
  const ending = { keepPods: isHeld(proxyLayout(directory.path).lock) }
  const parts = { options, directory, settings, teardown, ending }
  const network = await openNetwork(parts)
  const apiServer = await startApiServer(parts)
  const informers = createInformers(context, managerTransport(apiServer, 'informers'))
  // These three wait for processes and keys, not for each other.
  const [pki, traffic, runtimes] = await allStarted([
    loadOrCreatePki(directory.pki, context.clock, { hosts: [options.listen.host] }),
    openTraffic(parts, apiServer, informers),
    openRuntimes(parts, network),
  ])
  const controlPlane = new ControlPlane({
    context,
    transportFor: (component) => managerTransport(apiServer, component),
    informers,
    caCertificate: pki.caCertificate,
    tokenForSecret: (...wanted) => apiServer.tokenForSecret(...wanted),
  })
  const nodes = createNodes(parts, apiServer, { traffic, informers, runtimes })
  teardown.add(() => nodes.stop(ending))
  teardown.add(() => controlPlane.stop())
  const transport = componentTransport(apiServer, clientSubjects.admin.commonName, 'astern')
  isFixed = true
  if (settings.runtime !== 'simulated') await publishDns(transport, settings.serviceCidr)
  await controlPlane.start()
  await traffic.start()
  await nodes.start()
  const access = await startListener(parts, apiServer, { pki, stats: traffic.stats })
  await publishApi(transport, access.url)
  return {
    ...access,
    transport,
    settings,
    stats: traffic.stats,
    async stop(how) {
      ending.keepPods = how.keepPods
      await nodes.stop(how)
      await teardown.run()
    },
  }
}

/** The machine's network as pods need it; it stays as long as the data plane. */
async function openNetwork(parts: Parts): Promise<PodNetwork | undefined> {
  const { directory, settings, teardown, ending } = parts
  const network = networkOf(directory, settings)
  const closeRange = await openServiceRange(settings)
  teardown.add(async () => {
    if (!ending.keepPods) await closeRange?.()
  })
  if (!network) return undefined
  teardown.add(async () => {
    if (!ending.keepPods) await network.withdraw()
  })
  await network.open()
  return network
}

interface Parts {
  readonly options: EngineOptions
  readonly directory: DataDirectory
  readonly settings: Settings
  readonly teardown: Teardown
  /** What becomes of the data plane at the end; said anew by `stop`. */
  readonly ending: { keepPods: boolean }
}

async function startApiServer({
  options,
  directory,
  settings,
  teardown,
}: Parts): Promise<ApiServer> {
  const { context, inMemory } = options
  const signingKey = await loadOrCreateSigningKey(directory.pki)
  const store = inMemory ? new MemoryStore() : await openStore(directory)
  teardown.add(() => store.close())
  const { serviceCidr } = settings
  const settled = { serviceCidr, signingKey, adviseOnPatch: undoWarnings }
  const apiServer = await ApiServer.start({ context, store, ...settled })
  teardown.add(() => apiServer.stop())
  await apiServer.bootstrapBuiltIns()
  return apiServer
}

function openStore(directory: DataDirectory): Promise<Store> {
  const decode = (bytes: Uint8Array) => deepFreeze(parseJson(Buffer.from(bytes).toString('utf8')))
  return openLevelStore(directory.store, { decode })
}

async function openTraffic(
  { options, directory, teardown, ending }: Parts,
  apiServer: ApiServer,
  informers: Informers,
): Promise<Traffic> {
  const { context, commands, serviceListen, accessLog, acknowledge } = options
  const transport = componentTransport(apiServer, 'system:kube-proxy', 'kube-proxy')
  const recorder = createEventRecorder(context, { transport, component: 'kube-proxy' })
  const traffic = await startTraffic({
    context,
    transport,
    recorder,
    informers,
    dataDir: directory.path,
    proxyCommand: commands.proxy,
    serviceListen,
    accessLog,
    acknowledge,
  })
  teardown.add(async () => {
    await (ending.keepPods ? traffic.stop() : traffic.end())
    await recorder.idle()
  })
  return traffic
}

function createNodes(
  { options }: Parts,
  apiServer: ApiServer,
  { traffic, ...world }: Pick<NodePoolOptions, 'informers' | 'runtimes'> & { traffic: Traffic },
): NodePool {
  const nodes = new NodePool({
    context: options.context,
    transport: componentTransport(apiServer, 'system:node:astern', 'kubelet'),
    ...world,
    gate: traffic.gate,
    dns: {
      server: () => traffic.dnsServer(),
      domain: clusterDomain,
      machineFile: machineResolvConf,
    },
    kubeletVersion: version.gitVersion,
  })
  apiServer.podConnector = podConnector((name) => nodes.node(name))
  return nodes
}

/** Last of all: whoever reaches the API finds all of it working. */
async function startListener(
  { options, directory, teardown }: Parts,
  apiServer: ApiServer,
  { pki, stats }: { readonly pki: Pki; readonly stats: TrafficStats },
): Promise<Pick<Engine, 'url' | 'kubeconfig'>> {
  const { context, listen, inMemory } = options
  const metrics = trafficMetrics(stats)
  const auditLog = inMemory ? undefined : openAuditLog({ path: directory.auditLog, context })
  teardown.add(async () => auditLog?.close())
  const listener = await createApiListener({
    operations: apiServer,
    context,
    pki,
    ...listen,
    ...(auditLog && { auditLog }),
    extraPaths: {
      [trafficPath]: async () => ({ endpoints: await stats.snapshot() }) as never,
      '/metrics': async () => new TextAnswer(await metrics.text(), metrics.contentType),
    },
  })
  teardown.add(() => listener.close())
  const kubeconfig = options.kubeconfig ?? directory.kubeconfig
  const client = await pki.client('admin')
  const { caCertificate } = pki
  await writeKubeconfig(kubeconfig, { server: listener.url, caCertificate, client })
  return { url: listener.url, kubeconfig }
}

async function openRuntimes(
  { options, settings, directory }: Parts,
  network: PodNetwork | undefined,
): Promise<ReadonlyMap<string, Runtime>> {
  const { context, commands, nodes, behaviours } = options
  if (settings.runtime === 'process') {
    const { path: dataDir } = directory
    const shimCommand = commands.shim
    return new Map([
      [
        'astern',
        await processRuntime({ dataDir, context, shimCommand, ...(network && { network }) }),
      ],
    ])
  }
  if (settings.runtime === 'containerd') {
    const { criSocket: socketPath = '' } = settings
    const runtime = await containerdRuntime({ dataDir: directory.path, context, socketPath })
    return new Map([['astern', runtime]])
  }
  const names = Array.from({ length: nodes }, (_, index) => `simulated-${index}`)
  return new Map(
    names.map((name, index) => [
      name,
      simulatedRuntime({
        context,
        addressPrefix: `10.${index >> 8}.${index & 255}`,
        ...(behaviours && { behaviours }),
      }),
    ]),
  )
}
