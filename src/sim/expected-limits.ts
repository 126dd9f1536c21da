import type { DaemonSet, Deployment, StatefulSet } from '../api/generated/types.ts'
import type { Workload } from './world.ts'

type IntOrPercent = number | string | undefined

/** Worked out here anew, so that a mistake in the engine's own arithmetic is seen. */
function resolve(value: IntOrPercent, total: number, round: (value: number) => number): number {
  if (typeof value === 'number') return value
  return round((Number.parseInt(value ?? '0', 10) * total) / 100)
}

/** The most pods that a Deployment's ReplicaSets may want together (B-30). */
export function expectedMaxTotal({ spec }: Deployment): number {
  const replicas = spec?.replicas ?? 1
  if (spec?.strategy?.type === 'Recreate') return replicas
  return replicas + resolve(spec?.strategy?.rollingUpdate?.maxSurge, replicas, Math.ceil)
}

/** The fewest pods, or nodes with a pod, that an update may leave available (B-30, D-16, D-34). */
export function expectedMinAvailable(workload: Workload, nodes: number): number {
  switch (workload.kind) {
    case 'Deployment':
      return forDeployment(workload as Deployment)
    case 'StatefulSet':
      return forStatefulSet(workload as StatefulSet)
    default:
      return forDaemonSet(workload as DaemonSet, nodes)
  }
}

function forDeployment({ spec }: Deployment): number {
  const replicas = spec?.replicas ?? 1
  if (spec?.strategy?.type === 'Recreate') return 0
  const { maxSurge, maxUnavailable } = spec?.strategy?.rollingUpdate ?? {}
  const unavailable = resolve(maxUnavailable, replicas, Math.floor)
  const isStuck = unavailable === 0 && resolve(maxSurge, replicas, Math.ceil) === 0
  return Math.max(replicas - (isStuck ? 1 : unavailable), 0)
}

function forStatefulSet({ spec }: StatefulSet): number {
  const replicas = spec?.replicas ?? 1
  if (spec?.updateStrategy?.type === 'OnDelete') return replicas
  const { maxUnavailable = 1 } = spec?.updateStrategy?.rollingUpdate ?? {}
  return Math.max(replicas - Math.max(resolve(maxUnavailable, replicas, Math.ceil), 1), 0)
}

function forDaemonSet({ spec }: DaemonSet, nodes: number): number {
  if (spec?.updateStrategy?.type === 'OnDelete') return nodes
  const { maxUnavailable = 1, maxSurge = 0 } = spec?.updateStrategy?.rollingUpdate ?? {}
  const unavailable = resolve(maxUnavailable, nodes, Math.ceil)
  const isStuck = unavailable === 0 && resolve(maxSurge, nodes, Math.ceil) === 0
  return Math.max(nodes - (isStuck ? 1 : unavailable), 0)
}
