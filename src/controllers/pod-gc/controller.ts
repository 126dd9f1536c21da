import type { Pod } from '../../api/generated/types.ts'
import { keyOf } from '../../api/object.ts'
import { nodes, pods } from '../../api/scheme.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { Transport } from '../../api/transport.ts'
import { timestamp } from '../../base/clock.ts'
import type { Context } from '../../base/context.ts'
import type { Informers } from '../../client/lister.ts'
import type { Controller, ReconcileResult, Reconciler } from '../../controller/reconciler.ts'
import { createController } from '../../controller/run-controller.ts'
import { lastStatus, podsToRemove, type Verdict } from './plan.ts'

export interface PodGarbageCollectorOptions {
  readonly context: Context
  readonly transport: Transport
  /** Started by the caller, before the controller. */
  readonly informers: Informers
}

const everything = 'pods'
const periodMs = 20_000
/** So long a node has to be missing before its pods go: it may be coming back. */
const quarantineMs = 40_000

/** Removes pods that no node will: of nodes that are gone, and what ended beyond a bound. */
class PodGarbageCollector implements Reconciler {
  readonly #options: PodGarbageCollectorOptions
  /** By node, when it was first found missing; monotonic. */
  readonly #missingSinceMs = new Map<string, number>()

  constructor(options: PodGarbageCollectorOptions) {
    this.#options = options
  }

  async reconcile(): Promise<ReconcileResult> {
    const { informers, context } = this.#options
    const all = informers.for(pods).lister.list()
    const present = informers.for(nodes).lister.list()
    const names = new Set(present.map(({ metadata }) => metadata.name ?? ''))
    const goneNodes = await this.#goneNodes(all, names)
    const doomed = podsToRemove({ pods: all, nodes: present, goneNodes })
    for (const [pod, verdict] of doomed) {
      await this.#remove(pod, verdict).catch((error) =>
        context.log.warn('a pod was not removed', { pod: keyOf(pod), error: String(error) }),
      )
    }
    return { requeueAfterMs: periodMs }
  }

  /** Those missing for long enough, of which the API itself says so: the cache may be behind. */
  async #goneNodes(all: readonly Pod[], names: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    const nowMs = this.#options.context.clock.monotonic()
    const missing = new Set(all.flatMap(({ spec }) => spec?.nodeName || []))
    for (const name of names) missing.delete(name)
    for (const name of this.#missingSinceMs.keys()) {
      if (!missing.has(name)) this.#missingSinceMs.delete(name)
    }
    const gone = new Set<string>()
    for (const name of missing) {
      const sinceMs = this.#missingSinceMs.get(name) ?? nowMs
      this.#missingSinceMs.set(name, sinceMs)
      if (nowMs - sinceMs >= quarantineMs && !(await this.#exists(name))) gone.add(name)
    }
    return gone
  }

  /** Where the API cannot say, it is taken for there. */
  async #exists(name: string): Promise<boolean> {
    try {
      await this.#options.transport.get(nodes, { name })
      return true
    } catch (error) {
      return !isStatusError(error, 'NotFound')
    }
  }

  async #remove(pod: Pod, verdict: Verdict): Promise<void> {
    const { transport, context } = this.#options
    const key = keyOf(pod)
    const status = lastStatus(pod, verdict, timestamp(context.clock.now()))
    try {
      const ended: Pod = { ...pod, status: status ?? pod.status }
      if (status) await transport.update(pods, key, ended, { subresource: 'status' })
      const preconditions = { uid: pod.metadata.uid }
      await transport.delete(pods, key, { gracePeriodSeconds: 0, preconditions })
    } catch (error) {
      if (!isStatusError(error, 'NotFound') && !isStatusError(error, 'Conflict')) throw error
    }
  }
}

export function podGarbageCollector(options: PodGarbageCollectorOptions): Controller {
  const { context, informers } = options
  informers.for(pods)
  informers.for(nodes)
  const controller = createController(context, {
    name: 'pod-gc',
    reconciler: new PodGarbageCollector(options),
    workers: 1,
  })
  controller.enqueue(everything)
  return controller
}
