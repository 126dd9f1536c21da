import { git, kubectl, type Outcome, type Words } from './command.ts'
import type { RolloutRecord } from './rollout-record.ts'
import { scalingText } from './scaling.ts'
import type { Person } from './scene.ts'
import type { Stage } from './stage.ts'
import { type Tally, tallyLines, tallySince } from './tally.ts'

export const deployment = 'deployment/app'
export const replicas = 3
/** So many requests say something. */
export const requestsMin = 100

/** A rollout, and what the command printed that began it. */
export type Roll = RolloutRecord & { readonly said: string }

/** A change of the Deployment, and its rollout to the end. */
export async function roll(stage: Stage, change: Words, by?: Person): Promise<Roll> {
  stage.witness.begin()
  const { stdout } = await stage.run(change, by)
  stage.say(...lines(stdout))
  await awaitRollout(stage)
  const record = stage.witness.record()
  stage.say(`Steps: ${scalingText(record.scalings)}`)
  stage.say(
    `never fewer than ${record.endpointsMin} pods in traffic, never more than ${record.podsMax} pods`,
  )
  stage.say(...tallyLines(record.traffic))
  return { ...record, said: stdout }
}

/** To the moment when the last old pod is gone too. */
export async function awaitRollout(stage: Stage): Promise<void> {
  const timeout = `--timeout=${stage.scene.patienceMs / 1000}s`
  const { stdout } = await stage.run(kubectl('rollout', 'status', deployment, timeout))
  await stage.until('only the pods of the new version are there', () => {
    const { report, replicaSets = [] } = stage.picture ?? {}
    const pods = replicaSets.flatMap((replicaSet) => replicaSet.pods)
    const isSettled = pods.length === replicas && pods.every(({ inTraffic }) => inTraffic)
    return isSettled && report?.outcome === 'done'
  })
  stage.say(...lines(stdout).slice(-1))
}

/** Commits what is in the work tree and pushes it. */
export async function publish(stage: Stage, message: string): Promise<void> {
  await stage.run(git('add', 'app'))
  await stage.run(git('commit', '--quiet', '-m', message))
  await stage.run(git('push', '--quiet'))
}

/** What comes from now on, when it is enough to say something. */
export async function watchTraffic(stage: Stage): Promise<Tally> {
  const before = stage.load.tally
  const since = () => tallySince(before, stage.load.tally)
  await stage.until('a hundred requests are answered', () => since().requests >= requestsMin)
  stage.say(...tallyLines(since()))
  return since()
}

/** G-20, S-34: the whole text. */
export async function showHistory(stage: Stage): Promise<Outcome> {
  const outcome = await stage.run(kubectl('rollout', 'history', deployment))
  stage.say(...lines(outcome.stdout))
  return outcome
}

export function lines(text: string): readonly string[] {
  return text.trimEnd().split('\n')
}
