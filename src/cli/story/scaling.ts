import type { ReplicaSet } from '../../api/generated/types.ts'

/** One change of a ReplicaSet's size. */
export interface Scaling {
  readonly replicaSet: string
  readonly from: number
  readonly to: number
}

/**
 * What an update or, without `previous`, the birth of a ReplicaSet did to its size; undefined:
 * nothing. Read from the objects themselves: the Events that tell the same (B-70) are rationed to
 * 25 for each Deployment.
 */
export function scalingOf(
  replicaSet: ReplicaSet,
  previous: ReplicaSet | undefined,
): Scaling | undefined {
  const [from, to] = [previous?.spec?.replicas ?? 0, replicaSet.spec?.replicas ?? 0]
  return from === to ? undefined : { replicaSet: replicaSet.metadata.name ?? '', from, to }
}

/** `up 0->1, down 3->2, …` */
export function scalingText(scalings: readonly Scaling[]): string {
  return scalings.map(({ from, to }) => `${to > from ? 'up' : 'down'} ${from}->${to}`).join(', ')
}
