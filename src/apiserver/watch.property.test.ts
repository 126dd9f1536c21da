import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { KubeObject } from '../api/object.ts'
import { configMaps } from '../api/scheme.ts'
import type { ListOptions, ListResult, Transport, WatchEvent } from '../api/transport.ts'
import { settled } from '../base/virtual-clock.ts'
import { configMap, givenServer, inDefault, named } from './server.fixture.ts'

type Selectors = Pick<ListOptions, 'labelSelector' | 'fieldSelector'>

type Write = readonly ['put' | 'delete', name: string, app: string]

const write: fc.Arbitrary<Write> = fc.tuple(
  fc.constantFrom('put', 'put', 'delete'),
  fc.constantFrom('a', 'ab', 'b', 'c'),
  fc.constantFrom('x', 'y', 'z'),
)
const writes = fc.array(write, { maxLength: 12 })
const selection: fc.Arbitrary<Selectors> = fc.constantFrom(
  {},
  { labelSelector: 'app=x' },
  { labelSelector: 'app!=x' },
  { labelSelector: 'app in (x,y)', fieldSelector: 'metadata.name!=b' },
  { fieldSelector: 'metadata.name=a' },
)

async function apply(api: Transport, [verb, name, app]: Write): Promise<void> {
  const body = configMap(name, { labels: { app } })
  if (verb === 'delete') return void (await api.delete(configMaps, named(name)).catch(() => {}))
  await api
    .update(configMaps, named(name), body)
    .catch(() => api.create(configMaps, inDefault, body))
}

/** What a cache holds that starts from a list and follows the events. */
function replay(start: ListResult, events: readonly WatchEvent[]): readonly KubeObject[] {
  const cache = new Map(start.items.map((item) => [item.metadata.name, item as KubeObject]))
  let last = BigInt(start.resourceVersion)
  for (const event of events) {
    if (event.type === 'BOOKMARK') continue
    const { name, resourceVersion } = event.object.metadata
    expect(BigInt(resourceVersion ?? 0)).toBeGreaterThan(last)
    last = BigInt(resourceVersion ?? 0)
    expect([event.type, cache.has(name)]).toEqual([event.type, event.type !== 'ADDED'])
    if (event.type === 'DELETED') cache.delete(name)
    else cache.set(name, event.object)
  }
  return [...cache.values()].sort((a, b) =>
    (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1,
  )
}

test('H-07, H-08: a list and the watch from its revision always add up to a later list', async () => {
  const run = fc.asyncProperty(
    fc.record({ before: writes, between: writes, after: writes }),
    selection,
    async ({ before, between, after }, selectors) => {
      const { api, stop } = await givenServer()
      for (const each of before) await apply(api, each)
      const start = await api.list(configMaps, inDefault, selectors)
      for (const each of between) await apply(api, each)
      const events: WatchEvent[] = []
      const { resourceVersion } = start
      const sink = {
        event: (event: WatchEvent) => events.push(event),
        end: () => expect.unreachable(),
      }
      const watch = api.watch(configMaps, inDefault, { ...selectors, resourceVersion }, sink)
      for (const each of after) await apply(api, each)
      await settled()
      const end = await api.list(configMaps, inDefault, selectors)
      expect(replay(start, events)).toEqual(end.items)
      watch.stop()
      await stop()
    },
  )
  await fc.assert(run, { numRuns: 60 })
})

test('H-07: pages of any size, with writes in between, make up the list at their revision', async () => {
  const run = fc.asyncProperty(
    fc.array(write, { minLength: 1, maxLength: 15 }),
    fc.array(write, { maxLength: 15 }),
    fc.record({ selectors: selection, limit: fc.integer({ min: 1, max: 4 }) }),
    async (before, during, { selectors, limit }) => {
      const { api, stop } = await givenServer()
      for (const each of before) await apply(api, each)
      const whole = await api.list(configMaps, inDefault, selectors)
      const items: KubeObject[] = []
      const writes = [...during]
      let token: string | undefined
      do {
        const options = { ...selectors, limit, ...(token && { continue: token }) }
        const page = await api.list(configMaps, inDefault, options)
        expect(page.items.length).toBeLessThanOrEqual(limit)
        items.push(...page.items)
        token = page.continue
        for (const each of writes.splice(0, 3)) await apply(api, each)
      } while (token)
      expect(items).toEqual(whole.items)
      await stop()
    },
  )
  await fc.assert(run, { numRuns: 60 })
})
