import type { ConfigMap, Pod, ReplicaSet } from '../../api/generated/types.ts'
import { recordLabel } from '../../api/names.ts'
import { controllerRef, type KubeObject, keyOf, keyText, parseKey } from '../../api/object.ts'
import type { Resource } from '../../api/resource.ts'
import { configMaps, controllerRevisions, pods, replicaSets } from '../../api/scheme.ts'
import type { Transport } from '../../api/transport.ts'
import type { Context } from '../../base/context.ts'
import { withCachedReads } from '../../client/cached-reads.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Informers } from '../../client/lister.ts'
import type { Controller, ReconcileResult, Reconciler } from '../../controller/reconciler.ts'
import { createController } from '../../controller/run-controller.ts'
import { type ObservedWorkload, observeWorkload } from '../../release/observe-workload.ts'
import { referencesOf } from '../../release/record/configuration.ts'
import type { RecordPlan } from '../../release/record/next-record.ts'
import {
  applyRecord,
  isEmpty,
  onlookerPatienceMs,
  planRecord,
} from '../../release/record/recorder.ts'
import {
  type Workload,
  type WorkloadKind,
  workloadKinds,
  workloadResource,
} from '../../rollout/workload.ts'

export interface ReleaseRecorderOptions {
  readonly context: Context
  readonly transport: Transport
  readonly informers: Informers
  readonly recorder: EventRecorder
}

/** Many things change at once in a rollout; one look a moment later sees them all. */
const gatherMs = 50
/**
 * Configuration is written just before the template that goes with it: alone only if it stays so.
 */
const settleMs = 5000

/**
 * Keeps the release records of the workloads of one kind: what `astern record` does beside any
 * other cluster.
 */
class ReleaseReconciler implements Reconciler {
  readonly #options: ReleaseRecorderOptions
  readonly #kind: WorkloadKind
  readonly #cached: Transport
  /** When a configuration without a release was first seen, by key. */
  readonly #unsettled = new Map<string, { readonly what: string; readonly sinceMs: number }>()

  constructor(options: ReleaseRecorderOptions, kind: WorkloadKind) {
    this.#options = options
    this.#kind = kind
    const { transport, informers } = options
    this.#cached = withCachedReads(transport, informers, readKinds(kind))
  }

  /**
   * Caches can tell that nothing is to be written, as they mostly do. What is written stands on
   * what the API says.
   */
  async reconcile(key: string): Promise<ReconcileResult | undefined> {
    const { context, transport } = this.#options
    const seen = await this.#look(key, this.#cached)
    if (!seen?.isDue) return seen?.result
    const current = await this.#look(key, transport)
    if (!current?.isDue) return current?.result
    await applyRecord({ context, transport }, current.observed, current.plan)
    this.#tell(current.observed, current.plan)
    return { requeueAfterMs: gatherMs }
  }

  /** What there is to record, if that is due; undefined when the workload is not there any more. */
  async #look(key: string, transport: Transport) {
    const { namespace = '', name } = parseKey(key)
    const observed = await observeWorkload(transport, { kind: this.#kind, namespace, name })
    if (!observed || observed.object.metadata.deletionTimestamp) {
      this.#unsettled.delete(key)
      return undefined
    }
    const { context } = this.#options
    const recording = { context, transport, patienceMs: onlookerPatienceMs }
    const plan = await planRecord(recording, observed)
    const waitMs = this.#unsettledMs(key, plan)
    if (waitMs > 0) return { isDue: false, observed, plan, result: { requeueAfterMs: waitMs } }
    const isDue = !isEmpty(plan)
    const { lookAgainMs } = plan
    const result = lookAgainMs === undefined ? undefined : { requeueAfterMs: lookAgainMs }
    return { isDue, observed, plan, result }
  }

  /** How long to wait before a change of the configuration alone counts as a release. */
  #unsettledMs(key: string, plan: RecordPlan): number {
    if (!plan.create?.isConfigurationOnly) {
      this.#unsettled.delete(key)
      return 0
    }
    const nowMs = this.#options.context.clock.now()
    const what = plan.create.configMaps.map(({ digest }) => digest).join()
    const known = this.#unsettled.get(key)
    const sinceMs = known?.what === what ? known.sinceMs : nowMs
    this.#unsettled.set(key, { what, sinceMs })
    return sinceMs + settleMs - nowMs
  }

  #tell({ object, releases }: ObservedWorkload, { create }: RecordPlan): void {
    if (create?.source !== 'undo') return
    const left = releases.at(-1)?.provenance?.commit?.slice(0, 12)
    const to = create.provenance?.commit?.slice(0, 12)
    const where = `${to ? ` to commit ${to}` : ''}${left ? `, leaving commit ${left} behind` : ''}`
    const message = `Undone by raw kubectl${where}: the next deploy brings the version it left back`
    this.#options.recorder.event(object, 'Warning', 'GitLeftBehind', message)
  }
}

/** Of what a release of a workload is made, Secrets aside: who may not read those records, too. */
function readKinds(kind: WorkloadKind): readonly Resource[] {
  const keeper = kind === 'Deployment' ? replicaSets : controllerRevisions
  return [workloadResource(kind), keeper, pods, configMaps] as readonly Resource[]
}

/** One for each kind, for a key does not say of which it is. */
export function releaseRecorders(options: ReleaseRecorderOptions): readonly Controller[] {
  return workloadKinds.map((kind) => releaseRecorder(options, kind))
}

/** Enqueues the workloads of a kind whose releases a change may concern. */
function releaseRecorder(options: ReleaseRecorderOptions, kind: WorkloadKind): Controller {
  const { context, informers } = options
  const reconciler = new ReleaseReconciler(options, kind)
  const controller = createController(context, { name: `release-recorder/${kind}`, reconciler })
  const workloads = informers.for(workloadResource(kind))
  const enqueue = (workload: Workload) => controller.enqueue(keyText(keyOf(workload)), gatherMs)
  workloads.addHandler({ added: enqueue, updated: enqueue })

  const ofOwner = (owned: KubeObject | undefined) => {
    const owner = owned && controllerRef(owned)
    if (owner?.kind !== kind) return
    const { namespace } = owned?.metadata ?? {}
    controller.enqueue(keyText({ namespace, name: owner.name }), gatherMs)
  }
  const keeper: Resource = kind === 'Deployment' ? replicaSets : controllerRevisions
  informers.for(keeper).addHandler({ added: ofOwner, updated: ofOwner })
  const ownerOfPod = (pod: Pod): ReplicaSet | Pod | undefined => {
    const owner = controllerRef(pod)
    if (owner?.kind !== 'ReplicaSet') return pod
    const { namespace } = pod.metadata
    return informers.for(replicaSets).lister.get({ namespace, name: owner.name })
  }
  informers.for(pods).addHandler({ updated: (pod) => ofOwner(ownerOfPod(pod)) })

  const ofConfigMap = ({ metadata }: ConfigMap) => {
    if (metadata.labels?.[recordLabel] !== undefined) return
    for (const workload of workloads.lister.list(metadata.namespace)) {
      const template = workload.spec?.template
      const reads = template && referencesOf(template).configMaps.includes(metadata.name ?? '')
      if (reads) enqueue(workload)
    }
  }
  informers
    .for(configMaps)
    .addHandler({ added: ofConfigMap, updated: ofConfigMap, deleted: ofConfigMap })
  return controller
}
