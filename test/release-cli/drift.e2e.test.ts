import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { GivenEngine } from '../seed/given-engine.ts'
import { GivenStory, manifestOf } from './given-story.ts'

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

describe('drift', () => {
  test('--restore gives the cluster what Git has: template, configuration, size, strategy', async () => {
    const commit = await story.deploy('app:1')
    const { namespace } = story
    await namespace.run('set image deployment/app app=app:hand')
    await namespace.run('scale deployment/app --replicas=4')
    const patch = '{"spec":{"minReadySeconds":1,"strategy":{"rollingUpdate":{"maxSurge":2}}}}'
    await namespace.run(['patch', 'deployment/app', '-p', patch])
    await namespace.run(['patch', 'configmap/settings', '-p', '{"data":{"TEXT":"hand"}}'])
    expect((await story.astern('drift deployment/app')).code).toBe(6)
    await story.succeed('drift deployment/app --restore --reason again')
    const { spec } = await namespace.get('deployment/app')
    expect(spec).toMatchObject({ replicas: 2, strategy: { rollingUpdate: { maxSurge: '25%' } } })
    expect(spec.minReadySeconds).toBeUndefined()
    expect(await story.image()).toBe('app:1')
    expect(await story.text()).toBe('app1')
    expect(await story.kubectlApply()).toBe('')
    expect((await story.rows()).at(-1)).toMatchObject({ source: 'apply', commit, why: 'again' })
    expect(await story.repository.remoteHead()).toBe(commit)
  })

  test('--adopt writes the template that runs to Git, comments and order kept', async () => {
    await story.deploy('app:1')
    await story.namespace.run('set image deployment/app app=app:hand')
    const local = await story.astern('drift deployment/app --adopt')
    expect(local.code).toBe(5)
    expect(local.stderr).toContain('the commit waits in the local branch main')
    expect((await story.astern('drift deployment/app')).code).toBe(5)
    await story.repository.push()
    await story.succeed('drift deployment/app')
    expect(await story.pushed('app/deployment.yaml')).toBe(manifestOf('app:hand').trimEnd())
    expect(await story.kubectlApply()).toBe('deployment.apps/app configured')
    expect(await story.image()).toBe('app:hand')
    await story.namespace.run('set image deployment/app app=app:other')
    const command = ['drift', 'deployment/app', '--adopt', '--push', '--reason', 'it works']
    await story.succeed(command)
    expect(await story.repository.git('log', '-1', '--format=%s', 'origin/main')).toBe(
      'Adopt what runs of app: it works',
    )
    await story.namespace.run('scale deployment/app --replicas=4')
    const size = await story.astern('drift deployment/app --adopt --push')
    expect(size.code).toBe(6)
    expect(size.stdout).toContain('spec.replicas\n  - 2\n  + 4\n')
  })
})
