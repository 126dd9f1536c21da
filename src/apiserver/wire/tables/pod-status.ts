import type { Container, ContainerStatus, Pod } from '../../../api/generated/types.ts'

/** What the columns READY, STATUS and RESTARTS say of a pod (G-50). */
export interface PodSummary {
  readonly ready: number
  /** Containers and sidecars; init containers that end do not count. */
  readonly total: number
  readonly reason: string
  readonly restarts: number
  /** RFC 3339; undefined when nothing has restarted. */
  readonly lastRestart: string | undefined
}

interface Restarts {
  readonly count: number
  readonly last: string | undefined
}

export function summarizePod(pod: Pod): PodSummary {
  const sidecars = (pod.spec?.initContainers ?? []).filter(isSidecar)
  const init = summarizeInit(pod)
  const isRunPhase = init.reason === undefined || hasCondition(pod, 'Initialized')
  const main = isRunPhase ? summarizeMain(pod, init.reason ?? basicReason(pod)) : undefined
  const { count, last } = addRestarts(
    isRunPhase ? init.sidecarRestarts : init.restarts,
    ...(main ? (pod.status?.containerStatuses ?? []) : []),
  )
  return {
    ready: init.readySidecars + (main?.ready ?? 0),
    total: (pod.spec?.containers.length ?? 0) + sidecars.length,
    reason: deletionReason(pod) ?? main?.reason ?? init.reason ?? basicReason(pod),
    restarts: count,
    lastRestart: count === 0 ? undefined : last,
  }
}

function isSidecar(container: Container): boolean {
  return container.restartPolicy === 'Always'
}

function hasCondition(pod: Pod, type: string): boolean {
  return (pod.status?.conditions ?? []).some((c) => c.type === type && c.status === 'True')
}

function basicReason(pod: Pod): string {
  const isGated = (pod.status?.conditions ?? []).some(
    (c) => c.type === 'PodScheduled' && c.reason === 'SchedulingGated',
  )
  return isGated ? 'SchedulingGated' : pod.status?.reason || pod.status?.phase || ''
}

/** A pod that has come to its end shows how it ended, even while it is still being deleted. */
function deletionReason(pod: Pod): string | undefined {
  if (pod.metadata.deletionTimestamp === undefined) return undefined
  if (pod.status?.reason === 'NodeLost') return 'Unknown'
  const phase = pod.status?.phase
  return phase === 'Succeeded' || phase === 'Failed' ? undefined : 'Terminating'
}

function addRestarts(from: Restarts, ...statuses: readonly ContainerStatus[]): Restarts {
  return statuses.reduce<Restarts>((sum, status) => {
    const finished = status.lastState?.terminated?.finishedAt
    const isLater = finished !== undefined && Date.parse(finished) > Date.parse(sum.last ?? '1970')
    return { count: sum.count + status.restartCount, last: isLater ? finished : sum.last }
  }, from)
}

/** `Completed`, or the signal or exit code where the runtime gave no reason. */
function terminatedReason({ state }: ContainerStatus): string | undefined {
  const terminated = state?.terminated
  if (!terminated) return undefined
  if (terminated.reason) return terminated.reason
  return terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`
}

interface InitSummary {
  /** `Init:...` while an init container has not finished; undefined once all have. */
  readonly reason: string | undefined
  readonly readySidecars: number
  readonly restarts: Restarts
  readonly sidecarRestarts: Restarts
}

function summarizeInit(pod: Pod): InitSummary {
  const containers = pod.spec?.initContainers ?? []
  const sidecarNames = new Set(containers.filter(isSidecar).map((container) => container.name))
  let restarts: Restarts = { count: 0, last: undefined }
  let sidecarRestarts = restarts
  let readySidecars = 0
  for (const [index, status] of (pod.status?.initContainerStatuses ?? []).entries()) {
    const isSidecarStatus = sidecarNames.has(status.name)
    restarts = addRestarts(restarts, status)
    if (isSidecarStatus) sidecarRestarts = addRestarts(sidecarRestarts, status)
    if (status.state?.terminated?.exitCode === 0) continue
    if (isSidecarStatus && status.started) {
      if (status.ready) readySidecars++
      continue
    }
    const reason = initReason(status, `${index}/${containers.length}`)
    return { reason, readySidecars, restarts, sidecarRestarts }
  }
  return { reason: undefined, readySidecars, restarts, sidecarRestarts }
}

function initReason(status: ContainerStatus, progress: string): string {
  const waiting = status.state?.waiting?.reason
  const isWaiting = waiting && waiting !== 'PodInitializing'
  return `Init:${terminatedReason(status) ?? (isWaiting ? waiting : progress)}`
}

/** The first container with something to say names the reason. */
function summarizeMain(pod: Pod, before: string): { ready: number; reason: string } {
  let reason = before
  let ready = 0
  for (const status of [...(pod.status?.containerStatuses ?? [])].reverse()) {
    const stopped = status.state?.waiting?.reason || terminatedReason(status)
    if (stopped) reason = stopped
    else if (status.ready && status.state?.running) ready++
  }
  if (reason === 'Completed' && ready > 0) {
    reason = hasCondition(pod, 'Ready') ? 'Running' : 'NotReady'
  }
  return { ready, reason }
}
