import { astern, git, kubectl } from './command.ts'
import { faultyVersion, onlyFrom } from './first-act.ts'
import { isRevision, noticeRegression } from './regression.ts'
import { deployment, lines, type Roll, roll, watchTraffic } from './rolling.ts'
import { rolloutFaults } from './rollout-record.ts'
import { imageOf, type Scene } from './scene.ts'
import type { Stage } from './stage.ts'
import { type Step, step } from './step.ts'
import type { Tally } from './tally.ts'

const reason = 'one request in three fails'

/** What the seed ends with, "Is it safe to deploy?", and Astern's answer. */
export const secondAct = ({ yes }: Scene): readonly Step[] => [
  step({
    name: 'A colleague deploys what is in Git, and the bad version is back',
    act: colleagueDeploys,
    check: (record) => rolloutFaults(record, ['1.1.0', faultyVersion]),
  }),
  step({
    name: 'Notice it again: the undo moved the cluster, and Git never heard of it',
    act: noticeRegression,
    check: isRevision('5'),
  }),
  step({
    name: 'Look at what ran: each release with its commit, and how it came about',
    act: showReleases,
    check: releaseFaults,
  }),
  step({
    name: 'Take Git back as well: one transaction, one pod at a time',
    act: (stage) => rollBack(stage, yes),
    check: rollbackFaults,
  }),
  step({
    name: 'The next deploy changes nothing: Git and the cluster agree',
    act: deployAgain,
    check: agreementFaults,
  }),
]

async function colleagueDeploys(stage: Stage): Promise<Roll> {
  await stage.run(git('pull', '--quiet'), 'colleague')
  return roll(stage, kubectl('apply', '-f', 'app'), 'colleague')
}

async function showReleases(stage: Stage): Promise<string> {
  const { stdout } = await stage.run(astern('history', deployment))
  stage.say(...lines(stdout))
  return stdout
}

/** By what each release came about, in order. */
function releaseFaults(table: string): readonly string[] {
  const sources = [...table.matchAll(/^r\d+ .* (\w+) *$/gm)].map(([, source]) => source).join(' ')
  const wanted = 'apply apply apply undo apply'
  return sources === wanted ? [] : [`the releases came about by "${sources}", not "${wanted}"`]
}

interface Rollback extends Roll {
  /** The manifest as the remote has it now. */
  readonly pushed: string
  readonly image: string
}

async function rollBack(stage: Stage, yes: readonly string[]): Promise<Rollback> {
  const words = astern('rollback', deployment, '--push', '--reason', reason, ...yes)
  const record = await roll(stage, words)
  const { stdout } = await stage.run(git('log', '--oneline', 'origin/main'))
  stage.say(...lines(stdout))
  const { stdout: pushed } = await stage.run(git('show', 'origin/main:app/app.yaml'))
  const image = imageOf(stage.scene, '1.1.0')
  stage.say(...lines(pushed).filter((line) => line.includes('image:')))
  return { ...record, pushed, image }
}

function rollbackFaults({ pushed, image, said, ...record }: Rollback): readonly string[] {
  const isHealthy = /^deployment\/app runs r\d+ as r6: healthy$/m.test(said)
  return [
    ...rolloutFaults(record, [faultyVersion, '1.1.0']),
    ...(isHealthy ? [] : [`rollback said: ${said}`]),
    ...(pushed.includes(`image: ${image}\n`) ? [] : [`Git has another image than ${image}`]),
  ]
}

interface Agreement {
  readonly applied: string
  readonly tally: Tally
}

async function deployAgain(stage: Stage): Promise<Agreement> {
  await stage.run(git('pull', '--quiet'), 'colleague')
  const { stdout: applied } = await stage.run(kubectl('apply', '-f', 'app'), 'colleague')
  stage.say(...lines(applied))
  const { stdout } = await stage.run(astern('drift', deployment))
  stage.say(...lines(stdout))
  return { applied, tally: await watchTraffic(stage) }
}

function agreementFaults({ applied, tally }: Agreement): readonly string[] {
  const isNothing = applied === 'deployment.apps/app unchanged\nservice/app unchanged\n'
  return [...(isNothing ? [] : [`apply said: ${applied}`]), ...onlyFrom('1.1.0')(tally)]
}
