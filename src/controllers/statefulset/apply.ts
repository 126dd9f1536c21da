import type { PersistentVolumeClaim, Pod, StatefulSet } from '../../api/generated/types.ts'
import { keyOf, keyText } from '../../api/object.ts'
import { persistentVolumeClaims, pods } from '../../api/scheme.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { Transport } from '../../api/transport.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Expectations } from '../../controller/expectations.ts'
import { slowStart } from '../../controller/slow-start.ts'
import type { StatefulSetAction, StatefulSetPlan } from '../../rollout/plan-stateful-set.ts'

interface Edge {
  readonly transport: Transport
  readonly recorder: EventRecorder
  readonly expectations: Expectations
}

type ActionOf<T extends StatefulSetAction['type']> = Extract<StatefulSetAction, { type: T }>

type Verb = 'create' | 'update' | 'delete'

/**
 * Carries out the stages of a plan, and expects to see its pods come and go (C-07); resolves with
 * the error that ended it, if one did.
 */
export async function carryOut(
  { stages, isParallel }: StatefulSetPlan,
  statefulSet: StatefulSet,
  edge: Edge,
): Promise<{ readonly error?: unknown }> {
  const pass = new Pass(statefulSet, edge)
  pass.expect(stages.flat())
  try {
    for (const stage of stages) await pass.run(stage, isParallel)
    return {}
  } catch (error) {
    return { error }
  } finally {
    pass.expectNoMore(stages.flat())
  }
}

class Pass {
  readonly #statefulSet: StatefulSet
  readonly #edge: Edge
  /** What a watch will tell of. */
  readonly #done = new Set<StatefulSetAction>()

  constructor(statefulSet: StatefulSet, edge: Edge) {
    this.#statefulSet = statefulSet
    this.#edge = edge
  }

  expect(actions: readonly StatefulSetAction[]): void {
    const creates = actions.filter(({ type }) => type === 'createPod').length
    const deletes = actions.flatMap(({ type, pod }) =>
      type === 'deletePod' ? [keyText(keyOf(pod))] : [],
    )
    if (creates + deletes.length === 0) return
    this.#edge.expectations.expect(keyText(keyOf(this.#statefulSet)), { creates, deletes })
  }

  /** What failed or was never tried will not be seen. */
  expectNoMore(actions: readonly StatefulSetAction[]): void {
    const { expectations } = this.#edge
    const key = keyText(keyOf(this.#statefulSet))
    for (const action of actions) {
      if (this.#done.has(action)) continue
      if (action.type === 'createPod') expectations.createObserved(key)
      if (action.type === 'deletePod') {
        expectations.deleteObserved(key, keyText(keyOf(action.pod)))
      }
    }
  }

  async run(actions: readonly StatefulSetAction[], isParallel: boolean): Promise<void> {
    if (isParallel) {
      const apply = (index: number) => this.#apply(actions[index])
      const { error } = await slowStart(actions.length, apply)
      if (error !== undefined) throw error
    } else {
      for (const action of actions) await this.#apply(action)
    }
  }

  async #apply(action: StatefulSetAction | undefined): Promise<void> {
    switch (action?.type) {
      case 'createPod':
        await this.#create(action)
        break
      case 'updatePod':
        await this.#update(action.pod)
        break
      case 'deletePod':
        if (!(await this.#delete(action))) return
        break
      default:
        return
    }
    this.#done.add(action)
  }

  async #create({ pod, claims }: ActionOf<'createPod'>): Promise<void> {
    const { namespace } = pod.metadata
    const { transport } = this.#edge
    for (const claim of claims) await this.#claim(claim, pod)
    await this.#told('create', pod, () => transport.create(pods, { namespace }, pod))
  }

  /** A claim outlives its pod, so mostly it is there already. */
  async #claim(claim: PersistentVolumeClaim, pod: Pod): Promise<void> {
    const { namespace, name } = claim.metadata
    const where = `Pod ${pod.metadata.name} in StatefulSet ${this.#statefulSet.metadata.name}`
    const { transport, recorder } = this.#edge
    try {
      await transport.create(persistentVolumeClaims, { namespace }, claim)
      const message = `create Claim ${name} ${where} success`
      recorder.event(this.#statefulSet, 'Normal', 'SuccessfulCreate', message)
    } catch (error) {
      if (isStatusError(error, 'AlreadyExists')) return
      const message = `create Claim ${name} for ${where} failed error: ${textOf(error)}`
      recorder.event(this.#statefulSet, 'Warning', 'FailedCreate', message)
      throw error
    }
  }

  async #update(pod: Pod): Promise<void> {
    await this.#told('update', pod, () => this.#edge.transport.update(pods, keyOf(pod), pod))
  }

  /**
   * This very pod: a late cache must not cost its successor of the same name. Resolves with whether
   * it was there: of one that had gone before no watch may be left to tell.
   */
  async #delete({ pod, event }: ActionOf<'deletePod'>): Promise<boolean> {
    const { transport, recorder } = this.#edge
    if (event) recorder.event(this.#statefulSet, event.type, event.reason, event.message)
    const preconditions = { uid: pod.metadata.uid }
    try {
      await this.#told('delete', pod, () => transport.delete(pods, keyOf(pod), { preconditions }))
      return true
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error
      return false
    }
  }

  /** D-1C. A name that is taken is no news: its pod is on its way out, or not seen yet. */
  async #told(verb: Verb, pod: Pod, write: () => Promise<unknown>): Promise<void> {
    const what = `${verb} Pod ${pod.metadata.name} in StatefulSet ${this.#statefulSet.metadata.name}`
    const reason = `${verb[0]?.toUpperCase()}${verb.slice(1)}`
    const { recorder } = this.#edge
    try {
      await write()
      recorder.event(this.#statefulSet, 'Normal', `Successful${reason}`, `${what} successful`)
    } catch (error) {
      if (!isStatusError(error, 'AlreadyExists')) {
        const message = `${what} failed error: ${textOf(error)}`
        recorder.event(this.#statefulSet, 'Warning', `Failed${reason}`, message)
      }
      throw error
    }
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
