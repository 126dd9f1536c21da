import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { daemonSets, nodes, pods } from '../../src/api/scheme.ts'
import { StatusError } from '../../src/api/status-error.ts'
import { GivenCluster } from './given-cluster.ts'
import { DaemonSetUnderTest, givenDaemonSet, givenNode } from './given-daemon-set.ts'

const inDefault = { namespace: 'default' }
let cluster: GivenCluster
let agent: DaemonSetUnderTest
let refusals: number
let isRefusing: boolean
beforeEach(async () => {
  refusals = 0
  isRefusing = false
  cluster = await GivenCluster.start({
    readyMsMax: 2000,
    endMsMax: 2000,
    beforeWrite({ kind }, verb) {
      if (!isRefusing || kind !== 'Pod' || verb !== 'create') return
      refusals += 1
      throw new StatusError('Forbidden', 'pods "agent-" is forbidden: exceeded quota: two')
    },
  })
  agent = new DaemonSetUnderTest(cluster)
})
afterEach(() => cluster.stop())

const create = (given: Parameters<typeof givenDaemonSet>[0] = {}) =>
  cluster.create(givenDaemonSet(given))
const everywhere = ['node-1 app:1', 'node-2 app:1', 'node-3 app:1']

describe('D-30: the pods', () => {
  test('name, labels, owner, affinity and tolerations', async () => {
    await agent.nodes(1)
    await create({ pod: { tolerations: [{ key: 'own', operator: 'Exists' }] } })
    const { metadata } = await agent.updated()
    const [revision] = await agent.history()
    const pod = await agent.podOn('node-1')
    const hash = revision?.metadata.labels?.['controller-revision-hash']
    expect(revision?.metadata.name).toBe(`agent-${hash}`)
    expect(pod.metadata).toMatchObject({
      generateName: 'agent-',
      labels: { app: 'agent', 'controller-revision-hash': hash, 'pod-template-generation': '1' },
      ownerReferences: [{ kind: 'DaemonSet', name: 'agent', uid: metadata.uid, controller: true }],
    })
    const matchFields = [{ key: 'metadata.name', operator: 'In', values: ['node-1'] }]
    expect(pod.spec?.affinity?.nodeAffinity).toEqual({
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] },
    })
    const tolerated = pod.spec?.tolerations?.map(({ key, effect = '' }) => `${key} ${effect}`)
    expect(tolerated?.slice(0, 7)).toEqual([
      'own ',
      'node.kubernetes.io/not-ready NoExecute',
      'node.kubernetes.io/unreachable NoExecute',
      'node.kubernetes.io/disk-pressure NoSchedule',
      'node.kubernetes.io/memory-pressure NoSchedule',
      'node.kubernetes.io/pid-pressure NoSchedule',
      'node.kubernetes.io/unschedulable NoSchedule',
    ])
  })

  test('on the network of the host they need no network of the node', async () => {
    await agent.nodes(1)
    await create({ pod: { hostNetwork: true } })
    await agent.updated()
    const keys = (await agent.podOn('node-1')).spec?.tolerations?.map(({ key }) => key)
    expect(keys).toContain('node.kubernetes.io/network-unavailable')
  })

  test('I-23: one on each node, again when it is deleted, and on a node that joins', async () => {
    await agent.nodes(2)
    await create()
    const { status } = await agent.updated()
    expect(status).toEqual({
      currentNumberScheduled: 2,
      desiredNumberScheduled: 2,
      numberMisscheduled: 0,
      numberReady: 2,
      updatedNumberScheduled: 2,
      numberAvailable: 2,
      observedGeneration: 1,
    })
    const { name = '' } = (await agent.podOn('node-1')).metadata
    await cluster.transport.delete(pods, { ...inDefault, name })
    await cluster.transport.create(nodes, {}, givenNode('node-3'))
    await cluster.pass(10_000)
    expect(await agent.images()).toEqual(everywhere)
    expect((await agent.podOn('node-1')).metadata.name).not.toBe(name)
  })

  test('I-23: deleted, its pods and its history go with it', async () => {
    await agent.nodes(2)
    await create()
    await agent.updated()
    await cluster.transport.delete(daemonSets, { ...inDefault, name: 'agent' })
    await cluster.until('all gone', async () => (await agent.pods()).length === 0)
    expect(await agent.history()).toEqual([])
  })
})

describe('D-31, D-37: which nodes', () => {
  test('I-23: labels of the node decide', async () => {
    await agent.nodes(3)
    await create({ pod: { nodeSelector: { color: 'blue' } } })
    await cluster.pass(1000)
    expect((await agent.get()).status).toMatchObject({ desiredNumberScheduled: 0 })
    await agent.changeNode('node-2', { metadata: { labels: { color: 'blue' } } })
    await agent.updated()
    expect(await agent.images()).toEqual(['node-2 app:1'])
    await agent.changeNode('node-2', { metadata: { labels: { color: 'green' } } })
    await cluster.pass(10_000)
    expect(await agent.images()).toEqual([])
    await agent.change({ spec: { template: { spec: { nodeSelector: { color: 'green' } } } } })
    await agent.updated()
    expect(await agent.images()).toEqual(['node-2 app:1'])
  })

  test('NoSchedule keeps new pods off, and what is there stays as misscheduled', async () => {
    await agent.nodes(2)
    await agent.changeNode('node-1', { spec: { taints: [{ key: 'x', effect: 'NoSchedule' }] } })
    await create()
    await agent.updated()
    expect(await agent.images()).toEqual(['node-2 app:1'])
    await agent.changeNode('node-2', { spec: { taints: [{ key: 'x', effect: 'NoSchedule' }] } })
    await cluster.pass(10_000)
    expect(await agent.images()).toEqual(['node-2 app:1'])
    expect((await agent.get()).status).toMatchObject({
      desiredNumberScheduled: 0,
      numberMisscheduled: 1,
    })
  })

  test('NoExecute drives pods away', async () => {
    await agent.nodes(2)
    await create()
    await agent.updated()
    await agent.changeNode('node-2', { spec: { taints: [{ key: 'x', effect: 'NoExecute' }] } })
    await agent.updated()
    expect(await agent.images()).toEqual(['node-1 app:1'])
  })

  test('a pod that was adopted, and one too many, are sorted out', async () => {
    await agent.nodes(1)
    await create()
    await agent.updated()
    const kept = await agent.podOn('node-1')
    const { labels } = kept.metadata
    const orphan = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'orphan', labels } }
    await cluster.pass(2000)
    await cluster.create({ ...orphan, spec: { ...kept.spec } } as typeof orphan)
    await cluster.pass(10_000)
    expect((await agent.pods()).map(({ metadata }) => metadata.name)).toEqual([kept.metadata.name])
  })
})

describe('D-32: pods that have ended', () => {
  test('I-23: a failed one is replaced, at once and then with more and more delay', async () => {
    await agent.nodes(1)
    await create()
    const delays: number[] = []
    for (let i = 0; i < 4; i++) {
      await agent.updated()
      const failed = await agent.podOn('node-1')
      const fromMs = cluster.api.clock.now()
      await cluster.pods.setPhase(failed, 'Failed')
      const isGone = async () => (await agent.podOn('node-1')).metadata.uid !== failed.metadata.uid
      await cluster.until('replaced', async () => isGone().catch(() => true))
      delays.push(cluster.api.clock.now() - fromMs)
      await cluster.pods.setReady(await agent.podOn('node-1'), true)
    }
    expect(delays[0]).toBe(0)
    expect(delays[3]).toBeGreaterThan(delays[1] ?? 0)
    expect((await agent.messages()).join('\n')).toMatch(
      /Warning FailedDaemonPod Found failed daemon pod default\/agent-\w{5} on node node-1, will try to kill it/,
    )
  })

  test('one that has succeeded is replaced', async () => {
    await agent.nodes(1)
    await create()
    await agent.updated()
    await cluster.pods.setPhase(await agent.podOn('node-1'), 'Succeeded')
    await agent.updated()
    expect((await agent.messages()).join('\n')).toMatch(
      /Normal SucceededDaemonPod Found succeeded daemon pod default\/agent-\w{5} on node node-1, will try to delete it/,
    )
  })
})

describe('D-33: creation', () => {
  test('that is refused costs one call in a pass, and is told', async () => {
    await agent.nodes(20)
    isRefusing = true
    await create()
    await cluster.quiet()
    // The first pass, and the one that its status brings about.
    expect(refusals).toBe(2)
    expect(await agent.messages()).toEqual([
      'Warning FailedCreate Error creating: pods "agent-" is forbidden: exceeded quota: two',
    ])
    isRefusing = false
    await agent.updated()
    expect(await agent.pods()).toHaveLength(20)
  })

  test('is of 250 pods in a pass at most', async () => {
    await agent.nodes(260)
    await create()
    await agent.updated()
    expect(await agent.pods()).toHaveLength(260)
  })
})

test('a DaemonSet at rest is left alone', async () => {
  await agent.nodes(2)
  await create()
  await agent.updated()
  const { resourceVersion } = (await agent.get()).metadata
  await cluster.pass(3_600_000)
  expect((await agent.get()).metadata.resourceVersion).toBe(resourceVersion)
})
