import { expect } from 'vitest'
import { manifestOf, settingsOf } from '../release-cli/given-story.ts'
import { chapter, given, so, story, when } from './story.ts'

chapter('1. Where it comes from')

story('apply inside a work tree says it', async (world) => {
  given('two versions, committed and applied with `astern apply`')
  const first = await world.deploy('app:1')
  const second = await world.deploy('app:2')
  so('the history has commit, author and subject of each')
  expect(await world.story()).toEqual(['r1 apply healthy app:1', 'r2 apply healthy app:2'])
  const rows = await world.rows()
  expect(rows.map(({ commit }) => commit)).toEqual([first, second])
  expect(rows[1]).toMatchObject({ who: 'Ada', why: 'Ship app:2', revision: '2', isLive: true })
  so('stock `kubectl rollout history` shows the cause of each revision')
  const causes = await world.kubectl('rollout history deployment/app')
  expect(causes).toContain(`apply Ship app:1 (${first.slice(0, 12)}), by Ada`)
  expect(causes).toContain(`apply Ship app:2 (${second.slice(0, 12)}), by Ada`)
  so('it is no part of what `kubectl apply` remembers, which has nothing to change')
  const live = await world.get('deployment/app')
  const memory = live.metadata.annotations['kubectl.kubernetes.io/last-applied-configuration']
  expect(memory).not.toContain('astern.dev')
  expect(await world.kubectlApply()).toBe('')
  when('the second is undone with stock `kubectl rollout undo`')
  await world.kubectl('rollout undo deployment/app')
  await world.healthy()
  so('the commit of the first came back with its template, and the undo is told as one')
  expect((await world.rows())[2]).toMatchObject({ release: 3, source: 'undo', commit: first })
})

story('apply on the server says it, too, for each version', async (world) => {
  given('two versions, committed and applied with `astern apply --server-side`')
  const ship = async (image: string) => {
    const files = { 'app/config.yaml': settingsOf('one'), 'app/deployment.yaml': manifestOf(image) }
    const commit = await world.commit(files, `Ship ${image}`)
    await world.succeed('apply --server-side -f app')
    await world.healthy()
    return commit
  }
  const commits = [await ship('app:1'), await ship('app:2')]
  so('the history has the commit of each; nothing conflicts with what was said before')
  expect((await world.rows()).map(({ commit }) => commit)).toEqual(commits)
  when('it is rolled back, and applied again')
  await world.succeed('rollback deployment/app --push')
  const { spec } = await world.get('deployment/app')
  await world.succeed('apply --server-side -f app')
  so('the apply changes nothing, and a later version is said of its own commit')
  expect((await world.get('deployment/app')).spec).toEqual(spec)
  const last = await ship('app:3')
  expect((await world.rows()).at(-1)).toMatchObject({ commit: last, source: 'apply' })
})

story('what does not come from a commit is not said to', async (world) => {
  given('a manifest that no commit has')
  await world.commit({ 'app/config.yaml': settingsOf('one') }, 'Settings')
  await world.write({ 'app/deployment.yaml': manifestOf('app:1') })
  when('only what is clean may be applied')
  const refused = await world.astern('apply -f app --require-clean')
  so('it is refused with 4')
  expect(refused).toMatchObject({ code: 4, stdout: '' })
  expect(refused.stderr).toContain('not as a commit has it')
  when('it is applied with a reason')
  const said = await world.succeed(['apply', '-f', 'app', '--reason', 'try it'])
  expect(said).toBe('configmap/settings created\ndeployment.apps/app created\n')
  await world.healthy()
  so('the history calls it dirty, and keeps the reason')
  expect((await world.rows()).at(-1)).toMatchObject({ why: 'try it', tree: 'dirty' })
})

story('standard input has no commit', async (world) => {
  given('configuration that is committed, and a manifest that is piped')
  await world.commit({ 'app/config.yaml': settingsOf('one') }, 'Settings')
  await world.succeed('apply -f app')
  when('it is applied inside the work tree with a reason')
  await world.succeed('apply -f - --reason because', { stdin: manifestOf('app:1') })
  so('who is kept, and no commit')
  const { annotations } = (await world.get('deployment/app')).metadata
  expect(annotations).toMatchObject({ 'astern.dev/applied-by': 'Ada' })
  expect(annotations).not.toHaveProperty('astern.dev/commit')
  when('it is applied outside of any work tree')
  const stdin = manifestOf('app:1', { name: 'other' })
  await world.succeed('apply -f -', { stdin, cwd: world.namespace.dir })
  so('nothing is said at all')
  const other = await world.get('deployment/other')
  expect(Object.keys(other.metadata.annotations).join()).not.toContain('astern.dev')
})

story('stock kubectl applies it: the commit is recognised', async (world) => {
  given('a commit in which the template comes before what it reads')
  const files = { 'app/a.yaml': manifestOf('app:1'), 'app/b.yaml': settingsOf('one') }
  const commit = await world.commit(files, 'Ship one')
  when('it is applied with stock kubectl')
  await world.kubectlApply()
  await world.healthy()
  so('`astern history` has one release, and the commit with the same template')
  const table = await world.succeed('history deploy app')
  const [heading, ...rows] = table.trimEnd().split('\n')
  const columns = 'RELEASE REVISION WHEN WHO WHY COMMIT IMAGES HEALTH SOURCE'
  expect(heading?.split(/\s{2,}/).join(' ')).toBe(columns)
  expect(table).toMatch(/^r1 \* +1 +.* app:1 +healthy +apply$/m)
  expect(rows).toHaveLength(1)
  expect(rows[0]).toContain(` ~${commit.slice(0, 12)} `)
})
