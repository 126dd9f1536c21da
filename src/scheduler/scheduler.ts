import type { Binding, Pod } from '../api/generated/types.ts'
import { hasHostPorts } from '../api/host-ports.ts'
import type { JsonValue } from '../api/json.ts'
import { isTerminating, keyOf, keyText, parseKey } from '../api/object.ts'
import { isPodTerminal, podCondition } from '../api/pod-facts.ts'
import { nodes, persistentVolumeClaims, pods } from '../api/scheme.ts'
import { isStatusError } from '../api/status-error.ts'
import type { Transport } from '../api/transport.ts'
import { timestamp } from '../base/clock.ts'
import type { Context } from '../base/context.ts'
import type { EventRecorder } from '../client/event-recorder.ts'
import type { Informer, Informers } from '../client/lister.ts'
import type { Controller, Reconciler } from '../controller/reconciler.ts'
import { createController } from '../controller/run-controller.ts'
import { chooseNode, type NodeLoad, refuseAll } from './choose-node.ts'
import { unboundClaim } from './unbound-claim.ts'

export interface SchedulerOptions {
  readonly context: Context
  readonly transport: Transport
  readonly informers: Informers
  readonly recorder: EventRecorder
}

const byNode = 'node'
const schedulerName = 'default-scheduler'
const retryMs = 10_000

function wantsNode(pod: Pod): boolean {
  return (
    !pod.spec?.nodeName &&
    pod.spec?.schedulerName === schedulerName &&
    !isTerminating(pod) &&
    !isPodTerminal(pod)
  )
}

/** Binds each pod that has no node to one that will do, one pod at a time. */
class Scheduler implements Reconciler {
  readonly #options: SchedulerOptions
  readonly #pods: Informer<Pod>
  /** Bindings that the cache does not show yet, by uid. */
  readonly #assumed = new Map<string, { readonly pod: Pod; readonly node: string }>()

  constructor(options: SchedulerOptions) {
    this.#options = options
    this.#pods = options.informers.for(pods)
    this.#pods.addIndex(byNode, (pod) => (isPodTerminal(pod) ? [] : [pod.spec?.nodeName ?? '']))
  }

  /** The cache has caught up with a binding, or the pod is gone. */
  forget(pod: Pod): void {
    this.#assumed.delete(pod.metadata.uid ?? '')
  }

  async reconcile(key: string): Promise<{ requeueAfterMs: number } | undefined> {
    const pod = this.#pods.lister.get(parseKey(key))
    if (!pod || !wantsNode(pod) || this.#assumed.has(pod.metadata.uid ?? '')) return undefined
    const loads = this.#loads()
    const claim = unboundClaim(pod, this.#options.informers.for(persistentVolumeClaims).lister)
    const choice = claim === undefined ? chooseNode(pod, loads) : refuseAll(loads, claim)
    if ('node' in choice) {
      await this.#bind(pod, choice.node)
      return undefined
    }
    await this.#report(pod, choice.unschedulable)
    return { requeueAfterMs: retryMs }
  }

  #loads(): NodeLoad[] {
    const assumed = [...this.#assumed.values()]
    return this.#options.informers
      .for(nodes)
      .lister.list()
      .map((node) => {
        const name = node.metadata.name ?? ''
        const bound = this.#pods.lister.byIndex(byNode, name)
        const coming = assumed.filter((one) => one.node === name).map(({ pod }) => pod)
        return { node, pods: [...bound, ...coming] }
      })
  }

  async #bind(pod: Pod, node: string): Promise<void> {
    const { transport, recorder } = this.#options
    const { name, namespace, uid } = pod.metadata
    const binding: Binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name, namespace, uid },
      target: { apiVersion: 'v1', kind: 'Node', name: node },
    }
    this.#assumed.set(uid ?? '', { pod, node })
    try {
      await transport.create(pods, { namespace, name }, binding, { subresource: 'binding' })
    } catch (error) {
      this.forget(pod)
      if (isStatusError(error, 'NotFound') || isStatusError(error, 'Conflict')) return
      throw error
    }
    const text = `Successfully assigned ${namespace}/${name} to ${node}`
    recorder.event(pod, 'Normal', 'Scheduled', text)
  }

  /** PodScheduled=False, written when it says something new (F-02). */
  async #report(pod: Pod, message: string): Promise<void> {
    const { transport, recorder, context } = this.#options
    recorder.event(pod, 'Warning', 'FailedScheduling', message)
    const previous = podCondition(pod, 'PodScheduled')
    if (previous?.status === 'False' && previous.message === message) return
    const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled')
    const condition = {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message,
      lastTransitionTime: previous?.lastTransitionTime ?? timestamp(context.clock.now()),
    }
    const status = { conditions: [...others, condition] } as unknown as JsonValue
    const body = { metadata: { uid: pod.metadata.uid }, status }
    const patch = { type: 'application/merge-patch+json', body } as const
    await transport.patch(pods, keyOf(pod), patch, { subresource: 'status' })
  }
}

/** The scheduler as a controller of pods; a change of nodes brings the waiting ones back. */
export function createScheduler(options: SchedulerOptions): Controller {
  const { context, informers } = options
  const scheduler = new Scheduler(options)
  const controller = createController(context, {
    name: 'scheduler',
    reconciler: scheduler,
    workers: 1,
  })
  const see = (pod: Pod) => {
    if (wantsNode(pod)) controller.enqueue(keyText(keyOf(pod)))
    else scheduler.forget(pod)
  }
  const wakeWaiting = () => {
    for (const pod of informers.for(pods).lister.byIndex(byNode, '')) see(pod)
  }
  const gone = (pod: Pod) => {
    scheduler.forget(pod)
    if (hasHostPorts(pod)) wakeWaiting()
  }
  informers.for(pods).addHandler({ added: see, updated: see, deleted: gone })
  const wake = { added: wakeWaiting, updated: wakeWaiting }
  informers.for(nodes).addHandler(wake)
  informers.for(persistentVolumeClaims).addHandler(wake)
  return controller
}
