import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { astern, kubectl, type Outcome, typed } from './command.ts'
import { isRevision, noticeRegression } from './regression.ts'
import {
  awaitRollout,
  deployment,
  lines,
  publish,
  type Roll,
  replicas,
  requestsMin,
  roll,
  showHistory,
  watchTraffic,
} from './rolling.ts'
import { droppedFaults, rolloutFaults } from './rollout-record.ts'
import { imageOf, type Scene } from './scene.ts'
import type { Stage } from './stage.ts'
import { type Step, step } from './step.ts'
import { type Tally, tallyLines } from './tally.ts'

/** Its program answers every third request with 500. */
export const faultyVersion = '1.2.0'
const failEvery = '3'
/** The first traffic comes so soon after the beginning, where nothing has to be pulled. */
const trafficMsMax = 10_000

/** The seed's story, in order. What it asks of a cluster it asks through stock commands. */
export const firstAct = (scene: Scene): readonly Step[] => [
  ...(scene.appDir === undefined ? [] : [addImages(scene.appDir)]),
  step({
    name: 'Run three replicas of 1.0.0 behind a Service, from a manifest in Git',
    act: deploy,
    check: (endpoints) =>
      endpoints === replicas ? [] : [`${endpoints} pods are in traffic, not ${replicas}`],
  }),
  step({ name: 'Send constant traffic', act: sendTraffic, check: trafficFaults }),
  step({
    name: 'Ship 1.1.0: one pod at a time, and nobody notices',
    act: (stage) => ship(stage, '1.1.0'),
    check: (record) => rolloutFaults(record, ['1.0.0', '1.1.0']),
  }),
  step({
    name: 'Ship 1.2.0: it gets ready, so the rollout completes',
    act: (stage) => ship(stage, faultyVersion),
    check: (record) => rolloutFaults(record, ['1.1.0', faultyVersion]),
  }),
  step({
    name: 'Notice the regression: readiness did not show it, the requests do',
    act: noticeRegression,
    check: isRevision('3'),
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
    check: onlyFrom('1.1.0'),
  }),
]

function addImages(appDir: string): Step {
  return step({
    name: 'Add three versions of a program as images',
    async act(stage) {
      for (const version of ['1.0.0', '1.1.0', faultyVersion]) {
        const fault = version === faultyVersion ? [failEvery] : []
        const program = ['--', 'node', 'server.mjs', version, ...fault]
        await stage.run(astern('image', 'add', imageOf(stage.scene, version), appDir, ...program))
      }
    },
    check: () => [],
  })
}

/** Returns the number of pods in traffic. */
async function deploy(stage: Stage): Promise<number> {
  await commitVersion(stage, '1.0.0')
  const { stdout } = await stage.run(kubectl('apply', '-f', 'app'))
  stage.say(...lines(stdout))
  await awaitRollout(stage)
  stage.witness.begin()
  return stage.witness.record().endpointsMin
}

async function ship(stage: Stage, version: string): Promise<Roll> {
  await commitVersion(stage, version)
  return roll(stage, kubectl('apply', '-f', 'app'))
}

async function commitVersion(stage: Stage, version: string): Promise<void> {
  const folder = join(stage.scene.workTrees.you, 'app')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'app.yaml'), stage.scene.manifest(version))
  stage.say(`in app/app.yaml:  image: ${imageOf(stage.scene, version)}`)
  await publish(stage, `Ship ${version}`)
}

interface FirstTraffic {
  readonly startedMs: number | undefined
  readonly tally: Tally
}

async function sendTraffic(stage: Stage): Promise<FirstTraffic> {
  const isPulled = stage.scene.appDir === undefined
  const startedMs = isPulled ? undefined : stage.elapsedMs
  const reach = await stage.scene.reach()
  await stage.until('the Service answers', async () => (await reach.ask()).error === undefined)
  const perSecond = Math.round(1000 / reach.everyMs)
  stage.say(`$ ${typed(reach.command)}     (${perSecond} times a second, without retries)`)
  stage.load.start(reach)
  await stage.until(
    'a hundred requests are answered',
    () => stage.load.tally.requests >= requestsMin,
  )
  stage.say(...tallyLines(stage.load.tally))
  return { startedMs, tally: stage.load.tally }
}

function trafficFaults({ startedMs = 0, tally }: FirstTraffic): readonly string[] {
  const late = `it began ${Math.round(startedMs)} ms after the engine`
  return [...(startedMs <= trafficMsMax ? [] : [late]), ...onlyFrom('1.0.0')(tally)]
}

/** G-20, S-34: the whole text. */
function historyFaults({ stdout }: Outcome, revisions: readonly number[]): readonly string[] {
  const rows = revisions.map((revision) => `${revision}         <none>\n`).join('')
  const wanted = `deployment.apps/app \nREVISION  CHANGE-CAUSE\n${rows}\n`
  return stdout === wanted ? [] : [`the history is ${JSON.stringify(stdout)}`]
}

/** Whether every answer came from one version, and none was dropped. */
export function onlyFrom(version: string) {
  return (tally: Tally): readonly string[] => {
    const versions = Object.keys(tally.byVersion).join(', ')
    return [
      ...(versions === version ? [] : [`versions ${versions} answered`]),
      ...droppedFaults(tally),
    ]
  }
}
