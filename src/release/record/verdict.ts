import { isPodReady } from '../../api/pod-facts.ts'
import { timestamp } from '../../base/clock.ts'
import type { ObservedWorkload } from '../observe-workload.ts'
import { rulesOf } from '../workload/rules-of.ts'
import type { RolloutStage } from '../workload/workload-rules.ts'
import { podWords } from './pod-words.ts'
import type { Verdict } from './record-object.ts'
import type { Release } from './release.ts'

/** How far the rollout of a workload has come. */
export function stageOf(observed: ObservedWorkload, nowMs: number): RolloutStage {
  return rulesOf(observed.object).stage(observed.object, observed, nowMs)
}

/**
 * What is to be said of the release that runs now, if it is new: healthy once all of it is
 * available, failed when its pods cannot start or time is up. Healthy stays healthy; failed may
 * become healthy. A workload of size 0 proves nothing, nor does one of which a part stays as it
 * was.
 */
export function newVerdict(
  observed: ObservedWorkload,
  release: Release,
  nowMs: number,
): Verdict | undefined {
  if (release.health === 'healthy') return undefined
  const [stage, at] = [stageOf(observed, nowMs), timestamp(nowMs)]
  if (isProven(observed, release, stage)) return { health: 'healthy', at }
  const why = failure(observed, stage)
  if (why === undefined || release.health === 'failed') return undefined
  return { health: 'failed', at, why }
}

/** In how many milliseconds a release without a verdict fails unless something happens. */
export function overdueInMs(
  observed: ObservedWorkload,
  release: Release,
  nowMs: number,
): number | undefined {
  if (release.health !== 'unknown') return undefined
  const stage = stageOf(observed, nowMs)
  if (stage.stage !== 'rolling' || stage.failsAtMs === undefined) return undefined
  return stage.failsAtMs - nowMs
}

function isProven(
  { object, pods }: ObservedWorkload,
  release: Release,
  { stage }: RolloutStage,
): boolean {
  const rules = rulesOf(object)
  if (stage !== 'done' || rules.size(object) === 0 || rules.isPaused(object)) return false
  if (!release.isConfigurationOnly) return true
  // Nobody restarted the pods for it: only those that began since have read all of it.
  const began = pods.filter(isPodReady).map(({ metadata }) => metadata.creationTimestamp ?? '')
  return began.length > 0 && began.every((time) => Date.parse(time) > Date.parse(release.at))
}

function failure({ pods }: ObservedWorkload, stage: RolloutStage): string | undefined {
  if (stage.stage === 'unseen' || stage.stage === 'done') return undefined
  return podWords(pods) ?? (stage.stage === 'failed' ? stage.why : undefined)
}
