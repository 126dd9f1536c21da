import { expect } from 'vitest'
import { manifestOf, settingsOf } from '../release-cli/given-story.ts'
import { chapter, given, so, story, when } from './story.ts'

chapter('3, 4. What differs')

story('live is what Git has, until somebody edits it', async (world) => {
  given('a version that was applied with stock kubectl')
  const files = { 'app/deployment.yaml': manifestOf('app:1'), 'app/config.yaml': settingsOf('one') }
  await world.commit(files, 'Ship one')
  await world.kubectlApply()
  await world.healthy()
  so('there is no drift')
  expect(await world.succeed('drift deployment/app')).toMatch(
    /^deployment\/app is as [0-9a-f]{12} \(origin\/main\) has it\n$/,
  )
  when('somebody sets another image by hand')
  await world.kubectl('set image deployment/app app=app:9')
  so('drift ends with 6, and says what, and by whom')
  const { code, stdout } = await world.astern('drift deployment/app')
  expect(code).toBe(6)
  expect(stdout).toContain('edited by hand, by kubectl-set')
  expect(stdout).toContain('image\n  - app:1\n  + app:9\n')
  const json = await world.astern('drift deployment/app -o json --ref HEAD')
  expect(json.code).toBe(6)
  expect(JSON.parse(json.stdout)).toMatchObject({ cause: { kind: 'edited' }, exitCode: 6 })
})

story('a raw undo leaves a commit behind', async (world) => {
  given('two versions, the second undone with stock kubectl')
  const first = await world.deploy('app:1')
  await world.deploy('app:2')
  await world.kubectl('rollout undo deployment/app')
  await world.healthy()
  when('drift is asked for')
  const drift = await world.astern('drift deployment/app')
  so('it names the commit that runs')
  expect(drift.code).toBe(6)
  expect(drift.stdout).toContain(`undone by raw kubectl, to commit ${first.slice(0, 12)}`)
  so('`astern diff` compares two releases, and Git with what runs')
  const diff = await world.succeed('diff deployment/app r3 r2')
  expect(diff).toContain('image\n  - app:1\n  + app:2\n')
  expect(await world.succeed('diff deployment/app git live')).toContain('--- commit')
})

story('--restore gives the cluster what Git has', async (world) => {
  given('template, size, strategy and configuration, all edited by hand')
  const commit = await world.deploy('app:1')
  await world.kubectl('set image deployment/app app=app:hand')
  await world.kubectl('scale deployment/app --replicas=4')
  const patch = '{"spec":{"minReadySeconds":1,"strategy":{"rollingUpdate":{"maxSurge":2}}}}'
  await world.kubectl(['patch', 'deployment/app', '-p', patch])
  await world.kubectl(['patch', 'configmap/settings', '-p', '{"data":{"TEXT":"hand"}}'])
  expect((await world.astern('drift deployment/app')).code).toBe(6)
  when('it is restored')
  await world.succeed('drift deployment/app --restore --reason again')
  so('all four are as the commit has them, and Git has not moved')
  const { spec } = await world.get('deployment/app')
  expect(spec).toMatchObject({ replicas: 2, strategy: { rollingUpdate: { maxSurge: '25%' } } })
  expect(spec.minReadySeconds).toBeUndefined()
  expect(await world.image()).toBe('app:1')
  expect(await world.text()).toBe('app1')
  expect(await world.kubectlApply()).toBe('')
  expect((await world.rows()).at(-1)).toMatchObject({ source: 'apply', commit, why: 'again' })
  expect(await world.repository.remoteHead()).toBe(commit)
})

story('--adopt writes what runs to Git', async (world) => {
  given('a template and a configuration that were edited by hand')
  await world.deploy('app:1')
  await world.kubectl('set image deployment/app app=app:hand')
  await world.kubectl(['patch', 'configmap/settings', '-p', '{"data":{"TEXT":"hand"}}'])
  when('it is adopted')
  const local = await world.astern('drift deployment/app --adopt')
  so('the commit waits in the local branch: owed (5) until it is pushed')
  expect(local.code).toBe(5)
  expect(local.stderr).toContain('the commit waits in the local branch main')
  expect((await world.astern('drift deployment/app')).code).toBe(5)
  await world.repository.push()
  await world.succeed('drift deployment/app')
  so('the files have the new image and the new text, comments and order kept')
  expect(await world.pushed('app/deployment.yaml')).toBe(manifestOf('app:hand').trimEnd())
  expect(await world.pushed('app/config.yaml')).toBe(settingsOf('hand').trimEnd())
  expect(await world.kubectlApply()).toBe(
    'configmap/settings configured\ndeployment.apps/app configured',
  )
  expect([await world.image(), await world.text()]).toEqual(['app:hand', 'hand'])
  when('another edit is adopted with --push and a reason')
  await world.kubectl('set image deployment/app app=app:other')
  await world.succeed(['drift', 'deployment/app', '--adopt', '--push', '--reason', 'it works'])
  so('the commit says so')
  expect(await world.repository.git('log', '-1', '--format=%s', 'origin/main')).toBe(
    'Adopt what runs of app: it works',
  )
  so('another size is not adopted, and shown')
  await world.kubectl('scale deployment/app --replicas=4')
  const size = await world.astern('drift deployment/app --adopt --push')
  expect(size.code).toBe(6)
  expect(size.stdout).toContain('spec.replicas\n  - 2\n  + 4\n')
})
