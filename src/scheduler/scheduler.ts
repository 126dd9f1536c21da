import type { Binding, Pod } from '../api/generated/types.ts'
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
import { chooseNode, refuseAll } from './choose-node.ts'
import { type NodeState, NodeUsage } from './node-usage.ts'
import { unboundClaim } from './unbound-claim.ts'

export interface SchedulerOptions {
  readonly context: Context
  readonly transport: Transport
  readonly informers: Informers
  readonly recorder: EventRecorder
}

const unbound = 'unbound'
const schedulerName = 'default-scheduler'
const retryMs = 10_000
const bindingsMax = 16

function wantsNode(pod: Pod): boolean {
  return (
    !pod.spec?.nodeName &&
    pod.spec?.schedulerName === schedulerName &&
    (pod.spec.schedulingGates ?? []).length === 0 &&
    !isTerminating(pod) &&
    !isPodTerminal(pod)
  )
}

/** Binds each pod that has no node to one that will do; a choice knows of all that were made. */
class Scheduler implements Reconciler {
  readonly #options: SchedulerOptions
  readonly #pods: Informer<Pod>
  readonly #usage = new NodeUsage()
  /** Uids of pods whose binding the cache does not show yet. */
  readonly #assumed = new Set<string>()

  constructor(options: SchedulerOptions) {
    this.#options = options
    this.#pods = options.informers.for(pods)
    this.#pods.addIndex(unbound, (pod) => (wantsNode(pod) ? [unbound] : []))
  }

  /** The cache shows a pod as it is now. */
  see(pod: Pod): void {
    const { uid = '' } = pod.metadata
    const { nodeName } = pod.spec ?? {}
    // A binding that was made is older than none.
    if (!nodeName && this.#assumed.has(uid) && wantsNode(pod)) return
    this.#assumed.delete(uid)
    if (nodeName && !isPodTerminal(pod)) this.#usage.put(pod, nodeName)
    else this.#usage.remove(uid)
  }

  /** The pod is gone, or was not bound after all. */
  forget({ metadata: { uid = '' } }: Pod): void {
    this.#assumed.delete(uid)
    this.#usage.remove(uid)
  }

  async reconcile(key: string): Promise<{ requeueAfterMs: number } | undefined> {
    const pod = this.#pods.lister.get(parseKey(key))
    if (!pod || !wantsNode(pod) || this.#assumed.has(pod.metadata.uid ?? '')) return undefined
    const states = this.#states()
    const claim = unboundClaim(pod, this.#options.informers.for(persistentVolumeClaims).lister)
    const choice = claim === undefined ? chooseNode(pod, states) : refuseAll(states, claim)
    if ('node' in choice) {
      await this.#bind(pod, choice.node)
      return undefined
    }
    await this.#report(pod, choice.unschedulable)
    return { requeueAfterMs: retryMs }
  }

  #states(): readonly NodeState[] {
    const { lister } = this.#options.informers.for(nodes)
    return lister.list().map((node) => this.#usage.of(node))
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
    this.#assumed.add(uid ?? '')
    this.#usage.put(pod, node)
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
    // A choice is made and kept in one turn: only the writing of bindings overlaps.
    workers: bindingsMax,
  })
  const wakeWaiting = () => {
    const { lister } = informers.for(pods)
    for (const pod of lister.byIndex(unbound, unbound)) controller.enqueue(keyText(keyOf(pod)))
  }
  const see = (pod: Pod) => {
    scheduler.see(pod)
    if (wantsNode(pod)) controller.enqueue(keyText(keyOf(pod)))
  }
  informers.for(pods).addHandler({
    added: see,
    updated: (pod, previous) => {
      see(pod)
      if (makesRoom(pod, previous)) wakeWaiting()
    },
    deleted: (pod) => {
      scheduler.forget(pod)
      if (pod.spec?.nodeName) wakeWaiting()
    },
  })
  const wake = { added: wakeWaiting, updated: wakeWaiting, deleted: wakeWaiting }
  informers.for(nodes).addHandler(wake)
  informers.for(persistentVolumeClaims).addHandler(wake)
  return controller
}

/** What others wait for: that it ends, goes, or becomes another one by its labels. */
function makesRoom(pod: Pod, previous: Pod): boolean {
  if (!pod.spec?.nodeName) return false
  if (isPodTerminal(pod) !== isPodTerminal(previous)) return true
  return isTerminating(pod) !== isTerminating(previous) || hasOtherLabels(pod, previous)
}

function hasOtherLabels({ metadata: { labels } }: Pod, { metadata }: Pod): boolean {
  return labels !== metadata.labels && JSON.stringify(labels) !== JSON.stringify(metadata.labels)
}
