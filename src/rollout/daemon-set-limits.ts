import type { DaemonSet } from '../api/generated/types.ts'
import { resolveIntOrPercent } from '../api/int-or-percent.ts'

export interface DaemonSetLimits {
  readonly maxUnavailable: number
  /** Above 0: a new pod comes before the old one goes (D-35). */
  readonly maxSurge: number
}

/** D-34: both round up over the nodes that should run a pod, and not both are 0. */
export function daemonSetLimits({ spec }: DaemonSet, desired: number): DaemonSetLimits {
  const { maxUnavailable = 1, maxSurge = 0 } = spec?.updateStrategy?.rollingUpdate ?? {}
  const limits = {
    maxUnavailable: resolveIntOrPercent(maxUnavailable, desired, 'up'),
    maxSurge: resolveIntOrPercent(maxSurge, desired, 'up'),
  }
  const isStuck = desired > 0 && limits.maxUnavailable === 0 && limits.maxSurge === 0
  return isStuck ? { ...limits, maxUnavailable: 1 } : limits
}

/** Whether the strategy lets two pods be on one node. */
export function allowsSurge({ spec }: DaemonSet): boolean {
  const { type, rollingUpdate } = spec?.updateStrategy ?? {}
  const maxSurge = rollingUpdate?.maxSurge ?? 0
  return type === 'RollingUpdate' && maxSurge !== 0 && maxSurge !== '0%'
}
