import { required } from '../../base/assert.ts'
import type { ReplicaSetRow } from '../picture/picture.ts'
import { astern, kubectl, type Outcome, typed, type Words } from './command.ts'
import { droppedFaults, type RolloutRecord, rolloutFaults } from './rollout-record.ts'
import { scalingText } from './scaling.ts'
import { serviceUrl } from './scene.ts'
import type { Stage } from './stage.ts'
import { type Step, step } from './step.ts'
import { type Tally, tallyLines, tallySince } from './tally.ts'

const deployment = 'deployment/app'
/** Its program answers every third request with 500. */
export const faultyVersion = '1.2.0'
const failEvery = '3'

const trafficMsMax = 10_000
/** So many requests say something. */
const requestsMin = 100
const failuresShareMin = 0.1
const replicas = 3

/** The seed's story, in order. What it asks of a cluster it asks through stock commands. */
export const steps: readonly Step[] = [
  step({ name: 'Add three versions of a program as images', act: addImages, check: () => [] }),
  step({
    name: 'Run three replicas of 1.0.0 behind a Service',
    act: deploy,
    check: (endpoints) =>
      endpoints === replicas ? [] : [`${endpoints} pods are in traffic, not ${replicas}`],
  }),
  step({ name: 'Send constant traffic', act: sendTraffic, check: trafficFaults }),
  step({
    name: 'Roll out 1.1.0: one pod at a time, and nobody notices',
    act: (stage) => roll(stage, setImage('1.1.0')),
    check: (record) => rolloutFaults(record, ['1.0.0', '1.1.0']),
  }),
  step({
    name: 'Roll out 1.2.0: it gets ready, so the rollout completes',
    act: (stage) => roll(stage, setImage(faultyVersion)),
    check: (record) => rolloutFaults(record, ['1.1.0', faultyVersion]),
  }),
  step({
    name: 'Notice the regression: readiness did not show it, the requests do',
    act: noticeRegression,
    check: (row) =>
      row.revision === '3' ? [] : [`revision ${row.revision} fails, it should be revision 3`],
  }),
  step({
    name: 'Look at the history',
    act: showHistory,
    check: (outcome) => historyFaults(outcome, [1, 2, 3]),
  }),
  step({
    name: 'Go back to revision 2, the same way: one pod at a time',
    act: (stage) => roll(stage, kubectl('rollout', 'undo', deployment, '--to-revision=2')),
    check: (record) => [
      ...rolloutFaults(record, [faultyVersion, '1.1.0']),
      ...(record.said === `deployment.apps/app rolled back\n` ? [] : [`undo said: ${record.said}`]),
    ],
  }),
  step({
    name: 'Look at the history again: revision 2 has become 4',
    act: showHistory,
    check: (outcome) => historyFaults(outcome, [1, 3, 4]),
  }),
  step({
    name: 'All is well again: every answer comes from 1.1.0',
    act: watchTraffic,
    check: recoveryFaults,
  }),
]

function setImage(version: string): Words {
  return kubectl('set', 'image', deployment, `app=learnk8s/app:${version}`)
}

async function addImages(stage: Stage): Promise<void> {
  const { appDir } = stage.scene
  for (const version of ['1.0.0', '1.1.0', faultyVersion]) {
    const fault = version === faultyVersion ? [failEvery] : []
    const program = ['--', 'node', 'server.mjs', version, ...fault]
    await stage.run(astern('image', 'add', `learnk8s/app:${version}`, appDir, ...program))
  }
}

/** Returns the number of pods in traffic. */
async function deploy(stage: Stage): Promise<number> {
  const { stdout } = await stage.run(kubectl('apply', '-f', stage.scene.manifest))
  stage.say(...lines(stdout))
  await awaitRollout(stage)
  await stage.until(`the Service answers at ${serviceUrl(stage.scene)}`, () => stage.isServed)
  stage.witness.begin()
  return stage.witness.record().endpointsMin
}

interface FirstTraffic {
  readonly startedMs: number
  readonly tally: Tally
}

async function sendTraffic(stage: Stage): Promise<FirstTraffic> {
  const startedMs = stage.elapsedMs
  stage.say(
    `$ ${typed(['curl', serviceUrl(stage.scene)])}     (a hundred times a second, without retries)`,
  )
  stage.load.start()
  await stage.until(
    'a hundred requests are answered',
    () => stage.load.tally.requests >= requestsMin,
  )
  stage.say(...tallyLines(stage.load.tally))
  return { startedMs, tally: stage.load.tally }
}

function trafficFaults({ startedMs, tally }: FirstTraffic): readonly string[] {
  const versions = Object.keys(tally.byVersion).join(', ')
  return [
    ...(startedMs <= trafficMsMax ? [] : [`it began ${startedMs} ms after the engine`]),
    ...(versions === '1.0.0' ? [] : [`versions ${versions} answered`]),
    ...droppedFaults(tally),
  ]
}

/** A change of the Deployment, and its rollout to the end. `said`: what the command printed. */
async function roll(
  stage: Stage,
  change: Words,
): Promise<RolloutRecord & { readonly said: string }> {
  stage.witness.begin()
  const { stdout } = await stage.run(change)
  stage.say(...lines(stdout))
  await awaitRollout(stage)
  // Events are written in the background; which ones are missing is for the check to say.
  await stage.waitFor(() => stage.witness.record().scalings.length >= 2 * replicas, 3_000)
  const record = stage.witness.record()
  stage.say(`Events: ${scalingText(record.scalings)}`)
  stage.say(
    `never fewer than ${record.endpointsMin} pods in traffic, never more than ${record.podsMax} pods`,
  )
  stage.say(...tallyLines(record.traffic))
  return { ...record, said: stdout }
}

/** To the moment when the last old pod is gone too. */
async function awaitRollout(stage: Stage): Promise<void> {
  const { stdout } = await stage.run(kubectl('rollout', 'status', deployment, '--timeout=30s'))
  await stage.until('only the pods of the new version are there', () => {
    const { report, replicaSets = [] } = stage.picture ?? {}
    const pods = replicaSets.flatMap((replicaSet) => replicaSet.pods)
    const isSettled = pods.length === replicas && pods.every(({ inTraffic }) => inTraffic)
    return isSettled && report?.outcome === 'done'
  })
  stage.say(...lines(stdout).slice(-1))
}

/** The ReplicaSet that fails requests, by the counters of the proxy. */
async function noticeRegression(stage: Stage): Promise<ReplicaSetRow> {
  let found: ReplicaSetRow | undefined
  await stage.until('a revision fails a share of its requests', () => {
    found = stage.picture?.replicaSets.find(isFailing)
    return found !== undefined
  })
  const rows = stage.picture?.replicaSets ?? []
  stage.say(...rows.filter(({ requests }) => requests > 0).map(shareText))
  return required(found, 'the ReplicaSet that was waited for')
}

function isFailing({ requests, failures }: ReplicaSetRow): boolean {
  return requests >= requestsMin && failures / requests >= failuresShareMin
}

function shareText({ revision, version, requests, failures }: ReplicaSetRow): string {
  const share = Math.round((100 * failures) / requests)
  return `revision ${revision} (${version}): ${failures} of ${requests} requests failed (${share} %)`
}

async function showHistory(stage: Stage): Promise<Outcome> {
  const outcome = await stage.run(kubectl('rollout', 'history', deployment))
  stage.say(...lines(outcome.stdout))
  return outcome
}

/** G-20, S-34: the whole text. */
function historyFaults({ stdout }: Outcome, revisions: readonly number[]): readonly string[] {
  const rows = revisions.map((revision) => `${revision}         <none>\n`).join('')
  const wanted = `deployment.apps/app \nREVISION  CHANGE-CAUSE\n${rows}\n`
  return stdout === wanted ? [] : [`the history is ${JSON.stringify(stdout)}`]
}

async function watchTraffic(stage: Stage): Promise<Tally> {
  const before = stage.load.tally
  const since = () => tallySince(before, stage.load.tally)
  await stage.until('a hundred requests are answered', () => since().requests >= requestsMin)
  stage.say(...tallyLines(since()))
  return since()
}

function recoveryFaults(tally: Tally): readonly string[] {
  const versions = Object.keys(tally.byVersion).join(', ')
  return [
    ...(versions === '1.1.0' ? [] : [`versions ${versions} answered`]),
    ...droppedFaults(tally),
  ]
}

function lines(text: string): readonly string[] {
  return text.trimEnd().split('\n')
}
