import { type Scaling, scalingText } from './scaling.ts'
import type { Tally } from './tally.ts'

/** What was seen from the moment a rollout was asked for to its end. */
export interface RolloutRecord {
  /** In order. */
  readonly scalings: readonly Scaling[]
  /** The lowest number of endpoints that got traffic. */
  readonly endpointsMin: number
  /** The highest number of pods, those that are being removed left out. */
  readonly podsMax: number
  readonly traffic: Tally
}

/** S-04, B-39: three replicas, one more at a time, none less. */
const order = 'up 0->1, down 3->2, up 1->2, down 2->1, up 2->3, down 1->0'
const replicas = 3

/** What was not as S-04 has it. `versions`: the old one and the new one. */
export function rolloutFaults(
  { scalings, endpointsMin, podsMax, traffic }: RolloutRecord,
  versions: readonly string[],
): readonly string[] {
  const silent = versions.filter((version) => traffic.byVersion[version] === undefined)
  const strangers = Object.keys(traffic.byVersion).filter((version) => !versions.includes(version))
  const steps = scalingText(scalings)
  return [
    ...(steps === order ? [] : [`the steps were "${steps}", not "${order}"`]),
    ...(endpointsMin >= replicas ? [] : [`only ${endpointsMin} pods were in traffic for a while`]),
    ...(podsMax <= replicas + 1 ? [] : [`there were ${podsMax} pods at once`]),
    ...silent.map((version) => `version ${version} got no request during the rollout`),
    ...strangers.map((version) => `version ${version} answered, and should be gone`),
    ...droppedFaults(traffic),
  ]
}

export function droppedFaults({ dropped, examples }: Tally): readonly string[] {
  if (dropped === 0) return []
  return [`${dropped} requests were dropped (${examples.join('; ') || 'like those before'})`]
}
