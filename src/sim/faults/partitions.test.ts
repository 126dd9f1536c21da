import { expect, test } from 'vitest'
import type { Node, Pod } from '../../api/generated/types.ts'
import { nodes, pods, statefulSets } from '../../api/scheme.ts'
import { required } from '../../base/assert.ts'
import type { VirtualClock } from '../../base/virtual-clock.ts'
import { VirtualCluster } from '../../cluster/virtual/virtual-cluster.ts'
import { Partitions } from './partitions.ts'

const inDefault = { namespace: 'default' }

const statefulSet = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db' },
  spec: {
    replicas: 1,
    serviceName: 'db',
    selector: { matchLabels: { app: 'db' } },
    template: {
      metadata: { labels: { app: 'db' } },
      spec: { containers: [{ name: 'db', image: 'db:1' }] },
    },
  },
}

async function stage() {
  let network: Partitions | undefined
  const cluster = await VirtualCluster.start({
    nodes: 2,
    surroundings: (_, clock: VirtualClock) => {
      const partitions = new Partitions(clock)
      network = partitions
      return {
        intercept: (api, _component, node) =>
          node === undefined ? api : partitions.intercept(api, node),
      }
    },
  })
  await cluster.transport.create(statefulSets, inDefault, statefulSet)
  await cluster.pass(10_000)
  const pod = () => cluster.transport.get<Pod>(pods, { ...inDefault, name: 'db-0' })
  const readyOf = async (name: string) => {
    const { status } = await cluster.transport.get<Node>(nodes, { name })
    return status?.conditions?.find(({ type }) => type === 'Ready')?.status
  }
  return { cluster, network: required(network, 'the network'), pod, readyOf }
}

test('F-14: a pod of a StatefulSet runs on, on a node that is cut off, and stays until that can say that it has ended', async () => {
  const { cluster, network, pod, readyOf } = await stage()
  const first = await pod()
  const name = required(first.spec?.nodeName, 'the node of the pod')
  const uidsThere = async () => {
    const node = cluster.nodes.find((each) => each.name === name)
    return ((await node?.runtime?.sandboxes()) ?? []).map(({ podUid }) => podUid)
  }
  network.cut(name)
  await cluster.pass(60_000)
  expect(await readyOf(name)).toBe('Unknown')
  await cluster.pass(600_000)
  const { metadata } = await pod()
  expect(metadata.uid).toBe(first.metadata.uid)
  expect(metadata.deletionTimestamp).toBeDefined()
  expect(await uidsThere()).toEqual([first.metadata.uid])

  network.heal(name)
  await cluster.pass(120_000)
  expect(await readyOf(name)).toBe('True')
  const second = await pod()
  expect(second.metadata.uid).not.toBe(first.metadata.uid)
  expect(second.status?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('True')
  expect(await uidsThere()).not.toContain(first.metadata.uid)
  await cluster.stop()
})
