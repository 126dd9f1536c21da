import type { Lease, Node, Pod } from '../../api/generated/types.ts'
import { keyOf } from '../../api/object.ts'
import { leases, nodes, pods } from '../../api/scheme.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { Transport } from '../../api/transport.ts'
import { timestamp } from '../../base/clock.ts'
import type { Context } from '../../base/context.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Informers, Lister } from '../../client/lister.ts'
import type { Controller, ReconcileResult, Reconciler } from '../../controller/reconciler.ts'
import { createController } from '../../controller/run-controller.ts'
import { NodeHealth } from './node-health.ts'
import {
  awaitsEviction,
  type Eviction,
  judgeZones,
  lapsedConditions,
  notReadyStatus,
  plannedTaints,
  readyStatus,
  type Zones,
  zoneOf,
} from './plan.ts'

export interface NodeLifecycleOptions {
  readonly context: Context
  readonly transport: Transport
  /** Started by the caller, before the controller. */
  readonly informers: Informers
  /** Of the component `node-controller`, as upstream names it. */
  readonly recorder: EventRecorder
}

const leaseNamespace = 'kube-node-lease'
/** All nodes are looked at together: how many are down decides what is done to each. */
const everything = 'nodes'
const periodMs = 5_000
/** Upstream's `--node-monitor-grace-period`, and for one that has never said anything. */
const graceMs = 50_000
const startupGraceMs = 60_000

/**
 * Says of a node that is not heard of any more that nothing is known of it, keeps new pods off it,
 * and has those that do not tolerate that evicted, as fast as its zone allows; takes all that back
 * when the node is there again.
 */
class NodeLifecycle implements Reconciler {
  readonly #options: NodeLifecycleOptions
  readonly #health = new NodeHealth()
  /** Nodes whose pods could not all be marked. */
  readonly #unmarked = new Set<string>()
  /** By zone, when the next node may be tainted. */
  readonly #nextEvictionMs = new Map<string, number>()
  #hasLooked = false
  #wereAllDown = false

  constructor(options: NodeLifecycleOptions) {
    this.#options = options
  }

  async reconcile(): Promise<ReconcileResult> {
    const nowMs = this.#monotonic
    this.#health.begin(nowMs, periodMs)
    const all = this.#options.informers.for(nodes).lister.list()
    this.#takeIn(all, nowMs)
    const zones = judgeZones(all)
    if (this.#wereAllDown && !zones.areAllDown) this.#health.forgive(nowMs)
    this.#wereAllDown = zones.areAllDown
    for (const node of all) await this.#tend(node, zones, nowMs)
    this.#health.end(this.#monotonic)
    return { requeueAfterMs: periodMs }
  }

  get #monotonic(): number {
    return this.#options.context.clock.monotonic()
  }

  get #now(): string {
    return timestamp(this.#options.context.clock.now())
  }

  #takeIn(all: readonly Node[], nowMs: number): void {
    const { informers, recorder } = this.#options
    const { lister }: { readonly lister: Lister<Lease> } = informers.for(leases)
    for (const node of all) {
      const name = node.metadata.name ?? ''
      const isNew = this.#health.note(node, lister.get({ namespace: leaseNamespace, name }), nowMs)
      const isReady = readyStatus(node) === 'True'
      // Who marked its pods last may have died over it.
      if (isNew && !isReady) this.#unmarked.add(name)
      if (isReady) this.#unmarked.delete(name)
      if (!isNew || !this.#hasLooked) continue
      const text = `Node ${name} event: Registered Node ${name} in Controller`
      recorder.event(node, 'Normal', 'RegisteredNode', text)
    }
    const names = new Set(all.map(({ metadata }) => metadata.name ?? ''))
    for (const name of this.#health.removeOthers(names)) {
      const gone: Node = { apiVersion: 'v1', kind: 'Node', metadata: { name } }
      const text = `Node ${name} event: Removing Node ${name} from Controller`
      recorder.event(gone, 'Normal', 'RemovingNode', text)
    }
    this.#hasLooked = true
  }

  /** What fails for one node is tried again at the next look, and holds up no other. */
  async #tend(node: Node, zones: Zones, nowMs: number): Promise<void> {
    const name = node.metadata.name ?? ''
    try {
      if (await this.#noteSilence(node, nowMs)) this.#unmarked.add(name)
      else await this.#taint(node, this.#eviction(node, zones, nowMs))
      if (this.#unmarked.has(name)) await this.#markPods(name)
      this.#unmarked.delete(name)
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return
      const isBehind = isStatusError(error, 'Conflict')
      this.#options.context.log[isBehind ? 'debug' : 'warn']('a node was not dealt with', {
        node: name,
        error: String(error),
      })
    }
  }

  /** True when the node was ready so far. */
  async #noteSilence(node: Node, nowMs: number): Promise<boolean> {
    const { transport, recorder } = this.#options
    const name = node.metadata.name ?? ''
    const hasSpoken = node.status?.conditions?.some(({ type }) => type === 'Ready')
    const limitMs = hasSpoken ? graceMs : startupGraceMs
    if (this.#health.silentMs(name, nowMs) <= limitMs) return false
    const conditions = lapsedConditions(node, this.#now)
    if (!conditions) return false
    const next: Node = { ...node, status: { ...node.status, conditions } }
    await transport.update(nodes, { name }, next, { subresource: 'status' })
    if (readyStatus(node) !== 'True') return false
    const text = `Node ${name} status is now: NodeNotReady`
    recorder.event(node, 'Normal', 'NodeNotReady', text)
    return true
  }

  #eviction(node: Node, zones: Zones, nowMs: number): Eviction {
    const zone = zoneOf(node)
    const pauseMs = zones.pauseMs(zone)
    if (zones.areAllDown) return 'is off'
    if (pauseMs === undefined || !awaitsEviction(node)) return 'waits'
    if (nowMs < (this.#nextEvictionMs.get(zone) ?? nowMs)) return 'waits'
    this.#nextEvictionMs.set(zone, nowMs + pauseMs)
    return 'begins'
  }

  /** On what was read, and on nothing newer: somebody else may taint the node, too. */
  async #taint(node: Node, eviction: Eviction): Promise<void> {
    const taints = plannedTaints(node, { eviction, now: this.#now })
    if (!taints) return
    const { taints: _, ...spec } = node.spec ?? {}
    const next: Node = { ...node, spec: taints.length > 0 ? { ...spec, taints } : spec }
    await this.#options.transport.update(nodes, keyOf(node), next)
  }

  async #markPods(node: string): Promise<void> {
    const all = this.#options.informers.for(pods).lister.list()
    const here = all.filter(({ spec }) => spec?.nodeName === node)
    const marked = await Promise.allSettled(here.map((pod) => this.#markPod(pod)))
    const failed = marked.find((result) => result.status === 'rejected')
    if (failed) throw failed.reason
  }

  async #markPod(pod: Pod): Promise<void> {
    const { transport, recorder } = this.#options
    const status = notReadyStatus(pod, this.#now)
    if (!status) return
    try {
      const next: Pod = { ...pod, status }
      await transport.update(pods, keyOf(pod), next, { subresource: 'status' })
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return
      throw error
    }
    recorder.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready')
  }
}

export function nodeLifecycle(options: NodeLifecycleOptions): Controller {
  const { context, informers } = options
  for (const resource of [leases, pods]) informers.for<Lease | Pod>(resource)
  const controller = createController(context, {
    name: 'node-lifecycle',
    reconciler: new NodeLifecycle(options),
    workers: 1,
  })
  const look = () => controller.enqueue(everything)
  informers.for(nodes).addHandler({ added: look, updated: look, deleted: look })
  return controller
}
