import { expect } from 'vitest'
import type { GivenStory } from '../release-cli/given-story.ts'
import { manifestOf, settingsOf } from '../release-cli/given-story.ts'
import { chapter, given, so, story, when } from './story.ts'

chapter('6. What is refused (4), with nothing touched')

/** What must not have changed when a guard refuses. */
async function everything(world: GivenStory) {
  const { spec, metadata } = await world.get('deployment/app')
  const head = await world.repository.git('rev-parse', 'HEAD')
  const remote = await world.repository.remoteHead()
  return { spec, generation: metadata.generation, text: await world.text(), head, remote }
}

async function refused(world: GivenStory, command: string, words: string): Promise<void> {
  const before = await everything(world)
  const { code, stderr } = await world.astern(command)
  expect({ code, stderr }).toMatchObject({ code: 4, stderr: expect.stringContaining(words) })
  expect(await everything(world)).toEqual(before)
}

story('what is not there, and what is not named', async (world) => {
  given('two versions')
  await world.deploy('app:1')
  await world.deploy('app:2')
  when('no workload, or a release that never was, is named')
  so('it is refused')
  await refused(world, 'rollback deployment', 'has to be named')
  await refused(world, 'rollback deployment/app --push --to r9', 'there is no release r9')
})

story('a ConfigMap that others read too', async (world) => {
  given('two versions with a text of their own, and another app that reads it')
  await world.deploy('app:1')
  await world.deploy('app:2')
  await world.kubectl('apply -f -', { stdin: manifestOf('other:1', { name: 'other' }) })
  when('it is rolled back')
  so('it is refused, and the other is named')
  await refused(world, 'rollback deployment/app --push', 'deployment/other')
  when('it may change for the other as well')
  await world.succeed('rollback deployment/app --push --shared')
  so('it does')
  expect([await world.image(), await world.text()]).toEqual(['app:1', 'app1'])
})

story('a Secret that is gone', async (world) => {
  given('a version that reads a Secret, one that does not, and a Secret that was deleted since')
  await world.kubectl('create secret generic s --from-literal=password=hunter2')
  const reads =
    '          env: [{ name: P, valueFrom: { secretKeyRef: { name: s, key: password } } }]\n'
  const deployment = manifestOf('app:1', { container: reads })
  await world.commit(
    { 'app/deployment.yaml': deployment, 'app/config.yaml': settingsOf('x') },
    'One',
  )
  await world.succeed('apply -f app')
  await world.healthy()
  await world.deploy('app:2')
  await world.kubectl('delete secret s')
  when('it is rolled back')
  so('it is refused, and the Secret is named')
  await refused(world, 'rollback deployment/app --push', 'secret/s, which is not there')
})

story('an object that Argo CD owns', async (world) => {
  given('two versions, of which Argo CD has said that they are its own')
  await world.deploy('app:1')
  await world.deploy('app:2')
  const mark = 'argocd.argoproj.io/tracking-id'
  await world.kubectl(`annotate deployment/app ${mark}=web:apps/Deployment:x/app`)
  when('it is rolled back without a push, or the cluster first')
  so('it is refused: it would be undone behind its back')
  await refused(world, 'rollback deployment/app', 'Argo CD (web)')
  await refused(world, 'rollback deployment/app --cluster-first', 'behind its back')
  when('the commit is pushed, and Argo CD syncs it')
  const running = world.astern('rollback deployment/app --push')
  await world.eventually(async () =>
    expect(await world.pushed('app/deployment.yaml')).toContain('app:1'),
  )
  expect(await world.image()).toBe('app:2')
  await world.eventually(async () =>
    expect(await world.repository.git('log', '-1', '--format=%s')).toMatch(/^Roll back/),
  )
  await world.kubectlApply()
  so('that is waited for')
  expect(await running).toMatchObject({ code: 0 })
  expect(await world.image()).toBe('app:1')
})
