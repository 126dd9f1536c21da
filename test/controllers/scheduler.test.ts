import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Node, Pod, PodSpec } from '../../src/api/generated/types.ts'
import { events, nodes, pods } from '../../src/api/scheme.ts'
import type { Transport } from '../../src/api/transport.ts'
import { createInformers } from '../../src/client/informers.ts'
import type { Informers } from '../../src/client/lister.ts'
import { createEventRecorder, type Recorder } from '../../src/client/recorder.ts'
import type { Controller } from '../../src/controller/reconciler.ts'
import { createScheduler } from '../../src/scheduler/scheduler.ts'
import { type GivenApi, givenApi } from '../client/given-api.ts'

const inDefault = { namespace: 'default' }
let api: GivenApi
let informers: Informers
let scheduler: Controller
let recorder: Recorder

beforeEach(async () => {
  api = await givenApi()
  const { context, transport } = api
  informers = createInformers(context, transport)
  recorder = createEventRecorder(context, { transport, component: 'default-scheduler' })
  scheduler = createScheduler({ context, transport, informers, recorder })
  await informers.start()
  scheduler.start()
})

afterEach(async () => {
  await scheduler.stop()
  await informers.stop()
  await api.stop()
})

async function givenNode(name: string): Promise<void> {
  const created = await api.transport.create(
    nodes,
    {},
    { apiVersion: 'v1', kind: 'Node', metadata: { name } },
  )
  const node: Node = {
    ...created,
    status: {
      allocatable: { cpu: '1', memory: '1Gi', pods: '10' },
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  }
  await api.transport.update(nodes, { name }, node, { subresource: 'status' })
}

function givenPod(name: string, spec: Partial<PodSpec> = {}): Promise<Pod> {
  const containers = [{ name: 'app', image: 'app:1' }]
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { containers, ...spec },
  }
  return api.transport.create(pods, inDefault, pod)
}

const read = (name: string) => api.transport.get(pods, { ...inDefault, name })
const quiet = () => api.clock.advance(15_000)

async function scheduledCondition(name: string) {
  const { status } = await read(name)
  return status?.conditions?.find(({ type }) => type === 'PodScheduled')
}

async function told(): Promise<readonly string[]> {
  await recorder.idle()
  const { items } = await api.transport.list(events, inDefault)
  return items.map(({ reason, message }) => `${reason} ${message}`)
}

test('F-02: a pod behind a gate is left alone until the last gate is gone', async () => {
  await givenNode('n1')
  await quiet()
  await givenPod('p', { schedulingGates: [{ name: 'a.example/x' }, { name: 'a.example/y' }] })
  await quiet()
  expect((await read('p')).spec?.nodeName).toBeUndefined()
  expect(await scheduledCondition('p')).toMatchObject({
    status: 'False',
    reason: 'SchedulingGated',
  })
  expect(await told()).toEqual([])
  for (const gates of [[{ name: 'a.example/y' }], null]) {
    expect((await read('p')).spec?.nodeName).toBeUndefined()
    const body = { spec: { schedulingGates: gates } }
    const patch = { type: 'application/merge-patch+json', body } as const
    await api.transport.patch(pods, { ...inDefault, name: 'p' }, patch)
    await quiet()
  }
  expect((await read('p')).spec?.nodeName).toBe('n1')
  expect(await scheduledCondition('p')).toMatchObject({ status: 'True' })
  expect(await told()).toEqual(['Scheduled Successfully assigned default/p to n1'])
})

test('F-02: says why no node will do, and binds when one does', async () => {
  await givenPod('p', { nodeSelector: { disk: 'fast' } })
  await quiet()
  expect(await scheduledCondition('p')).toMatchObject({
    status: 'False',
    reason: 'Unschedulable',
    message: 'no nodes available to schedule pods',
  })
  await givenNode('n1')
  await quiet()
  expect((await scheduledCondition('p'))?.message).toContain(
    "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.",
  )
  const body = { metadata: { labels: { disk: 'fast' } } }
  const patch = { type: 'application/merge-patch+json', body } as const
  await api.transport.patch(nodes, { name: 'n1' }, patch)
  await quiet()
  expect((await read('p')).spec?.nodeName).toBe('n1')
})

test('F-14: a pod of another scheduler is not touched, nor one that names its node', async () => {
  await givenNode('n1')
  await givenPod('theirs', { schedulerName: 'example-scheduler' })
  await givenPod('fixed', { nodeName: 'elsewhere' })
  await quiet()
  expect((await read('theirs')).spec?.nodeName).toBeUndefined()
  expect((await read('theirs')).status?.conditions).toBeUndefined()
  expect((await read('fixed')).spec?.nodeName).toBe('elsewhere')
})

test('F-14: bindings are written side by side, and each choice knows of those before', async () => {
  await givenNode('n1')
  await scheduler.stop()
  const { context, transport } = api
  let isHeld = true
  const held: (() => void)[] = []
  const slow: Transport = Object.assign(Object.create(transport), {
    create: async (...[resource, ...rest]: Parameters<Transport['create']>) => {
      if (isHeld) await new Promise<void>((resolve) => held.push(resolve))
      return transport.create(resource, ...rest)
    },
  })
  await informers.stop()
  informers = createInformers(context, transport)
  scheduler = createScheduler({ context, transport: slow, informers, recorder })
  await informers.start()
  scheduler.start()
  // Of one processor only two can have 400 m.
  const resources = { requests: { cpu: '400m' } }
  for (const name of ['a', 'b', 'c']) {
    await givenPod(name, { containers: [{ name: 'app', image: 'app:1', resources }] })
  }
  await api.clock.advance(100)
  expect(held.length).toBe(2)
  isHeld = false
  for (const release of held) release()
  await quiet()
  const bound = await Promise.all(['a', 'b', 'c'].map(async (n) => (await read(n)).spec?.nodeName))
  expect(bound).toEqual(['n1', 'n1', undefined])
})
