import { setCondition } from '../../api/condition.ts'
import { semanticEqual } from '../../api/equality.ts'
import type { Node, Pod, PodCondition, Taint } from '../../api/generated/types.ts'
import { isTerminating, keyOf, keyText, parseKey } from '../../api/object.ts'
import { nodes, pods } from '../../api/scheme.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { Transport } from '../../api/transport.ts'
import { timestamp } from '../../base/clock.ts'
import type { Context } from '../../base/context.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Informers } from '../../client/lister.ts'
import type { Controller, ReconcileResult, Reconciler } from '../../controller/reconciler.ts'
import { createController } from '../../controller/run-controller.ts'
import { toleratedMs } from './plan.ts'

export interface TaintEvictionOptions {
  readonly context: Context
  readonly transport: Transport
  /** Started by the caller, before the controller. */
  readonly informers: Informers
  /** Of the component `taint-eviction-controller`. */
  readonly recorder: EventRecorder
}

/** Monotonic. */
interface Scheduled {
  readonly uid: string
  readonly sinceMs: number
  readonly dueMs: number
}

const target: PodCondition = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'DeletionByTaintManager',
  message: 'Taint manager: deleting due to NoExecute taint',
}

function evictingTaints(node: Node | undefined): readonly Taint[] {
  return node?.spec?.taints?.filter(({ effect }) => effect === 'NoExecute') ?? []
}

/** Deletes pods from nodes with NoExecute taints that they do not tolerate, or not any longer. */
class TaintEviction implements Reconciler {
  readonly #options: TaintEvictionOptions
  readonly #scheduled = new Map<string, Scheduled>()

  constructor(options: TaintEvictionOptions) {
    this.#options = options
  }

  async reconcile(key: string): Promise<ReconcileResult | undefined> {
    const { informers, context } = this.#options
    const pod = informers.for(pods).lister.get(parseKey(key))
    if (!pod?.spec?.nodeName || isTerminating(pod)) {
      this.#scheduled.delete(key)
      return undefined
    }
    const taints = evictingTaints(informers.for(nodes).lister.get({ name: pod.spec.nodeName }))
    const forMs = taints.length > 0 ? toleratedMs(pod, taints) : Number.POSITIVE_INFINITY
    if (forMs === Number.POSITIVE_INFINITY) {
      this.#cancel(key, pod)
      return undefined
    }
    const leftMs = forMs === 0 ? 0 : this.#schedule(key, pod, forMs) - context.clock.monotonic()
    if (leftMs > 0) return { requeueAfterMs: leftMs }
    await this.#evict(pod)
    this.#scheduled.delete(key)
    return undefined
  }

  /** When it is due: what is under way goes on, unless it would be due sooner by other taints. */
  #schedule(key: string, pod: Pod, forMs: number): number {
    const { uid = '' } = pod.metadata
    const nowMs = this.#options.context.clock.monotonic()
    const known = this.#scheduled.get(key)
    const sinceMs = known?.uid === uid ? known.sinceMs : nowMs
    const dueMs = sinceMs + forMs
    this.#scheduled.set(key, { uid, sinceMs, dueMs })
    return dueMs
  }

  #cancel(key: string, pod: Pod): void {
    if (!this.#scheduled.delete(key)) return
    const text = `Cancelling deletion of Pod ${key}`
    this.#options.recorder.event(pod, 'Normal', 'TaintManagerEviction', text)
  }

  async #evict(pod: Pod): Promise<void> {
    const { transport, recorder, context } = this.#options
    const key = keyOf(pod)
    const text = `Marking for deletion Pod ${keyText(key)}`
    recorder.event(pod, 'Normal', 'TaintManagerEviction', text)
    const now = timestamp(context.clock.now())
    try {
      const { uid } = pod.metadata
      const present = await transport.get<Pod>(pods, key)
      if (present.metadata.uid !== uid) return
      const conditions = setCondition(present.status?.conditions, target, now)
      const marked: Pod = { ...present, status: { ...present.status, conditions } }
      await transport.update(pods, key, marked, { subresource: 'status' })
      await transport.delete(pods, key, { preconditions: { uid } })
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error
    }
  }
}

export function taintEviction(options: TaintEvictionOptions): Controller {
  const { context, informers } = options
  const controller = createController(context, {
    name: 'taint-eviction',
    reconciler: new TaintEviction(options),
  })
  const look = (pod: Pod) => controller.enqueue(keyText(keyOf(pod)))
  const isTainted = (pod: Pod) =>
    evictingTaints(informers.for(nodes).lister.get({ name: pod.spec?.nodeName ?? '' })).length > 0
  informers.for(pods).addHandler({
    added: (pod) => {
      if (isTainted(pod)) look(pod)
    },
    updated: (pod, previous) => {
      const isMoved = pod.spec?.nodeName !== previous.spec?.nodeName
      const { tolerations } = pod.spec ?? {}
      const isJudgedAnew =
        isMoved ||
        !semanticEqual('PodSpec', { tolerations }, { tolerations: previous.spec?.tolerations })
      if (isJudgedAnew && isTainted(pod)) look(pod)
    },
    deleted: look,
  })
  const lookAtAll = ({ metadata }: Node) => {
    const all = informers.for(pods).lister.list()
    for (const pod of all) if (pod.spec?.nodeName === metadata.name) look(pod)
  }
  informers.for(nodes).addHandler({
    added: (node) => {
      if (evictingTaints(node).length > 0) lookAtAll(node)
    },
    updated: (node, previous) => {
      const [now, before] = [evictingTaints(node), evictingTaints(previous)]
      if (!semanticEqual('NodeSpec', { taints: now }, { taints: before })) lookAtAll(node)
    },
  })
  return controller
}
