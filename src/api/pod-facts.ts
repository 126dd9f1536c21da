import { findCondition, isConditionTrue } from './condition.ts'
import type { Container, ContainerStatus, Pod, PodCondition } from './generated/types.ts'

export function podCondition(pod: Pod, type: string): PodCondition | undefined {
  return findCondition(pod.status?.conditions, type)
}

export function isPodReady(pod: Pod): boolean {
  return isConditionTrue(pod.status?.conditions, 'Ready')
}

/**
 * When a ready pod becomes available, in milliseconds since the epoch (B-59); undefined while it is
 * not ready, and for a Ready condition without a time unless `minReadySeconds` is 0.
 */
export function availableAtMs(pod: Pod, minReadySeconds: number): number | undefined {
  const ready = podCondition(pod, 'Ready')
  if (ready?.status !== 'True') return undefined
  if (minReadySeconds === 0) return 0
  if (ready.lastTransitionTime === undefined) return undefined
  return Date.parse(ready.lastTransitionTime) + minReadySeconds * 1000
}

/** B-59: ready, and for at least `minReadySeconds`. */
export function isPodAvailable(pod: Pod, minReadySeconds: number, nowMs: number): boolean {
  const atMs = availableAtMs(pod, minReadySeconds)
  return atMs !== undefined && atMs <= nowMs
}

/** All containers have stopped for good. */
export function isPodTerminal(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}

/** C-01: neither terminal nor being deleted. */
export function isPodActive(pod: Pod): boolean {
  return !isPodTerminal(pod) && pod.metadata.deletionTimestamp === undefined
}

/** An init container that keeps running beside the regular ones. */
export function isSidecar(initContainer: Container): boolean {
  return initContainer.restartPolicy === 'Always'
}

/** Of a regular, init or ephemeral container. */
export function findContainer(pod: Pod, name: string): Container | undefined {
  const { containers = [], initContainers = [], ephemeralContainers = [] } = pod.spec ?? {}
  return [...containers, ...initContainers, ...ephemeralContainers].find((c) => c.name === name)
}

/** Of a regular, init or ephemeral container. */
export function containerStatus(pod: Pod, name: string): ContainerStatus | undefined {
  const {
    containerStatuses = [],
    initContainerStatuses = [],
    ephemeralContainerStatuses = [],
  } = pod.status ?? {}
  return [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses].find(
    (status) => status.name === name,
  )
}

export function isContainerRunning(status: ContainerStatus | undefined): boolean {
  return status?.state?.running !== undefined
}

export function isContainerTerminated(status: ContainerStatus | undefined): boolean {
  return status?.state?.terminated !== undefined
}

/** The largest restart counts among the regular containers, and among the sidecars (C-08 seven). */
export function maxRestarts(pod: Pod): { readonly regular: number; readonly sidecar: number } {
  const sidecars = new Set((pod.spec?.initContainers ?? []).filter(isSidecar).map((c) => c.name))
  const most = (statuses: readonly ContainerStatus[]) =>
    statuses.reduce((max, status) => Math.max(max, status.restartCount), 0)
  return {
    regular: most(pod.status?.containerStatuses ?? []),
    sidecar: most((pod.status?.initContainerStatuses ?? []).filter((s) => sidecars.has(s.name))),
  }
}
