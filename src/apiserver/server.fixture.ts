import type { ConfigMap, Deployment, ObjectMeta, Pod, Service } from '../api/generated/types.ts'
import type { KubeObject } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'
import { isStatusError, type StatusError } from '../api/status-error.ts'
import type { Collection, Transport, WatchEvent, WatchOptions } from '../api/transport.ts'
import type { Context } from '../base/context.ts'
import { seededIds } from '../base/ids.ts'
import { silentLogger } from '../base/log.ts'
import { seededPrng } from '../base/prng.ts'
import { settled, VirtualClock } from '../base/virtual-clock.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { ApiServer } from './api-server.ts'
import { transportFor } from './in-process-transport.ts'
import type { Caller } from './operations.ts'

export const caller: Caller = { user: 'tester', groups: ['system:masters'], userAgent: 'test' }
export const inDefault = { namespace: 'default' } as const
export const named = (name: string, namespace = 'default') => ({ namespace, name })

export interface GivenServer {
  readonly server: ApiServer
  readonly api: Transport
  readonly store: MemoryStore
  readonly clock: VirtualClock
  stop(): Promise<void>
}

/** An API server on a store in memory and a clock that stands still. */
export async function givenServer(overrides: Partial<Context> = {}): Promise<GivenServer> {
  const clock = new VirtualClock()
  const prng = seededPrng(1)
  const context = { clock, prng, ids: seededIds(prng), log: silentLogger, ...overrides }
  const store = new MemoryStore()
  const server = await ApiServer.start({ context, store, serviceCidr: '10.96.0.0/16' })
  const stop = async () => {
    server.stop()
    await store.close()
  }
  return { server, api: transportFor(server, caller), store, clock, stop }
}

export function configMap(name: string, metadata: ObjectMeta = {}, value = 'v'): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data: { value } }
}

const container = { name: 'app', image: 'learnk8s/app:1.0.0' }

export function pod(name: string, spec: Partial<Pod['spec']> = {}): Pod {
  const whole = { containers: [container], ...spec }
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: whole }
}

export function deployment(name: string, spec: Partial<Deployment['spec']> = {}): Deployment {
  const labels = { app: name }
  const template = { metadata: { labels }, spec: { containers: [container] } }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { selector: { matchLabels: labels }, template, ...spec },
  }
}

export function service(name: string, spec: Partial<Service['spec']> = {}): Service {
  const whole = { ports: [{ port: 80 }], ...spec }
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: whole }
}

/** What a call is refused with; fails when it is not. */
export async function refusal(call: Promise<unknown>): Promise<StatusError> {
  const outcome = await call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if ('error' in outcome && isStatusError(outcome.error)) return outcome.error
  throw new Error(`expected a StatusError, got ${JSON.stringify(outcome)}`, { cause: outcome })
}

export interface Watched {
  /** `TYPE name@resourceVersion`, or `BOOKMARK @resourceVersion`. */
  readonly lines: string[]
  readonly events: WatchEvent[]
  /** One element when the watch is over. */
  readonly ends: (Error | undefined)[]
  stop(): void
}

/** A watch that has delivered what there is to deliver at its start. */
export async function watched(
  api: Transport,
  resource: Resource,
  { where = inDefault, ...options }: WatchOptions & { readonly where?: Collection } = {},
): Promise<Watched> {
  const lines: string[] = []
  const events: WatchEvent[] = []
  const ends: (Error | undefined)[] = []
  const handle = api.watch(resource, where, options, {
    event(event) {
      events.push(event)
      lines.push(lineOf(event))
    },
    end: (error) => ends.push(error),
  })
  await settled()
  return { lines, events, ends, stop: () => handle.stop() }
}

function lineOf(event: WatchEvent): string {
  if (event.type === 'BOOKMARK') return `BOOKMARK @${event.resourceVersion}`
  const { name, resourceVersion } = event.object.metadata
  return `${event.type} ${name}@${resourceVersion}`
}

export function versionOf(object: KubeObject): string {
  return object.metadata.resourceVersion ?? ''
}
