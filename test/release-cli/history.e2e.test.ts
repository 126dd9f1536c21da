import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { GivenEngine } from '../seed/given-engine.ts'
import { GivenStory, manifestOf, settingsOf } from './given-story.ts'

let engine: GivenEngine
let story: GivenStory
beforeAll(async () => {
  engine = await GivenEngine.start('simulated')
})
afterAll(() => engine.stop())
beforeEach(async () => {
  story = await GivenStory.on(engine)
})
afterEach(() => story.end())

describe('history', () => {
  test('what was applied with stock kubectl is recorded by the engine, and its commit recognised', async () => {
    // In the order of their names: the template comes before what it reads.
    const files = { 'app/a.yaml': manifestOf('app:1'), 'app/b.yaml': settingsOf('one') }
    const commit = await story.commit(files, 'Ship one')
    await story.kubectlApply()
    await story.healthy()
    const table = await story.succeed('history deploy app')
    const [heading, ...rows] = table.trimEnd().split('\n')
    expect(heading?.split(/\s{2,}/)).toEqual([
      'RELEASE',
      'REVISION',
      'WHEN',
      'WHO',
      'WHY',
      'COMMIT',
      'IMAGES',
      'HEALTH',
      'SOURCE',
    ])
    expect(table).toMatch(/^r1 \* +1 +.* app:1 +healthy +apply$/m)
    expect(rows).toHaveLength(1)
    expect(rows[0]).toContain(` ~${commit.slice(0, 12)} `)
  })
})

describe('apply inside a work tree', () => {
  test('says where it comes from: history, change-cause of each revision, a raw undo brings it back', async () => {
    const first = await story.deploy('app:1')
    const second = await story.deploy('app:2')
    expect(await story.story()).toEqual(['r1 apply healthy app:1', 'r2 apply healthy app:2'])
    const rows = await story.rows()
    expect(rows.map(({ commit }) => commit)).toEqual([first, second])
    expect(rows[1]).toMatchObject({ who: 'Ada', why: 'Ship app:2', revision: '2', isLive: true })
    const causes = await story.namespace.run('rollout history deployment/app')
    expect(causes).toContain(`apply Ship app:1 (${first.slice(0, 12)}), by Ada`)
    expect(causes).toContain(`apply Ship app:2 (${second.slice(0, 12)}), by Ada`)
    const live = await story.namespace.get('deployment/app')
    const memory = live.metadata.annotations['kubectl.kubernetes.io/last-applied-configuration']
    expect(memory).not.toContain('astern.dev')
    expect(await story.kubectlApply()).toBe('')
    await story.namespace.run('rollout undo deployment/app')
    await story.healthy()
    expect((await story.rows())[2]).toMatchObject({ release: 3, source: 'undo', commit: first })
    const drift = await story.astern('drift deployment/app')
    expect(drift.code).toBe(6)
    expect(drift.stdout).toContain(`undone by raw kubectl, to commit ${first.slice(0, 12)}`)
    const diff = await story.succeed('diff deployment/app r3 r2')
    expect(diff).toContain('image\n  - app:1\n  + app:2\n')
    expect(await story.succeed('diff deployment/app git live')).toContain('--- commit')
  })

  test('a dirty tree is said, and refused by --require-clean (4); a reason is kept', async () => {
    await story.commit({ 'app/config.yaml': settingsOf('one') }, 'Settings')
    await story.repository.write({ 'app/deployment.yaml': manifestOf('app:1') })
    const refused = await story.astern('apply -f app --require-clean')
    expect(refused).toMatchObject({ code: 4, stdout: '' })
    expect(refused.stderr).toContain('not as a commit has it')
    const applied = ['apply', '-f', 'app', '--reason', 'try it']
    expect(await story.succeed(applied)).toBe(
      'configmap/settings created\ndeployment.apps/app created\n',
    )
    await story.healthy()
    expect((await story.rows()).at(-1)).toMatchObject({ why: 'try it', tree: 'dirty' })
  })

  test('of standard input who and why are kept; outside of a work tree nothing is', async () => {
    await story.commit({ 'app/config.yaml': settingsOf('one') }, 'Settings')
    await story.succeed('apply -f app')
    await story.succeed('apply -f - --reason because', { stdin: manifestOf('app:1') })
    const annotations = async () =>
      (await story.namespace.get('deployment/app')).metadata.annotations
    expect(await annotations()).toMatchObject({ 'astern.dev/applied-by': 'Ada' })
    expect(await annotations()).not.toHaveProperty('astern.dev/commit')
    const stdin = manifestOf('app:1', { name: 'other' })
    await story.succeed('apply -f -', { stdin, cwd: story.namespace.dir })
    const other = await story.namespace.get('deployment/other')
    expect(Object.keys(other.metadata.annotations).join()).not.toContain('astern.dev')
  })
})

describe('drift', () => {
  test('says 0 as long as live is what Git has; 6 and by whom after an edit by hand', async () => {
    const files = {
      'app/deployment.yaml': manifestOf('app:1'),
      'app/config.yaml': settingsOf('one'),
    }
    await story.commit(files, 'Ship one')
    await story.kubectlApply()
    await story.healthy()
    expect(await story.succeed('drift deployment/app')).toMatch(
      /^deployment\/app is as [0-9a-f]{12} \(origin\/main\) has it\n$/,
    )
    await story.namespace.run('set image deployment/app app=app:9')
    const { code, stdout } = await story.astern('drift deployment/app')
    expect(code).toBe(6)
    expect(stdout).toContain('edited by hand, by kubectl-set')
    expect(stdout).toContain('image\n  - app:1\n  + app:9\n')
    const json = await story.astern('drift deployment/app -o json --ref HEAD')
    expect(json.code).toBe(6)
    expect(JSON.parse(json.stdout)).toMatchObject({ cause: { kind: 'edited' }, exitCode: 6 })
  })
})
