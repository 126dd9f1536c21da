import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Event } from '../api/generated/types.ts'
import { configMaps, events } from '../api/scheme.ts'
import {
  configMap,
  type GivenServer,
  givenServer,
  inDefault,
  named,
  watched,
} from './server.fixture.ts'

let given: GivenServer
beforeEach(async () => {
  given = await givenServer()
})
afterEach(() => given.stop())

const minute = 60_000
const event = (name: string): Event => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name },
  involvedObject: { namespace: 'default' },
})
const eventNames = async () =>
  (await given.api.list(events, inDefault)).items.map((item) => item.metadata.name)

test('Events go an hour after they last happened', async () => {
  const { api, clock } = given
  await api.create(events, inDefault, event('once'))
  await api.create(events, inDefault, event('again'))
  const watch = await watched(api, events, { timeoutSeconds: 7200 })
  await clock.advance(59 * minute)
  const lastTimestamp = '2026-01-01T00:59:00Z'
  await api.update(events, named('again'), { ...event('again'), lastTimestamp } as Event)
  expect(await eventNames()).toEqual(['again', 'once'])
  await clock.advance(2 * minute)
  expect(await eventNames()).toEqual(['again'])
  expect(watch.lines.at(-1)).toMatch(/^DELETED once@/)
  await clock.advance(60 * minute)
  expect(await eventNames()).toEqual([])
})

test('the last five minutes can be read, and resumed from', async () => {
  const { api, clock, store } = given
  await api.create(configMaps, inDefault, configMap('a'))
  const old = store.revision
  await api.create(configMaps, inDefault, configMap('aa'))
  await clock.advance(4 * minute)
  await api.create(configMaps, inDefault, configMap('b'))
  const recent = store.revision
  await api.create(configMaps, inDefault, configMap('c'))
  await clock.advance(2 * minute)
  expect(() => store.get('x', old)).toThrow('compacted')
  expect(() => store.get('x', recent)).not.toThrow()
  const watch = await watched(api, configMaps, { resourceVersion: String(recent) })
  expect(watch.lines).toEqual([`ADDED c@${store.revision}`])
  const late = await watched(api, configMaps, { resourceVersion: String(old) })
  expect(late.ends).toMatchObject([{ code: 410 }])
})

test('of a busy five minutes, the last 20,000 revisions', async () => {
  const { clock, store } = given
  const object = configMap('busy')
  const before = store.revision
  let revision = 0
  for (let i = 0; i < 20_100; i += 1) {
    const make = () => ({ bytes: new Uint8Array(), object })
    revision = (await store.put('busy', revision, make)).revision
  }
  await clock.advance(minute)
  expect(() => store.get('x', before)).toThrow('compacted')
  expect(() => store.get('x', store.revision - 20_000)).not.toThrow()
})
