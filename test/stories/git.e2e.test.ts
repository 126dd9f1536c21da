import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { manifestOf, settingsOf } from '../release-cli/given-story.ts'
import { chapter, given, so, story, when } from './story.ts'

chapter('5. What becomes of the commit')

story('owed until everybody has it', async (world) => {
  given('two versions')
  await world.deploy('app:1')
  await world.deploy('app:2')
  when('it is rolled back without --push')
  const local = await world.astern('rollback deployment/app')
  so('the commit waits in the local branch: owed (5) until it is pushed')
  expect(local).toMatchObject({ code: 5 })
  expect(local.stdout).toContain('the commit waits in the local branch main\nto pay it: git push')
  expect((await world.astern('drift deployment/app')).code).toBe(5)
  await world.repository.push()
  expect((await world.astern('drift deployment/app')).code).toBe(0)
  when('it is redone onto a branch for a pull request')
  const branch = await world.astern('redo deployment/app --branch forward')
  so('it is owed until that is merged')
  expect(branch).toMatchObject({ code: 5 })
  const { repository } = world
  expect(await repository.remoteHead('forward')).not.toBe(await repository.remoteHead())
  when('it is rolled back to what the deploy branch still has')
  const had = await world.astern('rollback deployment/app --push')
  so('no commit is needed')
  expect(had).toMatchObject({ code: 0, stdout: expect.stringContaining('had all of this') })
  when('it is redone into a patch')
  const patch = await world.astern('redo deployment/app --patch ../forward.patch')
  so('it is owed until somebody has taken it')
  expect(patch.code).toBe(5)
  expect(patch.stdout).toContain('to pay it: git am ../forward.patch')
  await repository.git('am', '--quiet', '../forward.patch')
  await repository.push()
  expect((await world.astern('drift deployment/app')).code).toBe(0)
})

story('two apps in one commit: only one moves', async (world) => {
  given('two versions of two apps, which keep no old ReplicaSets')
  const spec = '  revisionHistoryLimit: 0\n'
  for (const version of [1, 2]) {
    const files = {
      'app/deployment.yaml': manifestOf(`app:${version}`, { spec }),
      'app/other.yaml': manifestOf(`other:${version}`, { name: 'other' }),
      'app/config.yaml': settingsOf('same'),
    }
    await world.commit(files, `Ship both ${version}`)
    await world.succeed('apply -f app')
    await world.healthy()
  }
  const sets = await world.get('replicasets -l app=app')
  expect(sets.items).toHaveLength(1)
  when('one is rolled back')
  await world.succeed('rollback deployment/app --push')
  so('it moves, onto a ReplicaSet that was gone; the other stays, in the cluster and in Git')
  expect([await world.image(), await world.image('deployment/other')]).toEqual(['app:1', 'other:2'])
  expect(await world.pushed('app/deployment.yaml')).toContain('app:1')
  expect(await world.pushed('app/other.yaml')).toContain('other:2')
  expect(await world.kubectlApply()).toBe('')
})

story('no commit has it: the template alone is edited', async (world) => {
  given('a version, one that was set by hand, and another; in a manifest with comments and anchors')
  await world.deploy('app:1', 'same')
  await world.kubectl('set image deployment/app app=app:hand')
  await world.healthy()
  await world.deploy('app:2', 'same')
  expect((await world.story())[1]).toBe('r2 edit healthy app:hand')
  when('it is rolled back to what was set by hand')
  await world.succeed('rollback deployment/app --to r2 --push')
  so('it runs, and in the file one word has changed')
  expect(await world.image()).toBe('app:hand')
  expect(await world.pushed('app/deployment.yaml')).toBe(manifestOf('app:hand').trimEnd())
  expect((await world.astern('drift deployment/app')).code).toBe(0)
})

story('a refused push: nothing moves', async (world) => {
  given('two versions, and a remote that takes nothing on Fridays')
  await world.deploy('app:1')
  await world.deploy('app:2')
  const hook = join(world.repository.folder, 'remote.git/hooks/pre-receive')
  await writeFile(hook, '#!/bin/sh\necho not on a Friday >&2\nexit 1\n', { mode: 0o755 })
  when('it is rolled back')
  const { code, stderr } = await world.astern('rollback deployment/app --push')
  so('the cluster has not moved either (1), and the ways out are named')
  expect(code).toBe(1)
  expect(stderr).toContain('Git was not moved, and so nothing was')
  expect(stderr).toContain('--cluster-first')
  expect(await world.image()).toBe('app:2')
})

story('outside of the work tree', async (world) => {
  given('two versions, and somebody who is somewhere else')
  await world.deploy('app:1')
  await world.deploy('app:2')
  const cwd = world.namespace.dir
  when('he rolls back')
  const { code, stderr } = await world.astern('rollback deployment/app', { cwd })
  so('it is refused (2): Git would be forgotten')
  expect(code).toBe(2)
  expect(stderr).toContain('it was applied from')
  when('it is an emergency')
  const now = await world.astern('rollback deployment/app --cluster-first', { cwd })
  so('the cluster moves, and Git is owed (5)')
  expect(now.code).toBe(5)
  expect(await world.image()).toBe('app:1')
  expect((await world.astern('drift deployment/app')).code).toBe(5)
})

story('a push that loses a race', async (world) => {
  given('two versions, and a colleague who pushes in the very moment')
  await world.deploy('app:1')
  await world.deploy('app:2')
  const { root } = await world.repository.clone()
  const push = `cd ${root} && unset GIT_DIR && touch raced && git add raced && git commit -qm Race && git push -q`
  const hook = world.repository.path('.git/hooks/pre-push')
  await writeFile(hook, `#!/bin/sh\ntest -e ${root}/raced && exit 0\n${push}\n`, { mode: 0o755 })
  when('it is rolled back')
  await world.succeed('rollback deployment/app --push')
  so("the commit is made again on top of the colleague's")
  expect(await world.pushed('raced')).toBe('')
  expect(await world.pushed('app/deployment.yaml')).toContain('app:1')
  const subjects = await world.repository.git('log', '-2', '--format=%s', 'origin/main')
  expect(subjects).toMatch(/^Roll back app to r1\nRace$/)
  expect(await world.image()).toBe('app:1')
})

story('a shallow clone', async (world) => {
  given('two versions, and a pipeline that has fetched the last commit alone')
  await world.deploy('app:1')
  await world.deploy('app:2')
  const { root } = await world.repository.clone('--depth=1')
  when('it rolls back')
  await world.succeed('rollback deployment/app --push', { cwd: root })
  so('the commit it lacks is no hindrance: Git and the cluster have the first')
  expect(await world.image()).toBe('app:1')
  expect(await world.pushed('app/deployment.yaml')).toBe(manifestOf('app:1').trimEnd())
})

story('a manifest with CRLF line ends', async (world) => {
  given('versions in such a file, and one that was set by hand between them')
  const crlf = (image: string) => manifestOf(image).replaceAll('\n', '\r\n')
  const ship = async (image: string) => {
    const files = { 'app/deployment.yaml': crlf(image), 'app/config.yaml': settingsOf('same') }
    await world.commit(files, `Ship ${image}`)
    await world.succeed('apply -f app')
    await world.healthy()
  }
  await ship('app:1')
  await world.kubectl('set image deployment/app app=app:hand')
  await world.healthy()
  await ship('app:2')
  when('it is rolled back to what was set by hand')
  await world.succeed('rollback deployment/app --to r2 --push')
  so('one word of the file has changed, and no line end')
  expect(await world.image()).toBe('app:hand')
  expect(`${await world.pushed('app/deployment.yaml')}\n`).toBe(crlf('app:hand'))
})
