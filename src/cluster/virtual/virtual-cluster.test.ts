import { expect, test } from 'vitest'
import type { Deployment, Pod } from '../../api/generated/types.ts'
import { deployments, pods } from '../../api/scheme.ts'
import type { Transport } from '../../api/transport.ts'
import { VirtualCluster } from './virtual-cluster.ts'
import { wrapTransport } from './wrap-transport.ts'

const inDefault = { namespace: 'default' }

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'app' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'app' } },
    template: {
      metadata: { labels: { app: 'app' } },
      spec: { containers: [{ name: 'app', image: 'app:1' }] },
    },
  },
}

async function available(cluster: VirtualCluster): Promise<number | undefined> {
  const key = { ...inDefault, name: 'app' }
  const { status } = await cluster.transport.get<Deployment>(deployments, key)
  return status?.availableReplicas
}

test('H-10: a node hears of its own pods only, from the moment they are bound', async () => {
  const heard: unknown[] = []
  const cluster = await VirtualCluster.start({
    nodes: 2,
    surroundings: () => ({
      intercept: (transport, component) =>
        component === 'kubelet' ? hearingPods(transport, heard) : transport,
    }),
  })
  await cluster.transport.create(deployments, inDefault, deployment)
  await cluster.pass(5_000)
  const { items } = await cluster.transport.list<Pod>(pods, inDefault)
  expect(heard.sort()).toEqual(items.map(({ metadata }) => metadata.name).sort())
  await cluster.stop()
})

/** Notes every pod that a node is told of as new. */
function hearingPods(inner: Transport, heard: unknown[]): Transport {
  return wrapTransport(inner, {
    request: (_, send) => send(),
    watch: (resource, sink, open) =>
      open({
        end: (error) => sink.end(error),
        event: (event) => {
          const isNew = resource.plural === 'pods' && event.type === 'ADDED'
          if (isNew) heard.push(event.object.metadata.name)
          sink.event(event)
        },
      }),
  })
}

test('a Deployment runs, over a crash of the control plane and of a node, in no real time', async () => {
  const cluster = await VirtualCluster.start({ nodes: 2 })
  await cluster.transport.create(deployments, inDefault, deployment)
  cluster.crashControlPlane()
  await cluster.pass(60_000)
  expect((await cluster.transport.list(pods, inDefault)).items).toEqual([])

  await cluster.until(cluster.startControlPlane())
  await cluster.pass(5_000)
  expect(await available(cluster)).toBe(2)

  const [node] = cluster.nodes
  node?.crash()
  await cluster.pass(5_000)
  await cluster.until(node?.start() ?? Promise.resolve())
  await cluster.pass(5_000)
  const { items } = await cluster.transport.list<Pod>(pods, inDefault)
  const restarts = items.map(({ status }) => status?.containerStatuses?.[0]?.restartCount)
  expect(restarts.sort()).toEqual([0, 1])
  expect(await available(cluster)).toBe(2)
  await cluster.stop()
})
