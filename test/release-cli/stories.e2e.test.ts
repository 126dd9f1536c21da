import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
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

describe('a rollback', () => {
  test('given two apps in one commit and revisionHistoryLimit 0, only one moves, onto what is gone', async () => {
    const spec = '  revisionHistoryLimit: 0\n'
    const files = (version: number) => ({
      'app/deployment.yaml': manifestOf(`app:${version}`, { spec }),
      'app/other.yaml': manifestOf(`other:${version}`, { name: 'other' }),
      'app/config.yaml': settingsOf('same'),
    })
    for (const version of [1, 2]) {
      await story.commit(files(version), `Ship both ${version}`)
      await story.succeed('apply -f app')
      await story.healthy()
    }
    const sets = await story.namespace.get('replicasets -l app=app')
    expect(sets.items).toHaveLength(1)
    await story.succeed('rollback deployment/app --push')
    expect([await story.image('app'), await story.image('other')]).toEqual(['app:1', 'other:2'])
    expect(await story.pushed('app/deployment.yaml')).toContain('app:1')
    expect(await story.pushed('app/other.yaml')).toContain('other:2')
    expect(await story.kubectlApply()).toBe('')
  })

  test('given no records at all, it shows what there is, and goes to the ReplicaSet before', async () => {
    await story.deploy('app:1')
    await story.deploy('app:2')
    await story.namespace.run('delete configmaps -l astern.dev/record=release')
    const { code, stdout, stderr } = await story.astern('rollback deployment/app --push')
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stderr).toMatch(/no records yet; known states, health unknown: revision 1/)
    expect(stderr).toMatch(/back to revision 1 \(commit [0-9a-f]{12}, health unknown\)/)
    expect(stdout).toContain('healthy')
    expect(await story.image()).toBe('app:1')
    expect(await story.kubectlApply()).toBe('')
  })

  test('kubectl #1297: what the rolled back version had and the next one has not goes away', async () => {
    const extra = '          env: [{ name: OLD, value: x }]\n'
    const files = {
      'app/deployment.yaml': manifestOf('app:1', { container: extra }),
      'app/config.yaml': settingsOf('one'),
    }
    await story.commit(files, 'With OLD')
    await story.succeed('apply -f app')
    await story.healthy()
    await story.deploy('app:2')
    await story.succeed('rollback deployment/app --push')
    const container = async () =>
      (await story.namespace.get('deployment/app')).spec.template.spec.containers[0]
    expect(await container()).toMatchObject({ image: 'app:1', env: [{ name: 'OLD' }] })
    await story.repository.write({ 'app/deployment.yaml': manifestOf('app:3') })
    expect(await story.kubectlApply()).toBe('deployment.apps/app configured')
    expect((await container()).image).toBe('app:3')
    expect((await container()).env).toBeUndefined()
  })

  test('of what no commit has edits the template alone: comments, anchors and order stay', async () => {
    await story.deploy('app:1', 'same')
    await story.namespace.run('set image deployment/app app=app:hand')
    await story.healthy()
    await story.deploy('app:2', 'same')
    expect((await story.story())[1]).toBe('r2 edit healthy app:hand')
    await story.succeed('rollback deployment/app --to r2 --push')
    expect(await story.image()).toBe('app:hand')
    expect(await story.pushed('app/deployment.yaml')).toBe(manifestOf('app:hand').trimEnd())
    expect((await story.astern('drift deployment/app')).code).toBe(0)
  })

  test('brings the configuration back with the template, and says who sees it early', async () => {
    const mounted = (version: number) =>
      `${manifestOf(`app:${version}`)}      volumes: [{ name: s, configMap: { name: settings } }]\n`
    for (const version of [1, 2]) {
      const config = settingsOf(`text${version}`)
      const files = { 'app/deployment.yaml': mounted(version), 'app/config.yaml': config }
      await story.commit(files, `Ship ${version}`)
      await story.succeed('apply -f app')
      await story.healthy()
    }
    const said = await story.astern('rollback deployment/app --push')
    expect(said.code).toBe(0)
    expect(said.stderr).toContain('running pods mount the ConfigMap settings')
    expect(await story.text()).toBe('text1')
    const diff = await story.succeed('diff deployment/app r2 r3')
    expect(diff).toContain('ConfigMap settings\n  data.TEXT\n  - text2\n  + text1\n')
  })
})

describe('Git that does not move', () => {
  test('a refused push: nothing has moved (1), and the ways out are named', async () => {
    await story.deploy('app:1')
    await story.deploy('app:2')
    const hook = join(story.repository.folder, 'remote.git/hooks/pre-receive')
    await writeFile(hook, '#!/bin/sh\necho not on a Friday >&2\nexit 1\n', { mode: 0o755 })
    const { code, stderr } = await story.astern('rollback deployment/app --push')
    expect(code).toBe(1)
    expect(stderr).toContain('Git was not moved, and so nothing was')
    expect(stderr).toContain('--cluster-first')
    expect(await story.image()).toBe('app:2')
  })

  test('outside of the work tree a rollback is refused; in an emergency Git is owed', async () => {
    await story.deploy('app:1')
    await story.deploy('app:2')
    const cwd = story.namespace.dir
    const { code, stderr } = await story.astern('rollback deployment/app', { cwd })
    expect(code).toBe(2)
    expect(stderr).toContain('it was applied from')
    const now = await story.astern('rollback deployment/app --cluster-first', { cwd })
    expect(now.code).toBe(5)
    expect(await story.image()).toBe('app:1')
    expect((await story.astern('drift deployment/app')).code).toBe(5)
  })

  test('no Secret shows anywhere', async () => {
    const secret = 'create secret generic s --from-literal=password=hunter2'
    await story.namespace.run(secret)
    const reads =
      '          env: [{ name: P, valueFrom: { secretKeyRef: { name: s, key: password } } }]\n'
    const config = settingsOf('x')
    for (const version of [1, 2]) {
      const deployment = manifestOf(`app:${version}`, { container: reads })
      const files = { 'app/deployment.yaml': deployment, 'app/config.yaml': config }
      await story.commit(files, `Ship ${version}`)
      await story.succeed('apply -f app')
      await story.healthy()
    }
    const said = [
      await story.succeed('rollback deployment/app --push -o json'),
      await story.succeed('history deployment/app -o json'),
      await story.succeed('diff deployment/app r1 r2 -o yaml'),
      await story.namespace.run('get configmaps,events -o json'),
      await story.repository.git('log', '-p', '--all'),
    ]
    for (const text of said) {
      expect(text).not.toContain('hunter2')
      expect(text).not.toContain(btoa('hunter2'))
    }
  })
})
