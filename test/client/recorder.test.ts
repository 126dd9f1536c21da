import { afterEach, beforeEach, expect, test } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import { events, namespaces } from '../../src/api/scheme.ts'
import { createEventRecorder, type Recorder } from '../../src/client/recorder.ts'
import { type GivenApi, givenApi } from './given-api.ts'

let api: GivenApi
let recorder: Recorder
beforeEach(async () => {
  api = await givenApi()
  const options = { transport: api.transport, component: 'deployment-controller' }
  recorder = createEventRecorder(api.context, options)
})
afterEach(() => api.stop())

const web: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { namespace: 'default', name: 'web', uid: 'u1', resourceVersion: '7' },
}

async function written() {
  await recorder.idle()
  return (await api.transport.list(events, {})).items
}

test('an Event says who, about what, and when', async () => {
  recorder.event(web, 'Normal', 'ScalingReplicaSet', 'Scaled up', 'spec.replicas')
  const [event] = await written()
  expect(event).toMatchObject({
    metadata: { namespace: 'default', name: expect.stringMatching(/^web\.[0-9a-f]{16}$/) },
    involvedObject: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      namespace: 'default',
      name: 'web',
      uid: 'u1',
      resourceVersion: '7',
      fieldPath: 'spec.replicas',
    },
    type: 'Normal',
    reason: 'ScalingReplicaSet',
    message: 'Scaled up',
    source: { component: 'deployment-controller' },
    reportingComponent: 'deployment-controller',
    count: 1,
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:00Z',
  })
})

test('G-53: identical Events are merged: count and lastTimestamp rise', async () => {
  recorder.event(web, 'Normal', 'Pulled', 'same')
  recorder.event(web, 'Normal', 'Pulled', 'same')
  await recorder.idle()
  await api.clock.advance(90_000)
  recorder.event(
    { ...web, metadata: { ...web.metadata, resourceVersion: '9' } },
    'Normal',
    'Pulled',
    'same',
  )
  const items = await written()
  expect(items.length).toBe(1)
  expect(items[0]).toMatchObject({
    count: 3,
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:01:30Z',
  })
})

test('G-53: another message, reason, type, part or object is another Event', async () => {
  recorder.event(web, 'Normal', 'Pulled', 'same')
  recorder.event(web, 'Normal', 'Pulled', 'other')
  recorder.event(web, 'Normal', 'Pulling', 'same')
  recorder.event(web, 'Warning', 'Pulled', 'same')
  recorder.event(web, 'Normal', 'Pulled', 'same', 'spec.containers{app}')
  recorder.event({ ...web, metadata: { ...web.metadata, uid: 'u2' } }, 'Normal', 'Pulled', 'same')
  expect((await written()).map((event) => event.count)).toEqual([1, 1, 1, 1, 1, 1])
})

test('an Event that was deleted since is written anew', async () => {
  recorder.event(web, 'Normal', 'Pulled', 'same')
  const [first] = await written()
  await api.transport.delete(events, { namespace: 'default', name: first?.metadata.name ?? '' })
  await api.clock.advance(1000)
  recorder.event(web, 'Normal', 'Pulled', 'same')
  const items = await written()
  expect(items.map((event) => event.count)).toEqual([1])
  expect(items[0]?.metadata.name).not.toBe(first?.metadata.name)
})

test('an Event about a cluster-scoped object lies in default', async () => {
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', uid: 'u3' } }
  recorder.event(node, 'Normal', 'NodeReady', 'ready')
  const [event] = await written()
  expect(event?.metadata.namespace).toBe('default')
  expect(event?.involvedObject.namespace).toBeUndefined()
})

test('what cannot be written is lost without a sound, and the rest still comes', async () => {
  const lost = { ...web, metadata: { ...web.metadata, namespace: 'gone' } }
  recorder.event(lost, 'Normal', 'Pulled', 'same')
  recorder.event(web, 'Normal', 'Pulled', 'same')
  expect((await written()).length).toBe(1)
  await api.transport.create(
    namespaces,
    {},
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'gone' },
    },
  )
  recorder.event(lost, 'Normal', 'Pulled', 'same')
  expect((await written()).length).toBe(2)
})

test('thousands at once: bounded, and never in the way', async () => {
  for (let index = 0; index < 5000; index++) {
    const metadata = { ...web.metadata, name: `web-${index}`, uid: `u${index}` }
    recorder.event({ ...web, metadata }, 'Normal', 'Pulled', 'same')
  }
  expect((await written()).length).toBe(1000)
})

const count = async () => (await api.transport.list(events, {})).items.length

test('Events wait until it is quiet, a second at most, or until there are many', async () => {
  recorder.event(web, 'Normal', 'Pulled', 'first')
  await api.clock.advance(199)
  expect(await count()).toBe(0)
  await api.clock.advance(1)
  expect(await count()).toBe(1)
  for (let at = 0; at < 9; at++) {
    recorder.event(web, 'Normal', 'Pulled', `busy ${at}`)
    await api.clock.advance(110)
  }
  expect(await count()).toBe(1)
  await api.clock.advance(10)
  expect(await count()).toBe(10)
  for (let at = 0; at < 500; at++) {
    const metadata = { ...web.metadata, uid: `many-${at}` }
    recorder.event({ ...web, metadata }, 'Normal', 'Pulled', 'many')
  }
  await expect.poll(count, { interval: 5 }).toBe(510)
})
