import type {
  Deployment,
  DeploymentCondition,
  DeploymentStatus,
} from '../../api/generated/types.ts'
import { expectedMinAvailable } from '../expected-limits.ts'
import { Recent } from '../recent.ts'
import { type Change, uidOf, type World } from '../world.ts'
import type { Invariant } from './invariant.ts'

/** Which status goes with which reason (B-15..17, B-52, B-53, B-57, B-60). */
const reasons: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Progressing: {
    NewReplicaSetCreated: 'True',
    FoundNewReplicaSet: 'True',
    ReplicaSetUpdated: 'True',
    NewReplicaSetAvailable: 'True',
    ProgressDeadlineExceeded: 'False',
    ReplicaSetCreateError: 'False',
    DeploymentPaused: 'Unknown',
    DeploymentResumed: 'Unknown',
  },
  Available: { MinimumReplicasAvailable: 'True', MinimumReplicasUnavailable: 'False' },
  ReplicaFailure: { FailedCreate: 'True', FailedDelete: 'True' },
}

/** Reasons that cannot follow each other (B-55, B-60). */
const impossible: readonly (readonly [from: string, to: string])[] = [
  ['NewReplicaSetAvailable', 'ProgressDeadlineExceeded'],
  ['ProgressDeadlineExceeded', 'DeploymentPaused'],
  ['DeploymentPaused', 'NewReplicaSetCreated'],
]

/** Every condition of a Deployment says something legal, and follows from the one before. */
export function conditions(world: World): Invariant {
  const deadlines = new Deadlines(world)
  return {
    name: 'conditions',
    check(change) {
      const { kind, next } = change
      if (kind === 'Lease') return deadlines.overdue()
      if (kind === 'Deployment' && next) deadlines.note(next as Deployment)
      return change.kind === 'Deployment' ? checkAll(change) : undefined
    },
  }
}

function checkAll({ previous, next }: Change): string | undefined {
  if (!next) return undefined
  const [before, now] = [previous, next].map((each) => (each as Deployment | undefined)?.status)
  if (before === now) return undefined
  const all = now?.conditions ?? []
  const broken = all.map((condition) => {
    const former = before?.conditions?.find(({ type }) => type === condition.type)
    return checkOne(condition, former)
  })
  const found = broken.find((text) => text !== undefined) ?? checkAvailable(next as Deployment, now)
  return found && `${next.metadata.name}: ${found}`
}

function checkOne(
  { type, status, reason = '', lastTransitionTime }: DeploymentCondition,
  former: DeploymentCondition | undefined,
): string | undefined {
  const expected = reasons[type]?.[reason]
  if (expected !== status) return `${type} is ${status} for ${reason}`
  if (!former) return undefined
  if (impossible.some(([from, to]) => former.reason === from && reason === to)) {
    return `${type} goes from ${former.reason} to ${reason}`
  }
  const hasMoved = lastTransitionTime !== former.lastTransitionTime
  if (status === former.status && hasMoved) return `${type} is ${status} as before, since then only`
  return undefined
}

/** The condition is about the counts beside it, where both are about the present spec (B-52). */
function checkAvailable(
  deployment: Deployment,
  status: DeploymentStatus | undefined,
): string | undefined {
  if (deployment.spec?.strategy?.type === 'Recreate') return undefined
  if (status?.observedGeneration !== deployment.metadata.generation) return undefined
  const condition = status?.conditions?.find(({ type }) => type === 'Available')
  const { availableReplicas = 0 } = status ?? {}
  const isAvailable = availableReplicas >= expectedMinAvailable(deployment, 0)
  if (!condition || (condition.status === 'True') === isAvailable) return undefined
  return `Available is ${condition.status} with ${availableReplicas} available`
}

const graceMs = 20_000
const moving: readonly (string | undefined)[] = [
  'NewReplicaSetCreated',
  'FoundNewReplicaSet',
  'ReplicaSetUpdated',
]

/** Since when a Deployment has said of its progress what it says. */
interface Standstill {
  readonly said: string
  readonly sinceMs: number
}

/** A rollout that has not moved for longer than its deadline says so (B-53, B-55). */
class Deadlines {
  readonly #world: World
  readonly #seconds: Recent<number>
  readonly #standstills = new Map<string, Standstill>()

  constructor(world: World) {
    this.#world = world
    this.#seconds = new Recent(world)
  }

  note(deployment: Deployment): void {
    const progressing = progressingOf(deployment)
    const said = [progressing?.lastUpdateTime, progressing?.reason, deployment.spec?.paused].join()
    this.#seconds.set(deployment, deployment.spec?.progressDeadlineSeconds ?? 0)
    if (this.#standstills.get(uidOf(deployment))?.said === said) return
    const sinceMs = this.#world.clock.monotonic()
    this.#standstills.set(uidOf(deployment), { said, sinceMs })
  }

  overdue(): string | undefined {
    const { clock, stalenessMs, setBackMs } = this.#world
    for (const deployment of this.#world.all<Deployment>('Deployment')) {
      const { metadata, spec } = deployment
      const reason = progressingOf(deployment)?.reason
      if (!moving.includes(reason) || spec?.paused || metadata.deletionTimestamp) continue
      const { sinceMs = 0 } = this.#standstills.get(uidOf(deployment)) ?? {}
      const deadlineMs = Math.max(...this.#seconds.of(deployment)) * 1000 + setBackMs
      const forMs = clock.monotonic() - sinceMs
      if (forMs > deadlineMs + stalenessMs + graceMs) {
        return `${metadata.name} has not moved for ${forMs} ms, and is ${reason}`
      }
    }
    return undefined
  }
}

function progressingOf({ status }: Deployment): DeploymentCondition | undefined {
  return status?.conditions?.find(({ type }) => type === 'Progressing')
}
