import { expect } from 'vitest'
import { badManifest, manifestOf, settingsOf } from '../release-cli/given-story.ts'
import { chapter, given, so, story, when } from './story.ts'

chapter('5. The way back')

story('cluster and Git move together', async (world) => {
  given('two versions that work')
  await world.deploy('app:1')
  const second = await world.deploy('app:2')
  given('a third, with other files in its commit, that never gets ready')
  const files = {
    'app/deployment.yaml': badManifest('app:3'),
    'app/config.yaml': settingsOf('three'),
    'app/notes.md': 'of app:3',
    'other.md': 'not of this app',
  }
  await world.commit(files, 'Ship app:3')
  await world.succeed('apply -f app')
  await world.eventually(async () =>
    expect((await world.story()).at(-1)).toBe('r3 apply failed app:3'),
  )
  when('it is rolled back')
  const command = ['rollback', 'deployment/app', '--push', '--reason', 'it never starts']
  const { code, stdout, stderr } = await world.astern(command)
  so('it says which cluster, where it goes, and how that ended')
  expect({ code, stdout, stderr }).toMatchObject({ code: 0 })
  expect(stdout).toMatch(/^deployment\/app runs r2 as r4: healthy\nGit: commit [0-9a-f]{12}\n$/)
  const place = `, namespace ${world.namespace.name}\n`
  expect(stderr).toMatch(/^cluster \S+ \(http.*\), context \S+/)
  expect(stderr).toContain(place)
  expect(stderr).toContain(`back to r2 (commit ${second.slice(0, 12)}, healthy)`)
  so('template and configuration are those of the second')
  expect([await world.image(), await world.text()]).toEqual(['app:2', 'app2'])
  so('the new commit restores the files of this app alone, and says from what to what and why')
  expect(await world.pushed('app/deployment.yaml')).toBe(manifestOf('app:2').trimEnd())
  expect(await world.pushed('app/notes.md')).toBe('of app:3')
  const changed = await world.repository.git('diff', '--name-only', 'HEAD~1', 'HEAD')
  expect(changed.split('\n')).toEqual(['app/config.yaml', 'app/deployment.yaml'])
  const message = await world.repository.git('log', '-1', '--format=%B')
  expect(message).toContain('Roll back app to r2: it never starts')
  expect(message).toMatch(/^Rolled-back-from: r3 /m)
  expect(message).toMatch(/^Rolled-back-by: Ada$/m)
  so('there is no drift, and the next `kubectl apply` changes nothing')
  expect((await world.astern('drift deployment/app')).code).toBe(0)
  expect(await world.kubectlApply()).toBe('')
  so('the history remembers all of it')
  expect((await world.story()).slice(2)).toEqual([
    'r3 apply failed app:3',
    'r4 rollback healthy app:2',
  ])
  expect((await world.rows()).at(-1)).toMatchObject({ who: 'Ada', why: 'it never starts' })
})

story('twice goes further back, redo comes forward', async (world) => {
  given('three versions that work')
  await world.deploy('app:1')
  await world.deploy('app:2')
  await world.deploy('app:3')
  when('it is rolled back twice')
  await world.succeed('rollback deployment/app --push')
  expect(await world.image()).toBe('app:2')
  await world.succeed('rollback deployment/app --push')
  so('the first runs, and there is nothing further back (4)')
  expect(await world.image()).toBe('app:1')
  const refused = await world.astern('rollback deployment/app --push')
  expect(refused).toMatchObject({ code: 4, stdout: '' })
  expect(refused.stderr).toContain('there is no release to go back to')
  when('it is redone twice')
  await world.succeed('redo deployment/app --push')
  expect(await world.image()).toBe('app:2')
  await world.succeed('redo deployment app --push')
  so('the third runs, Git has it, and there is nothing further forward (4)')
  expect(await world.image()).toBe('app:3')
  expect(await world.pushed('app/deployment.yaml')).toContain('app:3')
  expect(await world.kubectlApply()).toBe('')
  expect((await world.astern('redo deployment/app')).code).toBe(4)
})

story('--cluster-first: Git is owed until it is paid', async (world) => {
  given('two versions')
  await world.deploy('app:1')
  await world.deploy('app:2')
  const head = await world.repository.remoteHead()
  when('the cluster is moved first')
  const first = await world.astern('rollback deployment/app --cluster-first --reason now')
  so('the first version runs, Git has not moved, and that is owed (5)')
  expect(first.code).toBe(5)
  expect(first.stdout).toMatch(/Git owed since .*\(now\)\nto pay it: astern rollback .* --to r3/)
  expect(await world.image()).toBe('app:1')
  expect(await world.repository.remoteHead()).toBe(head)
  so('drift and history say so as well')
  const owed = await world.astern('drift deployment/app')
  expect(owed.code).toBe(5)
  expect(owed.stdout).toContain('Git owed since')
  expect((await world.astern('history deployment/app')).stderr).toContain('Git owed since')
  when('it is paid')
  await world.succeed('rollback deployment/app --to r3 --push')
  so('nobody speaks of it any more, and the next apply changes nothing')
  expect((await world.astern('drift deployment/app')).code).toBe(0)
  expect((await world.astern('history deployment/app')).stderr).toBe('')
  expect(await world.image()).toBe('app:1')
  expect(await world.kubectlApply()).toBe('')
})

story('to what is named: tag, commit, revision', async (world) => {
  given('two versions, the first tagged')
  await world.deploy('app:1')
  await world.repository.git('tag', 'good')
  const second = await world.deploy('app:2')
  when('it is rolled back to the tag')
  await world.succeed('rollback deployment/app --to good --push')
  so('the tagged version runs')
  expect(await world.image()).toBe('app:1')
  when('to the commit of the second, by its first letters')
  await world.succeed(`rollback deployment/app --to ${second.slice(0, 10)} --push`)
  so('the second runs')
  expect(await world.image()).toBe('app:2')
  when("to Kubernetes' revision of the release between them")
  const revision = (await world.rows()).find(({ release }) => release === 3)?.revision
  expect(revision).toBe('3')
  const asked = `rollback deployment/app --to-revision ${revision} --push -o json`
  expect(JSON.parse(await world.succeed(asked))).toMatchObject({ outcome: 'healthy' })
  so('the first runs')
  expect(await world.image()).toBe('app:1')
})
