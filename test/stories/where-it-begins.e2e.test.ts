import { expect } from 'vitest'
import { badManifest, manifestOf, settingsOf } from '../release-cli/given-story.ts'
import { chapter, given, so, story, when } from './story.ts'

chapter('5. Where a rollback may begin')

story('in the middle of a rollout', async (world) => {
  given('two versions that work, and a third that is on its way and will never get there')
  await world.deploy('app:1')
  await world.deploy('app:2')
  const files = { 'app/deployment.yaml': badManifest('app:3'), 'app/config.yaml': settingsOf('3x') }
  await world.commit(files, 'Ship app:3')
  await world.succeed('apply -f app')
  when('it is rolled back at once')
  const said = await world.succeed('rollback deployment/app --push')
  so('the second runs, and nothing of the third is left')
  expect(said).toContain('deployment/app runs r2 as r4: healthy')
  expect([await world.image(), await world.text()]).toEqual(['app:2', 'app2'])
  expect((await world.get('deployment/app')).status).toMatchObject({
    readyReplicas: 2,
    replicas: 2,
  })
  expect(await world.kubectlApply()).toBe('')
})

story('of a paused Deployment', async (world) => {
  given('two versions, and a Deployment that somebody has paused')
  await world.deploy('app:1')
  await world.deploy('app:2')
  await world.kubectl('rollout pause deployment/app')
  when('it is rolled back')
  const refused = await world.astern('rollback deployment/app --push')
  so('it is refused (4), for nothing would roll out')
  expect(refused.code).toBe(4)
  expect(refused.stderr).toContain('--resume')
  expect(await world.image()).toBe('app:2')
  when('it is told to resume')
  await world.succeed('rollback deployment/app --push --resume')
  so('the first runs')
  expect(await world.image()).toBe('app:1')
  expect((await world.get('deployment/app')).spec.paused).toBeUndefined()
})

story('with revisionHistoryLimit 0, onto a ReplicaSet that is gone', async (world) => {
  given('two versions of an app that keeps no old ReplicaSets, as the article recommends')
  const spec = '  revisionHistoryLimit: 0\n'
  for (const version of [1, 2]) {
    const deployment = manifestOf(`app:${version}`, { spec })
    const files = { 'app/deployment.yaml': deployment, 'app/config.yaml': settingsOf('same') }
    await world.commit(files, `Ship ${version}`)
    await world.succeed('apply -f app')
    await world.healthy()
  }
  const names = async () =>
    (await world.get('replicasets')).items.map(
      (each: { metadata: { name: string } }) => each.metadata.name,
    )
  const before = await names()
  expect(before).toHaveLength(1)
  expect((await world.namespace.kubectl('rollout undo deployment/app')).code).toBe(1)
  when('it is rolled back')
  await world.succeed('rollback deployment/app --push')
  so('the first runs, in a ReplicaSet that was made again')
  expect(await world.image()).toBe('app:1')
  expect(await names()).not.toEqual(before)
  expect(await world.kubectlApply()).toBe('')
})

story('two people at once', async (world) => {
  given('three versions, and two people who see that the third is bad')
  await world.deploy('app:1')
  await world.deploy('app:2')
  await world.deploy('app:3')
  const { root } = await world.repository.clone()
  when('both roll back')
  const command = 'rollback deployment/app --push'
  const both = await Promise.all([world.astern(command), world.astern(command, { cwd: root })])
  so('one does it, the other is told that it is under way (4)')
  expect(both.map(({ code }) => code).sort()).toEqual([0, 4])
  expect(both.find(({ code }) => code === 4)?.stderr).toContain('is under way')
  so('it went back one version, not two, with one commit')
  expect(await world.image()).toBe('app:2')
  expect(await world.pushed('app/deployment.yaml')).toContain('app:2')
  const log = await world.repository.git('log', '--format=%s', 'origin/main')
  expect(log.split('\n').filter((subject) => subject.startsWith('Roll back'))).toHaveLength(1)
})

story(
  'by hand, with stock kubectl',
  async (world) => {
    given('two versions')
    const first = await world.deploy('app:1')
    const second = await world.deploy('app:2')
    when('the second is undone with stock kubectl')
    const { stderr } = await world.namespace.kubectl('rollout undo deployment/app')
    so('it is warned of the commit that it leaves behind')
    expect(stderr).toContain(`leaves commit ${second.slice(0, 12)} (Ship app:2) behind`)
    await world.healthy()
    expect((await world.rows()).at(-1)).toMatchObject({ source: 'undo', commit: first })
  },
  { embeddedBecause: 'other API servers do not warn' },
)
