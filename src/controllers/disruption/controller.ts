import { semanticEqual } from '../../api/equality.ts'
import type {
  Pod,
  PodDisruptionBudget,
  PodDisruptionBudgetStatus,
} from '../../api/generated/types.ts'
import { compileLabelSelector, matchesLabels } from '../../api/labels.ts'
import { keyOf, keyText, parseKey } from '../../api/object.ts'
import { podDisruptionBudgets, pods } from '../../api/scheme.ts'
import type { Transport } from '../../api/transport.ts'
import type { Context } from '../../base/context.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Informers } from '../../client/lister.ts'
import type { Controller, ReconcileResult, Reconciler } from '../../controller/reconciler.ts'
import { createController } from '../../controller/run-controller.ts'
import { expectedScale, scalable } from './expected-scale.ts'
import { type BudgetPlan, failedStatus, needsScale, planBudget } from './plan.ts'

export interface DisruptionControllerOptions {
  readonly context: Context
  readonly transport: Transport
  /** Started by the caller, before the controller. */
  readonly informers: Informers
  /** Of the component `controllermanager`, as upstream names it. */
  readonly recorder: EventRecorder
}

/** Says in each PodDisruptionBudget how many of its pods may be evicted now. */
class DisruptionReconciler implements Reconciler {
  readonly #options: DisruptionControllerOptions

  constructor(options: DisruptionControllerOptions) {
    this.#options = options
  }

  async reconcile(key: string): Promise<ReconcileResult | undefined> {
    const { informers, context } = this.#options
    const budget = informers.for(podDisruptionBudgets).lister.get(parseKey(key))
    if (!budget) return undefined
    const nowMs = context.clock.now()
    let plan: BudgetPlan
    try {
      plan = this.#plan(budget, nowMs)
    } catch (error) {
      await this.#write(budget, failedStatus(budget, (error as Error).message, nowMs))
      return undefined
    }
    this.#reportNotDeleted(budget, plan.notDeleted)
    await this.#write(budget, plan.status)
    return plan.recheckAtMs === undefined
      ? undefined
      : { requeueAfterMs: plan.recheckAtMs - nowMs + 1 }
  }

  /** Throws for pods whose owner cannot say how many it wants. */
  #plan(budget: PodDisruptionBudget, nowMs: number): BudgetPlan {
    const { informers, recorder } = this.#options
    const { matches } = compileLabelSelector(budget.spec?.selector)
    const selected = informers
      .for(pods)
      .lister.list(budget.metadata.namespace)
      .filter(({ metadata }) => matches(metadata.labels))
    if (selected.length === 0) recorder.event(budget, 'Normal', 'NoPods', 'No matching pods found')
    if (!needsScale(budget)) return planBudget({ budget, pods: selected, scale: undefined }, nowMs)
    const { replicas, unmanaged } = this.#scaleOf(budget, selected)
    if (unmanaged.length > 0) {
      const message = `Pods selected by this PodDisruptionBudget (selector: ${compileLabelSelector(budget.spec?.selector).text}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`
      recorder.event(budget, 'Warning', 'UnmanagedPods', message)
    }
    return planBudget({ budget, pods: selected, scale: replicas }, nowMs)
  }

  #scaleOf(budget: PodDisruptionBudget, selected: readonly Pod[]) {
    try {
      return expectedScale(selected, this.#options.informers)
    } catch (error) {
      const message = `Failed to calculate the number of expected pods: ${(error as Error).message}`
      this.#options.recorder.event(budget, 'Warning', 'CalculateExpectedPodCountFailed', message)
      throw error
    }
  }

  #reportNotDeleted({ metadata }: PodDisruptionBudget, overdue: readonly Pod[]): void {
    for (const pod of overdue) {
      const message = `Pod was expected by PDB ${metadata.namespace}/${metadata.name} to be deleted but it wasn't`
      this.#options.recorder.event(pod, 'Warning', 'NotDeleted', message)
    }
  }

  async #write(budget: PodDisruptionBudget, status: PodDisruptionBudgetStatus): Promise<void> {
    if (semanticEqual('PodDisruptionBudgetStatus', budget.status ?? {}, status)) return
    const object = { ...budget, status }
    await this.#options.transport.update(podDisruptionBudgets, keyOf(budget), object, {
      subresource: 'status',
    })
  }
}

export function disruptionController(options: DisruptionControllerOptions): Controller {
  const { context, informers, recorder } = options
  const reconciler = new DisruptionReconciler(options)
  const controller = createController(context, { name: 'disruption', reconciler })
  for (const resource of scalable) informers.for(resource)
  const budgets = informers.for(podDisruptionBudgets)
  const enqueue = (budget: PodDisruptionBudget) => controller.enqueue(keyText(keyOf(budget)))
  budgets.addHandler({ added: enqueue, updated: enqueue })
  const budgetsOf = ({ metadata }: Pod) =>
    budgets.lister
      .list(metadata.namespace)
      .filter(({ spec }) => matchesLabels(spec?.selector, metadata.labels))
  const wake = (pod: Pod) => budgetsOf(pod).forEach(enqueue)
  const see = (pod: Pod) => {
    const [first, ...others] = budgetsOf(pod)
    if (first && others.length > 0) reportSeveral(pod, first, recorder)
    wake(pod)
  }
  informers.for(pods).addHandler({
    added: see,
    updated: (pod, previous) => {
      see(pod)
      wake(previous)
    },
    deleted: wake,
  })
  return controller
}

/** Such a pod cannot be evicted at all. */
function reportSeveral(
  pod: Pod,
  { metadata: { name = '' } }: PodDisruptionBudget,
  recorder: EventRecorder,
): void {
  const [where, which, chosen] = [pod.metadata.namespace, pod.metadata.name, name].map((text) =>
    JSON.stringify(text),
  )
  const message = `Pod ${where}/${which} matches multiple PodDisruptionBudgets.  Chose ${chosen} arbitrarily.`
  recorder.event(pod, 'Warning', 'MultiplePodDisruptionBudgets', message)
}
