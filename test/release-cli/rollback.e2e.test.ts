import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { GivenEngine } from '../seed/given-engine.ts'
import { badManifest, eventually, GivenStory, manifestOf, settingsOf } from './given-story.ts'

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

describe('the way back', () => {
  test('given v1, v2 and a v3 that never works, when it is rolled back, then cluster and Git agree', async () => {
    await story.deploy('app:1')
    const second = await story.deploy('app:2')
    await story.commit(
      {
        'app/deployment.yaml': badManifest('app:3'),
        'app/config.yaml': settingsOf('three'),
        'app/notes.md': 'of app:3',
        'other.md': 'not of this app',
      },
      'Ship app:3',
    )
    await story.succeed('apply -f app')
    await eventually(async () => expect((await story.story()).at(-1)).toBe('r3 apply failed app:3'))
    const command = ['rollback', 'deployment/app', '--push', '--reason', 'it never starts']
    const { code, stdout, stderr } = await story.astern(command)
    expect({ code, stdout, stderr }).toMatchObject({ code: 0 })
    expect(stdout).toMatch(/^deployment\/app runs r2 as r4: healthy\nGit: commit [0-9a-f]{12}\n$/)
    expect(stderr).toMatch(/^cluster \S+ \(https:.*\), context \S+, namespace test-\d+\n/)
    expect(stderr).toContain(`back to r2 (commit ${second.slice(0, 12)}, healthy)`)
    expect(await story.image()).toBe('app:2')
    expect(await story.text()).toBe('app2')
    expect(await story.pushed('app/deployment.yaml')).toBe(manifestOf('app:2').trimEnd())
    expect(await story.pushed('app/notes.md')).toBe('of app:3')
    const changed = await story.repository.git('diff', '--name-only', 'HEAD~1', 'HEAD')
    expect(changed.split('\n')).toEqual(['app/config.yaml', 'app/deployment.yaml'])
    const message = await story.repository.git('log', '-1', '--format=%B')
    expect(message).toContain('Roll back app to r2: it never starts')
    expect(message).toMatch(/^Rolled-back-from: r3 /m)
    expect(message).toMatch(/^Rolled-back-by: Ada$/m)
    expect((await story.astern('drift deployment/app')).code).toBe(0)
    expect(await story.kubectlApply()).toBe('')
    expect(await story.story()).toEqual([
      'r1 apply healthy app:1',
      'r2 apply healthy app:2',
      'r3 apply failed app:3',
      'r4 rollback healthy app:2',
    ])
    expect((await story.rows()).at(-1)).toMatchObject({ who: 'Ada', why: 'it never starts' })
  })

  test('rolled back twice goes further back, redo comes forward again; then there is nothing (4)', async () => {
    await story.deploy('app:1')
    await story.deploy('app:2')
    await story.deploy('app:3')
    await story.succeed('rollback deployment/app --push')
    expect(await story.image()).toBe('app:2')
    await story.succeed('rollback deployment/app --push')
    expect(await story.image()).toBe('app:1')
    const refused = await story.astern('rollback deployment/app --push')
    expect(refused).toMatchObject({ code: 4, stdout: '' })
    expect(refused.stderr).toContain('there is no release to go back to')
    await story.succeed('redo deployment/app --push')
    expect(await story.image()).toBe('app:2')
    await story.succeed('redo deployment app --push')
    expect(await story.image()).toBe('app:3')
    expect(await story.pushed('app/deployment.yaml')).toContain('app:3')
    expect(await story.kubectlApply()).toBe('')
    expect((await story.astern('redo deployment/app')).code).toBe(4)
  })

  test('--cluster-first: owed (5) in rollback, drift and history until it is paid', async () => {
    await story.deploy('app:1')
    await story.deploy('app:2')
    const head = await story.repository.remoteHead()
    const first = await story.astern('rollback deployment/app --cluster-first --reason now')
    expect(first.code).toBe(5)
    expect(first.stdout).toMatch(/Git owed since .*\(now\)\nto pay it: astern rollback .* --to r3/)
    expect(await story.image()).toBe('app:1')
    expect(await story.repository.remoteHead()).toBe(head)
    const owed = await story.astern('drift deployment/app')
    expect(owed.code).toBe(5)
    expect(owed.stdout).toContain('Git owed since')
    expect((await story.astern('history deployment/app')).stderr).toContain('Git owed since')
    await story.succeed('rollback deployment/app --to r3 --push')
    expect((await story.astern('drift deployment/app')).code).toBe(0)
    expect((await story.astern('history deployment/app')).stderr).toBe('')
    expect(await story.image()).toBe('app:1')
    expect(await story.kubectlApply()).toBe('')
  })

  test('without --push, on a branch or as a patch: owed (5) until everybody has it', async () => {
    await story.deploy('app:1')
    await story.deploy('app:2')
    const local = await story.astern('rollback deployment/app')
    expect(local).toMatchObject({ code: 5 })
    expect(local.stdout).toContain('the commit waits in the local branch main\nto pay it: git push')
    expect((await story.astern('drift deployment/app')).code).toBe(5)
    await story.repository.push()
    expect((await story.astern('drift deployment/app')).code).toBe(0)
    const branch = await story.astern('redo deployment/app --branch forward')
    expect(branch).toMatchObject({ code: 5 })
    expect(await story.repository.remoteHead('forward')).not.toBe(
      await story.repository.remoteHead(),
    )
    const had = await story.astern('rollback deployment/app --push')
    expect(had).toMatchObject({ code: 0, stdout: expect.stringContaining('had all of this') })
    const patch = await story.astern('redo deployment/app --patch ../forward.patch')
    expect(patch.code).toBe(5)
    expect(patch.stdout).toContain('to pay it: git am ../forward.patch')
    await story.repository.git('am', '--quiet', '../forward.patch')
    await story.repository.push()
    expect((await story.astern('drift deployment/app')).code).toBe(0)
  })

  test('to what is named: revision, commit, tag', async () => {
    await story.deploy('app:1')
    await story.repository.git('tag', 'good')
    const second = await story.deploy('app:2')
    await story.succeed('rollback deployment/app --to good --push')
    expect(await story.image()).toBe('app:1')
    await story.succeed(`rollback deployment/app --to ${second.slice(0, 10)} --push`)
    expect(await story.image()).toBe('app:2')
    const rows = await story.rows()
    const revision = rows.find(({ release }) => release === 3)?.revision
    expect(revision).toBe('3')
    const asked = `rollback deployment/app --to-revision ${revision} --push -o json`
    expect(JSON.parse(await story.succeed(asked))).toMatchObject({ outcome: 'healthy' })
    expect(await story.image()).toBe('app:1')
  })
})
