import type { Event } from '../../api/generated/types.ts'

/** One change of a ReplicaSet's size, as the Deployment's Event tells it (B-70). */
export interface Scaling {
  readonly replicaSet: string
  readonly from: number
  readonly to: number
}

const pattern = /Scaled (?:up|down) replica set (\S+) from (\d+) to (\d+)$/

/** undefined: the Event tells something else. */
export function scalingOf({ reason, message = '' }: Event): Scaling | undefined {
  const [, replicaSet, from, to] = pattern.exec(message) ?? []
  if (reason !== 'ScalingReplicaSet' || replicaSet === undefined) return undefined
  return { replicaSet, from: Number(from), to: Number(to) }
}

/** `up 0->1, down 3->2, …` */
export function scalingText(scalings: readonly Scaling[]): string {
  return scalings.map(({ from, to }) => `${to > from ? 'up' : 'down'} ${from}->${to}`).join(', ')
}
