import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isPodReady } from '../../src/api/pod-facts.ts'
import { configMaps } from '../../src/api/scheme.ts'
import { hasOpenJournal, type StepName } from '../../src/release/rollback/journal.ts'
import { workloadResource } from '../../src/rollout/workload.ts'
import { GivenApp } from './given-app.ts'

let app: GivenApp
beforeEach(async () => {
  app = await GivenApp.start({ kind: 'StatefulSet', badImages: ['app:bad'] })
  await app.keepRecords()
})
afterEach(() => app.stop())

/** `app-2 app:bad -` for each pod. */
async function podLines(): Promise<readonly string[]> {
  return (await app.cluster.livePods())
    .map((pod) => {
      const image = pod.spec?.containers[0]?.image
      return `${pod.metadata.name} ${image} ${isPodReady(pod) ? '+' : '-'}`
    })
    .sort()
}

const all = (image: string) => [0, 1, 2].map((n) => `app-${n} ${image} +`)

describe('D-1B: a StatefulSet waits for a pod that never gets ready', () => {
  test('a raw undo leaves it so, for as long as one looks, as upstream; a rollback does not', async () => {
    await app.deploy('app:1')
    await app.deploy('app:bad')
    await app.undo()
    await app.cluster.pass(30 * 60_000)
    const stuck = ['app-0 app:1 +', 'app-1 app:1 +', 'app-2 app:bad -']
    expect(await podLines()).toEqual(stuck)
    expect((await app.story()).at(-1)).toBe('r3 undo unknown app:1')
    const told: string[] = []
    const report = await app.rollback(
      { to: { type: 'to', text: 'r1' } },
      { onPodInTheWay: ({ metadata }) => told.push(metadata.name ?? '') },
    )
    expect(report).toMatchObject({ outcome: 'healthy', deletedPods: ['app-2'] })
    expect(told).toEqual(['app-2'])
    expect(await podLines()).toEqual(all('app:1'))
  })

  test('the pods that were ready are the same afterwards', async () => {
    await app.deploy('app:1')
    const uids = async () =>
      (await app.cluster.livePods())
        .filter(({ metadata }) => metadata.name !== 'app-2')
        .map(({ metadata }) => metadata.uid)
        .sort()
    const before = await uids()
    await app.deploy('app:bad')
    expect(await app.rollback()).toMatchObject({ outcome: 'healthy', deletedPods: ['app-2'] })
    expect(await uids()).toEqual(before)
    expect(await app.apply()).toEqual([])
  })

  test('with OnDelete nothing is deleted: it is said what stays', async () => {
    await app.deploy('app:1')
    await app.deploy('app:bad')
    const { kind } = app.workload
    const body = { spec: { updateStrategy: { type: 'OnDelete', rollingUpdate: null } } }
    const patch = { type: 'application/merge-patch+json', body } as const
    await app.cluster.transport.patch(workloadResource(kind), app.workload, patch)
    const report = await app.rollback({ git: undefined as never })
    expect(report).toMatchObject({ outcome: 'held', deletedPods: [] })
    expect(report.why).toContain(
      '1 pod stays at the old revision because updateStrategy is OnDelete',
    )
    expect(report.why).toContain('not ready: app-2')
    expect((await podLines()).at(-1)).toBe('app-2 app:bad -')
  })
})

test('a version that never gets ready has failed after ten minutes, without anything happening', async () => {
  await app.deploy('app:1')
  await app.deploy('app:bad')
  expect((await app.story()).at(-1)).toBe('r2 apply unknown app:bad')
  await app.cluster.pass(600_000)
  expect((await app.story()).at(-1)).toBe('r2 apply failed app:bad')
  expect((await app.releases()).at(-1)?.why).toMatch(/^app-2 is not ready after 600 s/)
})

test('the records go when the StatefulSet goes', async () => {
  await app.deploy('app:1')
  const { transport } = app.cluster
  await transport.delete(workloadResource('StatefulSet'), app.workload)
  await app.settle()
  const left = await transport.list(configMaps, { namespace: 'default' })
  expect(left.items.map(({ metadata }) => metadata.name)).toEqual(['settings'])
})

const steps: readonly StepName[] = ['commit', 'configuration', 'template', 'record']

test.each(steps)('killed after %s, the next run finishes, and clears the way', async (at) => {
  await app.deploy('app:1')
  await app.deploy('app:bad')
  const onStep = (step: StepName) => {
    if (step === at) throw new Error('killed')
  }
  await expect(app.rollback({}, { onStep })).rejects.toThrow('killed')
  await app.cluster.pass(31_000)
  expect(await app.resume()).toMatchObject({ outcome: 'healthy', deletedPods: ['app-2'] })
  expect(await podLines()).toEqual(all('app:1'))
  expect(await app.apply()).toEqual([])
  expect(await hasOpenJournal(app.cluster.transport, await app.live())).toBe(false)
})
