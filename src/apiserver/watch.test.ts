import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { configMaps, pods } from '../api/scheme.ts'
import type { StatusError } from '../api/status-error.ts'
import type { WatchOptions } from '../api/transport.ts'
import { settled } from '../base/virtual-clock.ts'
import type { EncodedWatchEvent } from './operations.ts'
import {
  caller,
  configMap,
  type GivenServer,
  givenServer,
  inDefault,
  named,
  versionOf,
  watched,
} from './server.fixture.ts'

let given: GivenServer
beforeEach(async () => {
  given = await givenServer()
})
afterEach(() => given.stop())

const create = (name: string, labels = {}) =>
  given.api.create(configMaps, inDefault, configMap(name, { labels }))
const relabel = (name: string, labels: Record<string, string | null>) =>
  given.api.patch(configMaps, named(name), {
    type: 'application/merge-patch+json',
    body: { metadata: { labels } },
  })

describe('H-08: where a watch starts', () => {
  test.each([[{}], [{ resourceVersion: '0' }]])('%j: at the state, as ADDED', async (options) => {
    const a = await create('a')
    const watch = await watched(given.api, configMaps, options)
    const b = await create('b')
    expect(watch.lines).toEqual([`ADDED a@${versionOf(a)}`, `ADDED b@${versionOf(b)}`])
    watch.stop()
  })

  test('at a version: strictly after it', async () => {
    const a = await create('a')
    const b = await create('b')
    const watch = await watched(given.api, configMaps, { resourceVersion: versionOf(a) })
    expect(watch.lines).toEqual([`ADDED b@${versionOf(b)}`])
    const { metadata } = await relabel('a', { x: 'y' })
    await given.api.delete(configMaps, named('b'))
    expect(watch.lines.slice(1)).toEqual([
      `MODIFIED a@${metadata.resourceVersion}`,
      `DELETED b@${given.store.revision}`,
    ])
    watch.stop()
  })

  test('too old: 410 Expired', async () => {
    const old = versionOf(await create('a'))
    await create('b')
    // What is compacted after five minutes.
    await given.clock.advance(6 * 60_000)
    const watch = await watched(given.api, configMaps, { resourceVersion: old })
    const [error] = watch.ends as StatusError[]
    expect(error).toMatchObject({
      code: 410,
      reason: 'Expired',
      message: `too old resource version: ${old} (${given.store.revision})`,
    })
  })

  test('in the future: 504', async () => {
    const watch = await watched(given.api, configMaps, { resourceVersion: '999' })
    expect(watch.ends).toMatchObject([{ code: 504 }])
  })
})

test('H-08: one that enters a selection is ADDED, one that leaves it DELETED with the new version', async () => {
  const watch = await watched(given.api, configMaps, { labelSelector: 'app=x' })
  await create('a')
  const entered = await relabel('a', { app: 'x' })
  const changed = await relabel('a', { app: 'x', more: 'y' })
  const left = await relabel('a', { app: 'z' })
  await given.api.delete(configMaps, named('a'))
  expect(watch.lines).toEqual([
    `ADDED a@${versionOf(entered)}`,
    `MODIFIED a@${versionOf(changed)}`,
    `DELETED a@${versionOf(left)}`,
  ])
  expect(watch.events.at(-1)).toMatchObject({
    object: { metadata: { labels: { app: 'x', more: 'y' } } },
  })
  watch.stop()
})

test('a watch sees its own namespace, name and resource only', async () => {
  const one = await watched(given.api, configMaps, { fieldSelector: 'metadata.name=a' })
  const others = await Promise.all([
    watched(given.api, configMaps, { where: { namespace: 'other' } }),
    watched(given.api, pods),
  ])
  const all = await watched(given.api, configMaps, { where: {} })
  await create('a')
  await create('ab')
  expect(one.events).toHaveLength(1)
  expect(all.events).toHaveLength(2)
  expect(others.map(({ events }) => events.length)).toEqual([0, 0])
})

test('a watch that catches up sees its own only, too', async () => {
  const { api, store } = given
  const resourceVersion = String(store.revision)
  await create('a')
  await create('ab')
  const options = { resourceVersion, fieldSelector: 'metadata.name=a' }
  const one = await watched(api, configMaps, options)
  expect(one.events).toHaveLength(1)
  const others = await Promise.all([
    watched(api, configMaps, { resourceVersion, where: { namespace: 'other' } }),
    watched(api, pods, { resourceVersion }),
  ])
  expect(others.map(({ events }) => events.length)).toEqual([0, 0])
})

describe('bookmarks', () => {
  test('H-08: come about each minute, to those who allow them', async () => {
    const asked = await watched(given.api, configMaps, { allowWatchBookmarks: true })
    const silent = await watched(given.api, configMaps)
    await given.clock.advance(59_000)
    expect(asked.lines).toEqual([])
    await given.clock.advance(2000)
    expect(asked.lines).toEqual([`BOOKMARK @${given.store.revision}`])
    expect(silent.lines).toEqual([])
  })

  test('H-09: WatchList sends the state, then says that this was it', async () => {
    const a = await create('a')
    const watch = await watched(given.api, configMaps, {
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: true,
      resourceVersion: versionOf(a),
    })
    expect(watch.lines).toEqual([`ADDED a@${versionOf(a)}`, `BOOKMARK @${given.store.revision}`])
    expect(watch.events.at(-1)).toMatchObject({ type: 'BOOKMARK', initialEventsEnd: true })
    watch.stop()
  })

  test('H-09: without initial events, only what comes', async () => {
    await create('a')
    const watch = await watched(given.api, configMaps, {
      sendInitialEvents: false,
      resourceVersionMatch: 'NotOlderThan',
    })
    await create('b')
    expect(watch.events).toHaveLength(1)
  })
})

test.each<[WatchOptions, string]>([
  [
    { sendInitialEvents: true },
    'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
  ],
  [
    { resourceVersionMatch: 'NotOlderThan' },
    'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
  ],
])('H-09: %j is refused', async (options, message) => {
  const { ends, events } = await watched(given.api, configMaps, options)
  expect(ends).toMatchObject([{ code: 422, message }])
  expect(events).toEqual([])
})

describe('the end of a watch', () => {
  test('H-08: comes after timeoutSeconds, without an error', async () => {
    const watch = await watched(given.api, configMaps, { timeoutSeconds: 5 })
    await given.clock.advance(5000)
    expect(watch.ends).toEqual([undefined])
    await create('a')
    expect(watch.events).toEqual([])
  })

  test('H-08: comes between 30 and 60 minutes when nothing is asked', async () => {
    const watch = await watched(given.api, configMaps)
    await given.clock.advance(30 * 60_000 - 1)
    expect(watch.ends).toEqual([])
    await given.clock.advance(30 * 60_000)
    expect(watch.ends).toEqual([undefined])
  })

  test('nothing comes after stop, not even what was on its way', async () => {
    await create('a')
    const events: unknown[] = []
    const sink = { event: (event: unknown) => events.push(event), end: () => events.push('end') }
    given.api.watch(configMaps, inDefault, {}, sink).stop()
    await settled()
    expect(events).toEqual([])
  })

  test('a sink that throws loses its watch and costs the others nothing', async () => {
    const ends: unknown[] = []
    const event = () => {
      throw new Error('broken sink')
    }
    given.api.watch(configMaps, inDefault, {}, { event, end: (error) => ends.push(error) })
    const other = await watched(given.api, configMaps)
    await create('a')
    await create('b')
    expect(ends).toMatchObject([{ message: 'broken sink' }])
    expect(other.events).toHaveLength(2)
  })

  test('the server stops', async () => {
    const watch = await watched(given.api, configMaps)
    given.server.stop()
    expect(watch.ends).toHaveLength(1)
  })
})

test('all watchers, and the list, share the bytes made at the write', async () => {
  const seen: EncodedWatchEvent[] = []
  const sink = { event: (event: EncodedWatchEvent) => seen.push(event), end: () => {} }
  const watches = [{}, { labelSelector: 'app' }].map((options) =>
    given.server.watch(caller, configMaps, inDefault, options, sink),
  )
  await settled()
  await create('a', { app: 'x' })
  const [one, two] = seen
  const list = await given.server.list(caller, configMaps, inDefault, {})
  if (!one || !two || one.type === 'BOOKMARK' || two.type === 'BOOKMARK')
    throw new Error('no event')
  expect(one.bytes).toBe(two.bytes)
  expect(list.items[0]?.bytes).toBe(one.bytes)
  expect(JSON.parse(Buffer.from(one.bytes).toString())).toEqual(one.object)
  for (const watch of watches) watch.stop()
})
