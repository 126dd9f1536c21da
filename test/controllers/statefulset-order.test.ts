import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Pod } from '../../src/api/generated/types.ts'
import { pods, statefulSets } from '../../src/api/scheme.ts'
import { StatusError } from '../../src/api/status-error.ts'
import { createEventRecorder } from '../../src/client/recorder.ts'
import { Expectations } from '../../src/controller/expectations.ts'
import { carryOut } from '../../src/controllers/statefulset/apply.ts'
import type { StatefulSetPlan } from '../../src/rollout/plan-stateful-set.ts'
import { GivenCluster } from './given-cluster.ts'
import { givenStatefulSet, parallel, StatefulSetUnderTest } from './given-stateful-set.ts'

const inDefault = { namespace: 'default' }
let cluster: GivenCluster
let web: StatefulSetUnderTest
let refused: string | undefined
beforeEach(async () => {
  refused = undefined
  cluster = await GivenCluster.start({
    readyMsMax: 2000,
    endMsMax: 2000,
    badImages: ['app:bad'],
    beforeWrite({ kind, metadata }, verb) {
      if (kind === 'Pod' && verb === 'create' && metadata.name === refused) {
        throw new StatusError('Forbidden', `pods "${refused}" is forbidden: exceeded quota: two`)
      }
    },
  })
  web = new StatefulSetUnderTest(cluster)
})
afterEach(() => cluster.stop())

const create = (given: Parameters<typeof givenStatefulSet>[0] = {}) =>
  cluster.create(givenStatefulSet(given))

describe('D-10: identity', () => {
  test('name, labels, hostname, subdomain and owner', async () => {
    await create({ replicas: 2 })
    const { metadata, status } = await web.ready()
    const pod = await web.pod(1)
    expect(pod.metadata.labels).toEqual({
      app: 'web',
      'statefulset.kubernetes.io/pod-name': 'web-1',
      'apps.kubernetes.io/pod-index': '1',
      'controller-revision-hash': status?.updateRevision,
    })
    expect(pod.spec).toMatchObject({ hostname: 'web-1', subdomain: 'web' })
    expect(pod.metadata.ownerReferences).toMatchObject([
      { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: metadata.uid },
    ])
  })

  test('labels of the identity come back', async () => {
    await create({ replicas: 1 })
    await web.ready()
    await cluster.changePod('web-0', {
      metadata: { labels: { 'statefulset.kubernetes.io/pod-name': null } },
    })
    await cluster.pass(1000)
    const { labels } = (await web.pod(0)).metadata
    expect(labels).toMatchObject({ 'statefulset.kubernetes.io/pod-name': 'web-0' })
    expect(await web.messages()).toContain(
      'Normal SuccessfulUpdate update Pod web-0 in StatefulSet web successful',
    )
  })

  test('I-22: a pod is adopted by name and labels, and released when these no longer match', async () => {
    const labels = { app: 'web' }
    const spec = { containers: [{ name: 'app', image: 'app:0' }] }
    const orphan = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web-0', labels }, spec }
    const stranger = { ...orphan, metadata: { name: 'other-0', labels } }
    await cluster.create(orphan)
    const { metadata } = await web.pod(0)
    await cluster.create(stranger)
    await create({ replicas: 1, updateStrategy: { type: 'OnDelete' } })
    await cluster.pass(10_000)
    const adopted = await web.pod(0)
    expect(adopted.metadata.uid).toBe(metadata.uid)
    expect(adopted.metadata.ownerReferences).toHaveLength(1)
    const other = await cluster.transport.get(pods, { ...inDefault, name: 'other-0' })
    expect(other.metadata.ownerReferences ?? []).toEqual([])
    const released = await cluster.changePod('web-0', { metadata: { labels: { app: 'else' } } })
    await cluster.pass(1000)
    expect((await web.pod(0)).metadata.ownerReferences ?? []).toEqual([])
    expect((await web.pod(0)).metadata.uid).toBe(released.metadata.uid)
  })
})

describe('D-12, D-13: OrderedReady', () => {
  test('I-18: up 0,1,2 and down 2,1,0, each after the former', async () => {
    const log = web.record()
    await create()
    await web.ready()
    await web.change({ spec: { replicas: 0 } })
    await cluster.until('none left', async () => (await web.pods()).length === 0)
    expect(log).toEqual(['+web-0', '+web-1', '+web-2', '-web-2', '-web-1', '-web-0'])
  })

  test('I-18: it halts while a pod is not ready, up and down', async () => {
    await create({ replicas: 1 })
    await web.ready()
    await cluster.pods.setReady(await web.pod(0), false)
    await web.change({ spec: { replicas: 3 } })
    await cluster.pass(60_000)
    expect(await web.images()).toEqual(['web-0 app:1'])
    await cluster.pods.setReady(await web.pod(0), true)
    await web.ready()
    for (const ordinal of [0, 2]) await cluster.pods.setReady(await web.pod(ordinal), false)
    await web.change({ spec: { replicas: 0 } })
    await cluster.pass(60_000)
    // Of the unhealthy only the first may go, and the highest ordinal has to go before it.
    expect(await web.images()).toEqual(['web-0 app:1', 'web-1 app:1', 'web-2 app:1'])
    await cluster.pods.setReady(await web.pod(0), true)
    await cluster.until('none left', async () => (await web.pods()).length === 0)
  })

  test('minReadySeconds: the next waits until the former is available', async () => {
    await create({ replicas: 2, minReadySeconds: 30 })
    await cluster.pass(20_000)
    expect((await web.get()).status).toMatchObject({ readyReplicas: 1, availableReplicas: 0 })
    expect(await web.pods()).toHaveLength(1)
    await web.ready()
    expect((await web.get()).status).toMatchObject({ readyReplicas: 2, availableReplicas: 2 })
  })

  test.each(['Failed', 'Succeeded'] as const)('I-20: a %s pod is made again', async (phase) => {
    await create()
    await web.ready()
    const before = await web.pod(1)
    await cluster.pods.setPhase(before, phase)
    await cluster.quiet()
    await web.ready()
    expect((await web.pod(1)).metadata.uid).not.toBe(before.metadata.uid)
    expect(await web.messages()).toEqual(
      expect.arrayContaining([
        'Warning RecreatingFailedPod StatefulSet default/web is recreating failed Pod web-1',
        'Normal SuccessfulDelete delete Pod web-1 in StatefulSet web successful',
      ]),
    )
  })
})

test('C-07: a pod that somebody else has deleted before is not waited for', async () => {
  const { context } = cluster.api
  const expectations = new Expectations(context.clock)
  const recorder = createEventRecorder(context, { transport: cluster.transport, component: 'test' })
  const statefulSet = { ...givenStatefulSet(), metadata: { ...inDefault, name: 'web' } }
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...inDefault, name: 'web-1', uid: 'gone' },
  }
  const plan = {
    stages: [[{ type: 'deletePod', pod }]],
    isParallel: false,
    status: { replicas: 1 },
  }
  const edge = { transport: cluster.transport, recorder, expectations }
  expect(await carryOut(plan as StatefulSetPlan, statefulSet, edge)).toEqual({})
  expect(expectations.isFulfilled('default/web')).toBe(true)
})

test('D-12, D-13, I-19: Parallel does not wait for anything', async () => {
  await create({ ...parallel, image: 'app:bad' })
  await cluster.quiet()
  expect(await web.pods()).toHaveLength(3)
  await web.change({ spec: { replicas: 5 } })
  await cluster.quiet()
  expect(await web.pods()).toHaveLength(5)
  await web.change({ spec: { replicas: 1 } })
  await cluster.pass(5000)
  expect(await web.images()).toEqual(['web-0 app:bad'])
})

test('D-1C: what it tells', async () => {
  refused = 'web-1'
  await create({ replicas: 2 })
  await cluster.pass(5000)
  refused = undefined
  await web.ready()
  await web.change({ spec: { replicas: 1 } })
  await web.ready()
  const told = await web.messages()
  const forbidden = 'pods "web-1" is forbidden: exceeded quota: two'
  expect(told).toEqual(
    expect.arrayContaining([
      'Normal SuccessfulCreate create Pod web-0 in StatefulSet web successful',
      `Warning FailedCreate create Pod web-1 in StatefulSet web failed error: ${forbidden}`,
      'Normal SuccessfulCreate create Pod web-1 in StatefulSet web successful',
      'Normal SuccessfulDelete delete Pod web-1 in StatefulSet web successful',
    ]),
  )
  const sources = (await cluster.eventsAbout('StatefulSet')).map(({ source }) => source?.component)
  expect(new Set(sources)).toEqual(new Set(['statefulset-controller']))
})

test('D-1D: deleted, its pods and its history go with it', async () => {
  await create()
  await web.ready()
  const propagationPolicy = 'Background'
  await cluster.transport.delete(statefulSets, { ...inDefault, name: 'web' }, { propagationPolicy })
  await cluster.until('all gone', async () => (await web.pods()).length === 0)
  expect(await web.history()).toEqual([])
})

test('D-1D: deleted in the foreground, it makes no pod again', async () => {
  await create()
  await web.ready()
  const log = web.record()
  await cluster.quiet()
  const propagationPolicy = 'Foreground'
  await cluster.transport.delete(statefulSets, { ...inDefault, name: 'web' }, { propagationPolicy })
  await cluster.pass(20_000)
  expect(log.filter((line) => line.startsWith('+')).sort()).toEqual(['+web-0', '+web-1', '+web-2'])
  expect(await web.pods()).toEqual([])
})

test('D-1E, I-22: the start ordinal is set, raised, lowered and removed', async () => {
  await create({ replicas: 2, ordinals: { start: 2 } })
  const namesWithStart = async (start: number | null) => {
    await web.change({ spec: { ordinals: start === null ? null : { start } } })
    await web.ready()
    return (await web.pods()).map(({ metadata }) => metadata.name)
  }
  expect(await namesWithStart(2)).toEqual(['web-2', 'web-3'])
  expect(await namesWithStart(4)).toEqual(['web-4', 'web-5'])
  expect(await namesWithStart(3)).toEqual(['web-3', 'web-4'])
  expect(await namesWithStart(null)).toEqual(['web-0', 'web-1'])
})
