import type { ConfigMap, Deployment, Pod, ReplicaSet } from '../../api/generated/types.ts'
import { recordLabel } from '../../api/names.ts'
import { controllerRef, keyOf, keyText, parseKey } from '../../api/object.ts'
import { configMaps, deployments, pods, replicaSets } from '../../api/scheme.ts'
import type { Transport } from '../../api/transport.ts'
import type { Context } from '../../base/context.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Informers } from '../../client/lister.ts'
import type { Controller, ReconcileResult, Reconciler } from '../../controller/reconciler.ts'
import { createController } from '../../controller/run-controller.ts'
import { type ObservedWorkload, observeWorkload } from '../../release/observe-workload.ts'
import { referencesOf } from '../../release/record/configuration.ts'
import type { RecordPlan } from '../../release/record/next-record.ts'
import { applyRecord, onlookerPatienceMs, planRecord } from '../../release/record/recorder.ts'

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

/** Keeps the release records of Deployments: what `astern record` does beside any other cluster. */
class ReleaseReconciler implements Reconciler {
  readonly #options: ReleaseRecorderOptions
  /** When a configuration without a release was first seen, by key. */
  readonly #unsettled = new Map<string, { readonly what: string; readonly sinceMs: number }>()

  constructor(options: ReleaseRecorderOptions) {
    this.#options = options
  }

  async reconcile(key: string): Promise<ReconcileResult | undefined> {
    const { namespace = '', name } = parseKey(key)
    const { context, transport } = this.#options
    const observed = await observeWorkload(transport, { kind: 'Deployment', namespace, name })
    if (!observed || observed.deployment.metadata.deletionTimestamp) {
      this.#unsettled.delete(key)
      return undefined
    }
    const recording = { context, transport, patienceMs: onlookerPatienceMs }
    const plan = await planRecord(recording, observed)
    const waitMs = this.#unsettledMs(key, plan)
    if (waitMs > 0) return { requeueAfterMs: waitMs }
    if (!plan.create && !plan.learned && plan.prune.length === 0) {
      return plan.lookAgainMs === undefined ? undefined : { requeueAfterMs: plan.lookAgainMs }
    }
    await applyRecord({ context, transport }, observed, plan)
    this.#tell(observed, plan)
    return { requeueAfterMs: gatherMs }
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

  #tell({ deployment, releases }: ObservedWorkload, { create }: RecordPlan): void {
    if (create?.source !== 'undo') return
    const left = releases.at(-1)?.provenance?.commit?.slice(0, 12)
    const to = create.provenance?.commit?.slice(0, 12)
    const where = `${to ? ` to commit ${to}` : ''}${left ? `, leaving commit ${left} behind` : ''}`
    const message = `Undone by raw kubectl${where}: the next deploy brings the version it left back`
    this.#options.recorder.event(deployment, 'Warning', 'GitLeftBehind', message)
  }
}

/** Enqueues the Deployments whose releases a change may concern. */
export function releaseRecorder(options: ReleaseRecorderOptions): Controller {
  const { context, informers } = options
  const reconciler = new ReleaseReconciler(options)
  const controller = createController(context, { name: 'release-recorder', reconciler })
  const enqueue = (deployment: Deployment) =>
    controller.enqueue(keyText(keyOf(deployment)), gatherMs)
  informers.for(deployments).addHandler({ added: enqueue, updated: enqueue })

  const ofReplicaSet = (replicaSet: ReplicaSet | undefined) => {
    const owner = replicaSet && controllerRef(replicaSet)
    if (owner?.kind !== 'Deployment') return
    const { namespace } = replicaSet?.metadata ?? {}
    controller.enqueue(keyText({ namespace, name: owner.name }), gatherMs)
  }
  informers.for(replicaSets).addHandler({ added: ofReplicaSet, updated: ofReplicaSet })

  const ofPod = (pod: Pod) => {
    const owner = controllerRef(pod)
    if (owner?.kind !== 'ReplicaSet') return
    const { namespace } = pod.metadata
    ofReplicaSet(informers.for(replicaSets).lister.get({ namespace, name: owner.name }))
  }
  informers.for(pods).addHandler({ updated: ofPod })

  const ofConfigMap = ({ metadata }: ConfigMap) => {
    if (metadata.labels?.[recordLabel] !== undefined) return
    for (const deployment of informers.for(deployments).lister.list(metadata.namespace)) {
      const template = deployment.spec?.template
      const reads = template && referencesOf(template).configMaps.includes(metadata.name ?? '')
      if (reads) enqueue(deployment)
    }
  }
  informers
    .for(configMaps)
    .addHandler({ added: ofConfigMap, updated: ofConfigMap, deleted: ofConfigMap })
  return controller
}
