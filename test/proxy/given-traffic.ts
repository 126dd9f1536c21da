import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Endpoint, EndpointSlice, Event, Pod, Service } from '../../src/api/generated/types.ts'
import { endpointSlices, events, pods, services } from '../../src/api/scheme.ts'
import type { Transport } from '../../src/api/transport.ts'
import { ApiServer } from '../../src/apiserver/api-server.ts'
import { transportFor } from '../../src/apiserver/in-process-transport.ts'
import { systemContext } from '../../src/base/context.ts'
import type { ProcessIdentity } from '../../src/base/process-identity.ts'
import { createInformers } from '../../src/client/informers.ts'
import { createEventRecorder } from '../../src/client/recorder.ts'
import { endpointSliceController } from '../../src/controllers/endpointslice/controller.ts'
import { startTraffic, type Traffic } from '../../src/proxy/traffic.ts'
import { MemoryStore } from '../../src/store/memory-store.ts'

const namespace = 'default'
export const proxyCommand = [
  process.execPath,
  '--import',
  import.meta.resolve('tsx'),
  resolve('src/proxy/process/main.ts'),
]

export interface GivenPod {
  readonly app: string
  /** Where it really answers what is not among `ports`. */
  readonly port: number
  /** Declared ports: name -> declared number, and where it really answers. */
  readonly ports?: Readonly<Record<string, readonly [number, number]>>
  /** Default true. */
  readonly ready?: boolean
}

/** A control plane of what traffic needs: API, EndpointSlices, and the real proxy process. */
export interface GivenTraffic {
  readonly transport: Transport
  readonly traffic: Traffic
  readonly dataDir: string
  /** Creates a Service that selects `app: NAME`; returns it with its addresses. */
  service(name: string, spec?: Partial<Service['spec']>): Promise<Service>
  /** A pod with `app: NAME-OF-SERVICE` that answers on `port`, ready. */
  pod(name: string, given: GivenPod): Promise<Pod>
  /** Marks the pod for deletion, as DELETE with a grace period does. */
  terminate(name: string): Promise<Pod>
  setReady(name: string, isReady: boolean): Promise<void>
  endpoints(): Promise<readonly Endpoint[]>
  events(reason: string): Promise<readonly string[]>
  end(): Promise<void>
}

/** The proxy that holds the data directory's lock. */
export function proxyIdentity(dataDir: string): ProcessIdentity {
  return JSON.parse(readFileSync(join(dataDir, 'run', 'proxy.lock'), 'utf8'))
}

type Actions = ReturnType<typeof actions>

export interface GivenOptions {
  readonly acknowledge?: boolean
  readonly dataDir?: string
  readonly proxyCommand?: readonly string[]
  /** Runs before the proxy is told anything. */
  readonly prepare?: (given: Actions) => Promise<void>
}

export async function givenTraffic(options: GivenOptions = {}): Promise<GivenTraffic> {
  const context = systemContext()
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'astern-proxy-'))
  const store = new MemoryStore()
  const server = await ApiServer.start({ context, store, serviceCidr: serviceCidr(dataDir) })
  const caller = { user: 'system:admin', groups: ['system:masters'], userAgent: 'test' }
  const transport = transportFor(server, caller)
  const informers = createInformers(context, transport)
  const recorder = createEventRecorder(context, { transport, component: 'kube-proxy' })
  const parts = { context, transport, informers, recorder }
  const controller = endpointSliceController(parts)
  const { acknowledge = true } = options
  const serviceListen = '127.0.0.1'
  const traffic = await startTraffic({
    ...parts,
    dataDir,
    proxyCommand: options.proxyCommand ?? proxyCommand,
    serviceListen,
    acknowledge,
  })
  await informers.start()
  controller.start()
  const given = actions(transport)
  await options.prepare?.(given)
  await traffic.start()
  const stopControl = async () => {
    await traffic.stop()
    await controller.stop()
    await informers.stop()
    server.stop()
  }
  const end = async () => {
    await traffic.end()
    await stopControl()
    rmSync(dataDir, { recursive: true, force: true })
  }
  return { transport, traffic, dataDir, ...given, end }
}

/** Loopback addresses of the directory's own, for cluster IPs that nobody else uses. */
function serviceCidr(dataDir: string): string {
  const sum = [...dataDir].reduce((all, letter) => (all * 31 + letter.charCodeAt(0)) % 100, 7)
  return `127.${100 + sum}.0.0/16`
}

function actions(transport: Transport) {
  const readyStatus = (isReady: boolean): Pod['status'] => ({
    phase: 'Running',
    podIP: '127.0.0.1',
    podIPs: [{ ip: '127.0.0.1' }],
    conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }],
  })
  const setStatus = async (name: string, isReady: boolean) => {
    const pod = await transport.get<Pod>(pods, { namespace, name })
    const next: Pod = { ...pod, status: readyStatus(isReady) }
    return transport.update<Pod>(pods, { namespace, name }, next, { subresource: 'status' })
  }
  return {
    service(name: string, spec: Partial<Service['spec']> = {}) {
      const service: Service = {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name },
        spec: { selector: { app: name }, ports: [{ port: 8080 }], ...spec },
      }
      return transport.create<Service>(services, { namespace }, service)
    },
    async pod(name: string, { app, port, ports = {}, ready = true }: GivenPod) {
      const real = Object.values(ports).map(([declared, actual]) => [declared, actual])
      const map = Object.fromEntries([['0', port], ...real])
      const annotations = { 'astern.dev/ports': JSON.stringify(map) }
      const declaredPorts = Object.entries(ports).map(([portName, [containerPort]]) => ({
        name: portName,
        containerPort,
      }))
      const pod: Pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, labels: { app }, annotations },
        spec: {
          nodeName: 'astern',
          containers: [{ name: 'app', image: 'app', ports: declaredPorts }],
        },
      }
      await transport.create<Pod>(pods, { namespace }, pod)
      return setStatus(name, ready)
    },
    terminate: async (name: string) => {
      const key = { namespace, name }
      return (await transport.delete<Pod>(pods, key)) as Pod
    },
    async setReady(name: string, isReady: boolean) {
      await setStatus(name, isReady)
    },
    async endpoints() {
      const { items } = await transport.list<EndpointSlice>(endpointSlices, { namespace })
      return items.flatMap((slice) => slice.endpoints ?? [])
    },
    async events(reason: string) {
      const { items } = await transport.list<Event>(events, { namespace })
      return items.filter((event) => event.reason === reason).map(({ message = '' }) => message)
    },
  }
}
