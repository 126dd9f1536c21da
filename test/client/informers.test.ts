import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ConfigMap } from '../../src/api/generated/types.ts'
import { keyOf, keyText } from '../../src/api/object.ts'
import { configMaps, namespaces } from '../../src/api/scheme.ts'
import { StatusError } from '../../src/api/status-error.ts'
import type { Transport, WatchSink } from '../../src/api/transport.ts'
import { type Prng, pick, randomInt, seededPrng } from '../../src/base/prng.ts'
import { settled } from '../../src/base/virtual-clock.ts'
import { createInformers } from '../../src/client/informers.ts'
import type { Informer } from '../../src/client/lister.ts'
import { type GivenApi, givenApi } from './given-api.ts'

let api: GivenApi
beforeEach(async () => {
  api = await givenApi()
})
afterEach(() => api.stop())

const inDefault = { namespace: 'default' }

function configMap(name: string, value: string): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value } }
}

const text = (object: ConfigMap) => `${object.metadata.name}=${object.data?.value}`

function listen(informer: Informer<ConfigMap>): string[] {
  const heard: string[] = []
  informer.addHandler({
    added: (object) => heard.push(`added ${text(object)}`),
    updated: (object, previous) => heard.push(`updated ${text(previous)} ${text(object)}`),
    deleted: (object) => heard.push(`deleted ${text(object)}`),
  })
  return heard
}

/** Until what was written has come through the watch. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await settled()
}

test('an informer follows the server, from what exists through every write', async () => {
  const { transport, context } = api
  await transport.create(configMaps, inDefault, configMap('a', '1'))
  const informers = createInformers(context, transport)
  const informer = informers.for(configMaps)
  informer.addIndex('value', (object) => [object.data?.value ?? ''])
  const heard = listen(informer)
  expect(informer.hasSynced).toBe(false)
  await informers.start()
  expect(informer.hasSynced).toBe(true)

  await transport.create(configMaps, inDefault, configMap('b', '1'))
  await transport.update(configMaps, { ...inDefault, name: 'a' }, configMap('a', '2'))
  await transport.delete(configMaps, { ...inDefault, name: 'a' })
  await quiet()
  expect(heard).toEqual(['added a=1', 'added b=1', 'updated a=1 a=2', 'deleted a=2'])
  expect(informer.lister.byIndex('value', '1').map(text)).toEqual(['b=1'])
  expect(informer.lister.list('default').map(text)).toEqual(['b=1'])
  expect(informer.lister.get({ ...inDefault, name: 'b' })).toBe(
    await transport.get(configMaps, { ...inDefault, name: 'b' }),
  )

  await informers.stop()
  await transport.create(configMaps, inDefault, configMap('c', '1'))
  await quiet()
  expect(heard.length).toBe(4)
})

test('one informer per resource; one that is handed out after start starts at once', async () => {
  const informers = createInformers(api.context, api.transport)
  expect(informers.for(configMaps)).toBe(informers.for(configMaps))
  await informers.start()
  const late = informers.for(namespaces)
  await informers.start()
  expect(late.lister.get({ name: 'default' })?.metadata.name).toBe('default')
  await informers.stop()
})

test('informers of one namespace see only that, and all cluster-scoped objects', async () => {
  const { transport, context } = api
  await transport.create(configMaps, inDefault, configMap('a', '1'))
  await transport.create(configMaps, { namespace: 'kube-public' }, configMap('b', '1'))
  const informers = createInformers(context, transport, { namespace: 'kube-public' })
  const maps = informers.for(configMaps)
  const spaces = informers.for(namespaces)
  await informers.start()
  expect(maps.lister.list().map((object) => object.metadata.namespace)).toEqual(
    maps.lister.list().map(() => 'kube-public'),
  )
  expect(maps.lister.get({ namespace: 'kube-public', name: 'b' })).toBeDefined()
  expect(spaces.lister.list().length).toBeGreaterThan(1)
  await informers.stop()
})

test('start does not hang when the server cannot be reached and the informers are stopped', async () => {
  const broken = { ...api.transport, list: () => Promise.reject(new Error('refused')) }
  const informers = createInformers(api.context, broken)
  informers.for(configMaps)
  const started = informers.start()
  await informers.stop()
  await started
})

const faults = [
  () => new Error('lost the connection'),
  () => new StatusError('Expired', 'too old resource version'),
  () => undefined,
]

/** Watches end now and then after an event, in each of the ways a watch can end. */
function withBrokenWatches(transport: Transport, prng: Prng): Transport {
  return {
    ...transport,
    watch(resource, where, options, sink: WatchSink) {
      let isOver = false
      const end = (error?: Error) => {
        isOver = true
        sink.end(error)
      }
      const handle = transport.watch(resource, where, options, {
        event(event) {
          if (isOver) return
          sink.event(event as never)
          if (randomInt(prng, 4) > 0) return
          handle.stop()
          end(pick(prng, faults)())
        },
        end,
      })
      return handle
    },
  }
}

const revision = ({ metadata }: ConfigMap) => Number(metadata.resourceVersion)

/** Fails when an object is updated or deleted that was not added, or added twice. */
function checkOrder(informer: Informer<ConfigMap>): Map<string, ConfigMap> {
  const known = new Map<string, ConfigMap>()
  informer.addHandler({
    added(object) {
      expect(known.has(keyText(keyOf(object)))).toBe(false)
      known.set(keyText(keyOf(object)), object)
    },
    updated(object, previous) {
      expect(known.get(keyText(keyOf(object)))).toBe(previous)
      expect(revision(object), 'never back in time').toBeGreaterThan(revision(previous))
      known.set(keyText(keyOf(object)), object)
    },
    deleted(object) {
      expect(known.delete(keyText(keyOf(object)))).toBe(true)
    },
  })
  return known
}

async function writeAtRandom({ transport, clock }: GivenApi, prng: Prng): Promise<void> {
  for (let step = 0; step < 40; step++) {
    const name = pick(prng, ['a', 'b', 'c'])
    const key = { ...inDefault, name }
    const object = configMap(name, String(step))
    await [
      () => transport.create(configMaps, inDefault, object),
      () => transport.update(configMaps, key, object),
      () => transport.delete(configMaps, key),
    ]
      [randomInt(prng, 3)]?.()
      .catch(() => {})
    if (randomInt(prng, 3) === 0) await clock.advance(randomInt(prng, 500))
  }
}

test('whatever breaks the watch, cache and handlers end with what the server holds', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const own = await givenApi()
      const prng = seededPrng(seed)
      const informers = createInformers(own.context, withBrokenWatches(own.transport, prng))
      const informer = informers.for(configMaps)
      const known = checkOrder(informer)
      await informers.start()
      await writeAtRandom(own, prng)
      await own.clock.advance(120_000)
      const { items } = await own.transport.list(configMaps, {})
      const byKey = new Map(items.map((item) => [keyText(keyOf(item)), item]))
      expect(new Map(informer.lister.list().map((o) => [keyText(keyOf(o)), o]))).toEqual(byKey)
      expect(known).toEqual(byKey)
      await informers.stop()
      await own.stop()
    }),
    { numRuns: 30 },
  )
})
