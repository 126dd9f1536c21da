import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { configMaps, deployments } from '../../src/api/scheme.ts'
import { commitFacts } from '../../src/git/commit-facts.ts'
import { recordRelease } from '../../src/release/record/recorder.ts'
import { RefusedByGuard } from '../../src/release/release-error.ts'
import type { StepName } from '../../src/release/rollback/journal.ts'
import { GivenApp, workload } from './given-app.ts'

let app: GivenApp
beforeEach(async () => {
  app = await GivenApp.start({ badImages: ['app:bad'] })
  await app.keepRecords()
})
afterEach(() => app.stop())

describe('records', () => {
  test('one for each state, with verdict, provenance and source; a raw undo is told', async () => {
    const first = await app.deploy('app:1')
    const second = await app.deploy('app:2')
    expect(await app.story()).toEqual(['r1 apply healthy app:1', 'r2 apply healthy app:2'])
    await app.cluster.undo()
    await app.settle()
    const releases = await app.releases()
    expect((await app.story()).at(-1)).toBe('r3 undo healthy app:1')
    expect(releases.map(({ provenance }) => provenance?.commit)).toEqual([first, second, first])
    expect(releases.map(({ revision }) => revision)).toEqual(['1', '2', '3'])
    const [event] = await app.cluster.eventsAbout('Deployment')
    const all = (await app.cluster.eventsAbout('Deployment')).map(({ message }) => message)
    expect(event).toBeDefined()
    expect(all.join()).toContain(`leaving commit ${second.slice(0, 12)} behind`)
    await app.cluster.setImage('app:9')
    await app.settle()
    expect((await app.story()).at(-1)).toBe('r4 edit healthy app:9')
    expect((await app.releases()).at(-1)?.provenance).toBeUndefined()
  })

  test('they survive revisionHistoryLimit 0, and go when the workload goes', async () => {
    await app.deploy('app:1')
    await app.cluster.change({ spec: { revisionHistoryLimit: 0 } })
    await app.deploy('app:2')
    expect(await app.cluster.replicaSets()).toHaveLength(1)
    expect(await app.rollback()).toMatchObject({ outcome: 'healthy', target: 'r1' })
    expect(await app.image()).toBe('app:1')
    const { transport } = app.cluster
    await transport.delete(deployments, { namespace: 'default', name: 'app' })
    await app.settle()
    const left = await transport.list(configMaps, { namespace: 'default' })
    expect(left.items.map(({ metadata }) => metadata.name)).toEqual(['settings'])
  })
})

describe('a rollback', () => {
  test('moves Git, configuration and template; the next apply changes nothing', async () => {
    const first = await app.deploy('app:1')
    await app.deploy('app:bad')
    const report = await app.rollback({ reason: 'it does not start' })
    expect(report).toMatchObject({ outcome: 'healthy', target: 'r1', owed: undefined })
    expect(await app.image()).toBe('app:1')
    expect(await app.text()).toBe('app1')
    expect(await app.pushed('app/app.yaml')).toContain('image: app:1 # moves')
    expect(await app.pushed('app/settings.yaml')).toContain('app1')
    const facts = await commitFacts(app.repository.repository, await app.repository.remoteHead())
    expect(facts.subject).toBe('Roll back app to r1: it does not start')
    expect(facts.trailers).toMatchObject([
      { key: 'Rolled-back-from' },
      { key: 'Rolled-back-to', value: `r1 (${first})` },
      { key: 'Rolled-back-by', value: 'ada' },
      { key: 'Rolled-back-reason', value: 'it does not start' },
      { key: 'Rolled-back-operation' },
    ])
    expect(await app.apply()).toEqual([])
    expect(await app.story()).toEqual([
      'r1 apply healthy app:1',
      'r2 apply unknown app:bad',
      'r3 rollback healthy app:1',
    ])
    expect((await app.releases()).at(-1)?.provenance?.commit).toBe(facts.commit)
  })

  test('twice goes further back, redo comes forward', async () => {
    await app.deploy('app:1')
    await app.deploy('app:2')
    await app.deploy('app:3')
    await app.rollback()
    expect(await app.image()).toBe('app:2')
    await app.rollback()
    expect(await app.image()).toBe('app:1')
    await expect(app.rollback()).rejects.toThrow(RefusedByGuard)
    await app.rollback({ to: { type: 'redo' } })
    expect(await app.image()).toBe('app:2')
    await app.rollback({ to: { type: 'redo' } })
    expect(await app.image()).toBe('app:3')
    expect(await app.pushed('app/app.yaml')).toContain('app:3')
    expect((await app.story()).map((row) => row.split(' ').slice(0, 2).join(' '))).toEqual([
      'r1 apply',
      'r2 apply',
      'r3 apply',
      'r4 rollback',
      'r5 rollback',
      'r6 redo',
      'r7 redo',
    ])
  })

  test('redo of a text, after a raw undo took back the restart alone, is one record', async () => {
    await app.deploy('app:1')
    await app.deploy('app:2')
    const body = { data: { TEXT: 'byhand' } }
    const key = { namespace: 'default', name: 'settings' }
    const patch = { type: 'application/merge-patch+json', body } as const
    await app.cluster.transport.patch(configMaps, key, patch)
    await app.settle()
    await app.rollback({ clusterFirst: true })
    await app.cluster.undo()
    await app.settle()
    await app.rollback({ to: { type: 'redo' } })
    await app.settle()
    const sources = (await app.releases()).map(({ source }) => source)
    expect(sources).toEqual(['apply', 'apply', 'edit', 'rollback', 'redo'])
    expect(await app.text()).toBe('byhand')
  })

  test('cluster first: Git is owed until it is paid', async () => {
    await app.deploy('app:1')
    await app.deploy('app:2')
    const head = await app.repository.remoteHead()
    const report = await app.rollback({ clusterFirst: true, reason: 'now' })
    expect(report.owed).toMatchObject({
      reason: 'now',
      paths: ['app/app.yaml', 'app/settings.yaml'],
    })
    expect(await app.image()).toBe('app:1')
    expect(await app.repository.remoteHead()).toBe(head)
    expect((await app.releases()).at(-1)?.gitOwed).toMatchObject({ reason: 'now' })
  })

  test('to a commit that never ran as a release, by tag; and the live size stays', async () => {
    await app.deploy('app:1')
    await app.repository.git('tag', 'good')
    await app.deploy('app:2')
    await app.cluster.change({ spec: { replicas: 7 } })
    await app.settle()
    await app.rollback({ to: { type: 'to', text: 'good' } })
    expect(await app.image()).toBe('app:1')
    expect((await app.cluster.deployment()).spec?.replicas).toBe(7)
  })

  test('two at once: the second is refused', async () => {
    await app.deploy('app:1')
    await app.deploy('app:2')
    const both = await app.drive(Promise.allSettled([app.rollback(), app.rollback()]))
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(await app.image()).toBe('app:1')
  })

  test('somebody deploys while Git is moved: what they made stays, and it is said', async () => {
    await app.deploy('app:1')
    await app.deploy('app:2')
    const onStep = async (step: StepName, isNoted: boolean) => {
      if (step === 'commit' && isNoted) await app.cluster.setImage('app:theirs')
    }
    const report = await app.rollback({}, { onStep })
    expect(report).toMatchObject({
      outcome: 'failed',
      why: expect.stringContaining('somebody else'),
    })
    expect(await app.image()).toBe('app:theirs')
    expect(await app.text()).toBe('app2')
  })

  test('old records go, and what only they referred to: healthy ones last, pinned ones never', async () => {
    for (const image of ['app:1', 'app:bad', 'app:3', 'app:4']) await app.deploy(image)
    const { context } = app.cluster.api
    const { transport } = app.cluster
    const bad = (await app.releases()).find(({ number }) => number === 2)?.name ?? ''
    const pin = (value: string | null) => {
      const body = { metadata: { annotations: { 'astern.dev/pinned': value } } }
      const patch = { type: 'application/merge-patch+json', body } as const
      return transport.patch(configMaps, { namespace: 'default', name: bad }, patch)
    }
    await pin('true')
    const prune = () => app.drive(recordRelease({ context, transport, limit: 3 }, workload))
    await prune()
    expect((await app.releases()).map(({ number }) => number)).toEqual([2, 3, 4])
    await pin(null)
    await app.deploy('app:5')
    await prune()
    expect((await app.releases()).map(({ number }) => number)).toEqual([3, 4, 5])
    const labelSelector = 'astern.dev/record=configuration'
    const { items } = await transport.list(configMaps, { namespace: 'default' }, { labelSelector })
    expect(items.map(({ data }) => data?.TEXT).sort()).toEqual(['app3', 'app4', 'app5'])
  })

  test('kubectl #1297: a later apply takes away what it does not have', async () => {
    await app.deploy('app:1')
    const with1 = `${await app.repository.git('show', ':app/app.yaml')}\n          env: [{ name: OLD, value: x }]\n`
    await app.repository.commit({ 'app/app.yaml': with1 })
    await app.repository.push()
    await app.apply({ isSigned: true })
    await app.settle()
    await app.deploy('app:2')
    await app.rollback()
    const container = async () =>
      (await app.cluster.deployment()).spec?.template.spec?.containers[0]
    expect(await container()).toMatchObject({ image: 'app:1', env: [{ name: 'OLD' }] })
    await app.deploy('app:3')
    expect(await container()).toMatchObject({ image: 'app:3' })
    expect((await container())?.env).toBeUndefined()
  })
})
