import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Deployment, Event, Node, Pod } from '../../src/api/generated/types.ts'
import { isTerminating } from '../../src/api/object.ts'
import { deployments, events, nodes, pods } from '../../src/api/scheme.ts'
import { required } from '../../src/base/assert.ts'
import { VirtualCluster } from '../../src/cluster/virtual/virtual-cluster.ts'

const inDefault = { namespace: 'default' }

function deploymentOf(replicas: number, podSpec: object = {}): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'app' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'app' } },
      template: {
        metadata: { labels: { app: 'app' } },
        spec: { containers: [{ name: 'app', image: 'app:1' }], ...podSpec },
      },
    },
  }
}

let cluster: VirtualCluster

async function given(nodeCount: number, deployment: Deployment): Promise<void> {
  cluster = await VirtualCluster.start({ nodes: nodeCount })
  await cluster.transport.create(deployments, inDefault, deployment)
  await cluster.pass(10_000)
}

const machine = (index: number) => required(cluster.nodes[index], `node ${index}`)
const nodeNow = (index: number) => cluster.transport.get<Node>(nodes, { name: machine(index).name })
const conditionOf = ({ status }: Node | Pod, wanted: string) =>
  status?.conditions?.find(({ type }) => type === wanted)

async function podsOn(index: number): Promise<readonly Pod[]> {
  const { items } = await cluster.transport.list<Pod>(pods, inDefault)
  return items.filter(({ spec }) => spec?.nodeName === machine(index).name)
}

async function available(): Promise<number | undefined> {
  const key = { ...inDefault, name: 'app' }
  const { status } = await cluster.transport.get<Deployment>(deployments, key)
  return status?.availableReplicas
}

async function taintsOf(index: number): Promise<readonly string[]> {
  const { spec } = await nodeNow(index)
  return (spec?.taints ?? []).map(({ key, effect }) => `${key}:${effect}`)
}

async function eventsOf(reason: string): Promise<readonly string[]> {
  const { items } = await cluster.transport.list<Event>(events, {})
  const about = items.filter((event) => event.reason === reason)
  return about.map(({ message = '' }) => message).sort()
}

const unreachable = 'node.kubernetes.io/unreachable'

afterEach(() => cluster.stop())

describe('F-14: a node that is not heard of any more', () => {
  beforeEach(() => given(3, deploymentOf(3)))

  test('is Unknown after 50 s, its pods are not ready, and no pod comes there', async () => {
    const here = await podsOn(0)
    expect(here).toHaveLength(1)
    machine(0).crash()
    await cluster.pass(39_000)
    expect(conditionOf(await nodeNow(0), 'Ready')).toMatchObject({ status: 'True' })
    await cluster.pass(22_000)
    expect(conditionOf(await nodeNow(0), 'Ready')).toMatchObject({
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
    })
    expect(conditionOf(await nodeNow(0), 'MemoryPressure')).toMatchObject({
      status: 'Unknown',
      reason: 'NodeStatusNeverUpdated',
      message: 'Kubelet never posted node status.',
    })
    const [pod] = await podsOn(0)
    expect(conditionOf(required(pod, 'the pod'), 'Ready')?.status).toBe('False')
    expect(await taintsOf(0)).toEqual([`${unreachable}:NoSchedule`, `${unreachable}:NoExecute`])
    expect(await available()).toBe(2)
    expect(await eventsOf('NodeNotReady')).toEqual([
      'Node is not ready',
      'Node node-0 status is now: NodeNotReady',
    ])
  })

  test('A-11: loses its pods after the 300 s that they tolerate, and is used again when it is back', async () => {
    machine(0).crash()
    await cluster.pass(340_000)
    expect((await podsOn(0)).some(isTerminating)).toBe(false)
    await cluster.pass(40_000)
    const left = await podsOn(0)
    expect(left.every(isTerminating)).toBe(true)
    expect(conditionOf(required(left[0], 'the pod'), 'DisruptionTarget')).toMatchObject({
      status: 'True',
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
    })
    expect(await available()).toBe(3)
    expect(await eventsOf('TaintManagerEviction')).toEqual([
      `Marking for deletion Pod default/${left[0]?.metadata.name}`,
    ])
    await cluster.until(machine(0).start())
    await cluster.pass(20_000)
    expect(conditionOf(await nodeNow(0), 'Ready')?.status).toBe('True')
    expect(await taintsOf(0)).toEqual([])
    expect(await podsOn(0)).toEqual([])
    expect(await available()).toBe(3)
  })

  test('keeps its pods when it is back in time', async () => {
    machine(0).crash()
    await cluster.pass(200_000)
    const before = await podsOn(0)
    await cluster.until(machine(0).start())
    await cluster.pass(600_000)
    const names = (all: readonly Pod[]) => all.map(({ metadata }) => metadata.uid)
    expect(names(await podsOn(0))).toEqual(names(before))
    expect(await eventsOf('TaintManagerEviction')).toEqual(
      [`Marking for deletion Pod default/${before[0]?.metadata.name}`].map((text) =>
        text.replace('Marking for deletion', 'Cancelling deletion of'),
      ),
    )
    expect(await available()).toBe(3)
  })

  test('gives its pods up when it is deleted, after 40 s', async () => {
    const [lost] = await podsOn(0)
    machine(0).crash()
    await cluster.transport.delete(nodes, { name: 'node-0' })
    await cluster.pass(30_000)
    expect(await podsOn(0)).toHaveLength(1)
    await cluster.pass(40_000)
    const { items } = await cluster.transport.list<Pod>(pods, inDefault)
    expect(items).toHaveLength(3)
    expect(items.map(({ metadata }) => metadata.uid)).not.toContain(lost?.metadata.uid)
    expect(await available()).toBe(3)
  })
})

test('F-14: when no node is left nobody is evicted: the watcher may be the one cut off', async () => {
  await given(2, deploymentOf(2))
  machine(0).crash()
  machine(1).crash()
  await cluster.pass(900_000)
  expect(await taintsOf(0)).toEqual([`${unreachable}:NoSchedule`])
  expect((await podsOn(0)).some(isTerminating)).toBe(false)
  expect((await podsOn(1)).some(isTerminating)).toBe(false)
})

test('F-14: time in which the engine did not run is not the silence of its nodes', async () => {
  await given(1, deploymentOf(1))
  const [before] = await podsOn(0)
  machine(0).crash()
  cluster.crashControlPlane()
  await cluster.pass(3_600_000)
  await cluster.until(cluster.startControlPlane())
  await cluster.pass(30_000)
  await cluster.until(machine(0).start())
  await cluster.pass(400_000)
  expect(await eventsOf('NodeNotReady')).toEqual([])
  const [after] = await podsOn(0)
  expect(after?.metadata.uid).toBe(before?.metadata.uid)
})

test('A-11: a pod goes when its own tolerationSeconds are over', async () => {
  const key = 'dedicated'
  const tolerations = [{ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 }]
  await given(2, deploymentOf(2, { tolerations }))
  const uids = async () => (await podsOn(0)).map(({ metadata }) => metadata.uid)
  const before = await uids()
  const spec = { taints: [{ key, value: 'db', effect: 'NoExecute' }] }
  const patch = { type: 'application/merge-patch+json', body: { spec } } as const
  await cluster.transport.patch(nodes, { name: 'node-0' }, patch)
  await cluster.pass(25_000)
  expect(await uids()).toEqual(before)
  await cluster.pass(10_000)
  // What comes in its place tolerates the taint as long again.
  expect(before).toHaveLength(1)
  expect(await uids()).not.toContain(before[0])
})

test('D-30: a cordoned node has the taint, until it is uncordoned', async () => {
  await given(1, deploymentOf(1))
  const cordon = (unschedulable: boolean | null) => {
    const patch = {
      type: 'application/merge-patch+json',
      body: { spec: { unschedulable } },
    } as const
    return cluster.transport.patch(nodes, { name: 'node-0' }, patch)
  }
  await cordon(true)
  await cluster.pass(6_000)
  expect(await taintsOf(0)).toEqual(['node.kubernetes.io/unschedulable:NoSchedule'])
  await cordon(null)
  await cluster.pass(6_000)
  expect(await taintsOf(0)).toEqual([])
})
