import { expect } from 'vitest'
import { manifestOf, settingsOf } from '../release-cli/given-story.ts'
import { chapter, given, so, story, when } from './story.ts'

chapter('2, 5. What comes along')

story('the configuration comes back with the template', async (world) => {
  given('two versions with a text of their own in a ConfigMap that they mount')
  const mounted = (version: number) =>
    `${manifestOf(`app:${version}`)}      volumes: [{ name: s, configMap: { name: settings } }]\n`
  for (const version of [1, 2]) {
    const config = settingsOf(`text${version}`)
    const files = { 'app/deployment.yaml': mounted(version), 'app/config.yaml': config }
    await world.commit(files, `Ship ${version}`)
    await world.succeed('apply -f app')
    await world.healthy()
  }
  when('it is rolled back')
  const said = await world.astern('rollback deployment/app --push')
  so('it is said beforehand that running pods mount the ConfigMap')
  expect(said.code).toBe(0)
  expect(said.stderr).toContain('running pods mount the ConfigMap settings')
  so('the text is the old one, and `astern diff` shows that it changed')
  expect(await world.text()).toBe('text1')
  const diff = await world.succeed('diff deployment/app r2 r3')
  expect(diff).toContain('ConfigMap settings\n  data.TEXT\n  - text2\n  + text1\n')
})

story('no content of a Secret shows anywhere', async (world) => {
  given('two versions that read a password')
  await world.kubectl('create secret generic s --from-literal=password=hunter2')
  const reads =
    '          env: [{ name: P, valueFrom: { secretKeyRef: { name: s, key: password } } }]\n'
  for (const version of [1, 2]) {
    const deployment = manifestOf(`app:${version}`, { container: reads })
    const files = { 'app/deployment.yaml': deployment, 'app/config.yaml': settingsOf('x') }
    await world.commit(files, `Ship ${version}`)
    await world.succeed('apply -f app')
    await world.healthy()
  }
  when('it is rolled back, looked at and compared')
  const said = [
    await world.succeed('rollback deployment/app --push -o json'),
    await world.succeed('history deployment/app -o json'),
    await world.succeed('diff deployment/app r1 r2 -o yaml'),
    await world.kubectl('get configmaps,events -o json'),
    await world.repository.git('log', '-p', '--all'),
  ]
  so('neither what was printed, nor a record, an Event or a commit has it')
  for (const text of said) {
    expect(text).not.toContain('hunter2')
    expect(text).not.toContain(btoa('hunter2'))
  }
})

story('kubectl #1297: a later apply takes away what it has not', async (world) => {
  given('a version with a variable, one without, and a rollback to the first')
  const extra = '          env: [{ name: OLD, value: x }]\n'
  const deployment = manifestOf('app:1', { container: extra })
  const files = { 'app/deployment.yaml': deployment, 'app/config.yaml': settingsOf('one') }
  await world.commit(files, 'With OLD')
  await world.succeed('apply -f app')
  await world.healthy()
  await world.deploy('app:2')
  await world.succeed('rollback deployment/app --push')
  const container = async () => (await world.get('deployment/app')).spec.template.spec.containers[0]
  expect(await container()).toMatchObject({ image: 'app:1', env: [{ name: 'OLD' }] })
  when('a third without the variable is applied with stock kubectl')
  await world.write({ 'app/deployment.yaml': manifestOf('app:3') })
  expect(await world.kubectlApply()).toBe('deployment.apps/app configured')
  so('the variable is gone')
  expect((await container()).image).toBe('app:3')
  expect((await container()).env).toBeUndefined()
})

story('no records at all', async (world) => {
  given('two versions, of which nobody has kept a record')
  await world.deploy('app:1')
  await world.deploy('app:2')
  await world.kubectl('delete configmaps -l astern.dev/record=release')
  when('it is rolled back')
  const { code, stdout, stderr } = await world.astern('rollback deployment/app --push')
  so('it shows what there is, and goes to the ReplicaSet before')
  expect({ code, stderr }).toMatchObject({ code: 0 })
  expect(stderr).toMatch(/no records yet; known states, health unknown: revision 1/)
  expect(stderr).toMatch(/back to revision 1 \(commit [0-9a-f]{12}, health unknown\)/)
  expect(stdout).toContain('healthy')
  expect(await world.image()).toBe('app:1')
  expect(await world.kubectlApply()).toBe('')
})
