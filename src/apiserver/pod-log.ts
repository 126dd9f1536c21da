import type { Pod, PodStatus } from '../api/generated/types.ts'
import { badRequest } from '../api/status-error.ts'

function containerNames({ spec }: Pod): readonly string[] {
  const { initContainers = [], containers = [], ephemeralContainers = [] } = spec ?? {}
  return [...initContainers, ...containers, ...ephemeralContainers].map(({ name }) => name)
}

/**
 * The container whose log is meant: the one that is named, or the only one. Throws 400 with
 * upstream's texts (H-18).
 */
export function logContainer(pod: Pod, asked: string | undefined): string {
  const { name } = pod.metadata
  const names = containerNames(pod)
  if (asked) {
    if (names.includes(asked)) return asked
    throw badRequest(`container ${asked} is not valid for pod ${name}`)
  }
  const [only, ...others] = pod.spec?.containers ?? []
  if (only && others.length === 0) return only.name
  const choice = only ? `, choose one of: [${names.join(' ')}]` : ''
  throw badRequest(`a container name must be specified for pod ${name}${choice}`)
}

const pullTexts: Readonly<Record<string, string>> = {
  ErrImagePull: "image can't be pulled",
  ImagePullBackOff: 'trying and failing to pull image',
}

function statusOf(status: PodStatus | undefined, container: string) {
  const { initContainerStatuses = [], containerStatuses = [] } = status ?? {}
  const all = [
    ...containerStatuses,
    ...initContainerStatuses,
    ...(status?.ephemeralContainerStatuses ?? []),
  ]
  return all.find(({ name }) => name === container)
}

/**
 * Why a container of a bound pod has no log to show; undefined when it has one. The texts are a
 * kubelet's.
 */
export function missingLogReason(
  pod: Pod,
  container: string,
  isPrevious: boolean | undefined,
): string | undefined {
  const subject = `container ${JSON.stringify(container)} in pod ${JSON.stringify(pod.metadata.name)}`
  const status = statusOf(pod.status, container)
  if (!status) return `${subject} is not available`
  const { state, lastState } = status
  if (isPrevious)
    return lastState?.terminated ? undefined : `previous terminated ${subject} not found`
  if (state?.running || state?.terminated || lastState?.terminated) return undefined
  if (!state?.waiting) return `${subject} is waiting to start - no logs yet`
  const { reason = '' } = state.waiting
  return `${subject} is waiting to start: ${pullTexts[reason] ?? reason}`
}
