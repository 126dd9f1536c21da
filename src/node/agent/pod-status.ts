import type { ContainerStatus, Pod, PodCondition, PodStatus } from '../../api/generated/types.ts'
import { timestamp } from '../../base/clock.ts'
import { containerStatus } from './container-status.ts'
import {
  isComplete,
  isInitialized,
  isRunning,
  latestAttempt,
  type ObservedContainer,
  type ObservedPod,
  type Waiting,
} from './observed-pod.ts'
import { isFinished, type PodPlan } from './plan-pod.ts'

/**
 * Why a container does not run though the plan wants it to: back-off first, then what blocks its
 * start (F-03, F-04).
 */
function waitingOf(
  container: ObservedContainer,
  { pod }: ObservedPod,
  plan: PodPlan,
): Waiting | undefined {
  if (isRunning(container)) return undefined
  const backOff = plan.backOff.get(container.spec.name)
  if (backOff) {
    const { namespace, name, uid } = pod.metadata
    const subject = `container=${container.spec.name} pod=${name}_${namespace}(${uid})`
    return {
      reason: 'CrashLoopBackOff',
      message: `back-off ${backOff.delayMs / 1000}s restarting failed ${subject}`,
    }
  }
  if (container.blocked) return container.blocked
  const starts = plan.start.some((action) => action.container === container)
  if (starts && latestAttempt(container) === undefined) return { reason: 'ContainerCreating' }
  return undefined
}

/** F-01, from the containers alone. */
function phaseOf(observed: ObservedPod, initialized: boolean): string {
  const mains = observed.containers.filter(({ role }) => role === 'main')
  const stopped = observed.terminating && !observed.containers.some(isRunning)
  if (isFinished(observed) || stopped) {
    const failed = observed.containers.some((c) => {
      const state = latestAttempt(c)?.state
      return c.role !== 'sidecar' && state?.phase === 'exited' && state.exitCode !== 0
    })
    return failed ? 'Failed' : 'Succeeded'
  }
  if (!initialized || mains.some((c) => latestAttempt(c) === undefined)) return 'Pending'
  return 'Running'
}

interface Verdict {
  readonly type: string
  readonly holds: boolean
  readonly reason?: string
  readonly message?: string
}

/** Names in brackets, as upstream prints Go slices. */
function named(text: string, names: readonly string[]): string {
  return `${text}: [${names.join(' ')}]`
}

function readiness(type: string, observed: ObservedPod, phase: string): Verdict {
  if (phase === 'Succeeded') return { type, holds: false, reason: 'PodCompleted' }
  if (phase === 'Failed') return { type, holds: false, reason: 'PodFailed' }
  const unready = observed.containers
    .filter((c) => c.role !== 'init' && !(isRunning(c) && c.ready))
    .map(({ spec }) => spec.name)
  if (unready.length === 0) return { type, holds: true }
  const message = named('containers with unready status', unready)
  return { type, holds: false, reason: 'ContainersNotReady', message }
}

function initialization(observed: ObservedPod, phase: string, initialized: boolean): Verdict {
  if (phase === 'Succeeded') return { type: 'Initialized', holds: true, reason: 'PodCompleted' }
  if (initialized) return { type: 'Initialized', holds: true }
  const incomplete = observed.containers
    .filter((container) => container.role !== 'main' && !isComplete(container))
    .map(({ spec }) => spec.name)
  const message = named('containers with incomplete status', incomplete)
  return { type: 'Initialized', holds: false, reason: 'ContainersNotInitialized', message }
}

function gates(pod: Pod): Verdict | undefined {
  const conditions = pod.status?.conditions ?? []
  const missing = (pod.spec?.readinessGates ?? [])
    .map(({ conditionType }) => conditionType)
    .filter((type) => !conditions.some((c) => c.type === type && c.status === 'True'))
  if (missing.length === 0) return undefined
  const message = missing.map(
    (type) => `corresponding condition of pod readiness gate "${type}" does not exist.`,
  )
  return {
    type: 'Ready',
    holds: false,
    reason: 'ReadinessGatesNotReady',
    message: message.join(', '),
  }
}

/** F-02: lastTransitionTime moves only when the status flips. */
function condition(verdict: Verdict, observed: ObservedPod): PodCondition {
  const status = verdict.holds ? 'True' : 'False'
  const previous = observed.pod.status?.conditions?.find(({ type }) => type === verdict.type)
  return {
    type: verdict.type,
    status,
    observedGeneration: observed.pod.metadata.generation,
    lastProbeTime: undefined,
    lastTransitionTime:
      previous?.status === status ? previous.lastTransitionTime : timestamp(observed.nowMs),
    ...(verdict.reason !== undefined && { reason: verdict.reason }),
    ...(verdict.message !== undefined && { message: verdict.message }),
  }
}

const ownConditions = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady']

function conditionsOf(observed: ObservedPod, phase: string, initialized: boolean): PodCondition[] {
  const containersReady = readiness('ContainersReady', observed, phase)
  const ready = readiness('Ready', observed, phase)
  const verdicts: Verdict[] = [
    { type: 'PodReadyToStartContainers', holds: observed.sandbox !== undefined },
    initialization(observed, phase, initialized),
    ready.holds ? (gates(observed.pod) ?? ready) : ready,
    containersReady,
  ]
  const foreign = (observed.pod.status?.conditions ?? []).filter(
    ({ type }) => !ownConditions.includes(type),
  )
  return [...verdicts.map((verdict) => condition(verdict, observed)), ...foreign]
}

/**
 * The status that the API is to show for what is observed (F-01..F-03); pure. Foreign conditions
 * are kept.
 */
export function podStatus(observed: ObservedPod, plan: PodPlan): PodStatus {
  const initialized = isInitialized(observed)
  const phase = phaseOf(observed, initialized)
  const { status } = observed.pod
  const statuses = (isInit: boolean): ContainerStatus[] =>
    observed.containers
      .filter(({ role }) => (role !== 'main') === isInit)
      .map((container) => {
        const isYetToCome = !isInit && !initialized && latestAttempt(container) === undefined
        const waiting =
          waitingOf(container, observed, plan) ??
          (isYetToCome ? { reason: 'PodInitializing' } : undefined)
        return containerStatus(container, waiting)
      })
  const init = statuses(true)
  const ip = observed.sandbox?.ip
  return {
    ...(status?.qosClass !== undefined && { qosClass: status.qosClass }),
    phase,
    observedGeneration: observed.pod.metadata.generation,
    conditions: conditionsOf(observed, phase, initialized),
    ...(ip !== undefined && { hostIP: '127.0.0.1', hostIPs: [{ ip: '127.0.0.1' }] }),
    ...(ip !== undefined && { podIP: ip, podIPs: [{ ip }] }),
    startTime: status?.startTime ?? timestamp(observed.nowMs),
    ...(init.length > 0 && { initContainerStatuses: init }),
    containerStatuses: statuses(false),
  }
}
