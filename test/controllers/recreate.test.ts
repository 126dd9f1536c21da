import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Pod } from '../../src/api/generated/types.ts'
import { pods } from '../../src/api/scheme.ts'
import { GivenCluster } from './given-cluster.ts'
import { givenDeployment, recreate } from './given-objects.ts'

let cluster: GivenCluster
beforeEach(async () => {
  cluster = await GivenCluster.start({ readyMsMax: 1000, endMsMax: 5000 })
})
afterEach(() => cluster.stop())

const imageOf = ({ spec }: Pod) => spec?.containers[0]?.image

test('B-49, I-02: Recreate never runs old and new pods together, terminating ones included', async () => {
  await cluster.create(givenDeployment({ ...recreate }))
  const first = await cluster.rolledOut()
  expect(first.metadata.annotations).toMatchObject({ 'deployment.kubernetes.io/revision': '1' })
  const alive = new Map<string, Pod>()
  const mixed: string[] = []
  cluster.transport.watch<Pod>(
    pods,
    { namespace: 'default' },
    {},
    {
      event(event) {
        if (event.type === 'BOOKMARK') return
        const { uid = '' } = event.object.metadata
        if (event.type === 'DELETED') alive.delete(uid)
        else alive.set(uid, event.object)
        const images = new Set([...alive.values()].map(imageOf))
        if (images.size > 1) mixed.push([...images].join(' and '))
      },
      end: () => {},
    },
  )
  await cluster.setImage('app:2')
  const done = await cluster.rolledOut()
  expect(done.metadata.annotations).toMatchObject({ 'deployment.kubernetes.io/revision': '2' })
  expect(mixed).toEqual([])
  expect([...alive.values()].map(imageOf)).toEqual(['app:2', 'app:2', 'app:2'])
})

test('B-49: the last old pod going wakes the Deployment: no time is lost', async () => {
  await cluster.create(givenDeployment({ ...recreate }))
  await cluster.rolledOut()
  let lastGoneMs = 0
  let firstNewMs = 0
  cluster.transport.watch<Pod>(
    pods,
    { namespace: 'default' },
    {},
    {
      event(event) {
        if (event.type === 'BOOKMARK') return
        const nowMs = cluster.api.clock.now()
        if (event.type === 'DELETED') lastGoneMs = nowMs
        else if (imageOf(event.object) === 'app:2') firstNewMs ||= nowMs
      },
      end: () => {},
    },
  )
  await cluster.setImage('app:2')
  await cluster.rolledOut()
  expect(lastGoneMs).toBeGreaterThan(0)
  expect(firstNewMs).toBe(lastGoneMs)
})

test('B-47: changed from rolling to Recreate, and scaled, in the middle of a rollout: it goes on', async () => {
  await cluster.create(givenDeployment())
  await cluster.rolledOut()
  await cluster.setImage('app:2')
  await cluster.until('both run', async () => (await cluster.livePods()).length === 4)
  await cluster.change({
    spec: { replicas: 5, strategy: { type: 'Recreate', rollingUpdate: null } },
  })
  const done = await cluster.rolledOut('app', 120_000)
  expect(done.status).toMatchObject({ replicas: 5, availableReplicas: 5 })
})
