import { expect, test } from 'vitest'
import type { Pod } from '../api/generated/types.ts'
import { pods } from '../api/scheme.ts'
import { StatusError } from '../api/status-error.ts'
import type { ListResult, Transport, WatchOptions, WatchSink } from '../api/transport.ts'
import { seededIds } from '../base/ids.ts'
import { silentLogger } from '../base/log.ts'
import { seededPrng } from '../base/prng.ts'
import { settled, VirtualClock } from '../base/virtual-clock.ts'
import { Reflector } from './reflector.ts'

// Faults that the real server cannot be made to show; what it does show is in
// test/informers.test.ts.

type List = (nowMs: number) => ListResult<Pod> | Error | Promise<ListResult<Pod>>

/**
 * A transport that answers lists from a script (the last entry for ever) and leaves each watch to
 * the test.
 */
class Script {
  readonly calls: string[] = []
  readonly watches: { readonly options: WatchOptions; readonly sink: WatchSink<Pod> }[] = []
  stopped = 0
  readonly clock = new VirtualClock(0)
  readonly #lists: List[]

  constructor(lists: List[]) {
    this.#lists = lists
  }

  get transport(): Transport {
    return { list: this.#list, watch: this.#watch } as unknown as Transport
  }

  get watch() {
    const newest = this.watches.at(-1)
    if (!newest) throw new Error('nothing is watched')
    return newest.sink
  }

  readonly #list = async () => {
    this.calls.push('list')
    const answer = (this.#lists.length > 1 ? this.#lists.shift() : this.#lists[0])?.(
      this.clock.now(),
    )
    if (answer instanceof Error) throw answer
    return answer
  }

  readonly #watch = (
    _resource: unknown,
    _where: unknown,
    options: WatchOptions,
    sink: WatchSink<Pod>,
  ) => {
    this.calls.push(`watch ${options.resourceVersion}`)
    this.watches.push({ options, sink })
    return { stop: () => void this.stopped++ }
  }
}

function pod(name: string, resourceVersion: string): Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, uid: name, resourceVersion } }
}

async function given(...lists: List[]) {
  const script = new Script(lists)
  const { clock } = script
  const prng = seededPrng(7)
  const heard: string[] = []
  const sink = {
    replaced: (items: readonly Pod[]) =>
      void heard.push(`all ${items.map((p) => p.metadata.name)}`),
    changed: (type: string, object: Pod) => void heard.push(`${type} ${object.metadata.name}`),
  }
  const reflector = new Reflector(
    { clock, prng, ids: seededIds(prng), log: silentLogger },
    { transport: script.transport, resource: pods, sink },
  )
  reflector.start()
  await settled()
  return { clock, script, heard, reflector }
}

const two = () => ({ resourceVersion: '5', items: [pod('a', '3'), pod('b', '4')] })
const expired = new StatusError('Expired', 'too old resource version: 5 (9)')

test("H-08: lists, then watches from the list's resourceVersion, with bookmarks and a time limit", async () => {
  const { script, heard } = await given(two)
  expect(script.calls).toEqual(['list', 'watch 5'])
  const { allowWatchBookmarks, timeoutSeconds } = script.watches[0]?.options ?? {}
  expect(allowWatchBookmarks).toBe(true)
  expect(timeoutSeconds).toBeGreaterThanOrEqual(300)
  script.watch.event({ type: 'MODIFIED', object: pod('a', '6') })
  expect(heard, 'synchronously').toEqual(['all a,b', 'MODIFIED a'])
})

test('a watch that is cut is resumed after the last event, without a list', async () => {
  const { clock, script } = await given(two)
  await clock.advance(10_000)
  script.watch.event({ type: 'DELETED', object: pod('a', '8') })
  script.watch.end(new Error('lost the connection'))
  await clock.advance(100)
  expect(script.calls).toEqual(['list', 'watch 5', 'watch 8'])
})

test('a watch that ends by its time limit is resumed at once, after the last bookmark', async () => {
  const { clock, script } = await given(two)
  await clock.advance(300_000)
  script.watch.event({ type: 'BOOKMARK', resourceVersion: '70', initialEventsEnd: false })
  script.watch.end()
  await settled()
  expect(script.calls).toEqual(['list', 'watch 5', 'watch 70'])
})

test('H-08: 410 Expired lists again at once', async () => {
  const { clock, script, heard } = await given(two, () => ({ resourceVersion: '9', items: [] }))
  await clock.advance(10_000)
  script.watch.end(expired)
  await settled()
  expect(script.calls).toEqual(['list', 'watch 5', 'list', 'watch 9'])
  expect(heard).toEqual(['all a,b', 'all '])
})

test('a server that expires every watch does not make it spin', async () => {
  const { clock, script } = await given(two)
  for (let step = 0; step < 600; step++) {
    if (script.calls.at(-1)?.startsWith('watch')) script.watch.end(expired)
    await clock.advance(100)
  }
  expect(script.watches.length).toBeGreaterThan(5)
  expect(script.watches.length).toBeLessThan(15)
})

test('failed lists are tried again, 100 ms to 30 s apart with jitter; success starts it over', async () => {
  const timesMs: number[] = []
  const { clock, script } = await given((nowMs) => {
    timesMs.push(nowMs)
    return timesMs.length < 15 ? new Error('refused') : two()
  })
  await clock.advance(400_000)
  const waitsMs = timesMs.slice(1).map((time, index) => time - (timesMs[index] ?? 0))
  waitsMs.forEach((waitMs, index) => {
    const ceilingMs = Math.min(100 * 2 ** index, 30_000)
    expect(waitMs).toBeGreaterThanOrEqual(ceilingMs / 2)
    expect(waitMs).toBeLessThanOrEqual(ceilingMs)
  })
  expect(new Set(waitsMs.slice(-5)).size, 'jitter').toBe(5)
  expect(script.calls.slice(-2)).toEqual(['list', 'watch 5'])

  script.watch.end(new Error('lost the connection'))
  await clock.advance(100)
  expect(script.calls.at(-1)).toBe('watch 5')
  expect(script.watches.length).toBe(2)
})

test('TooManyRequests is obeyed, and does not cost a list', async () => {
  const { clock, script } = await given(two)
  script.watch.end(new StatusError('TooManyRequests', 'busy', { retryAfterSeconds: 3 }))
  await clock.advance(2999)
  expect(script.calls).toEqual(['list', 'watch 5'])
  await clock.advance(1)
  expect(script.calls).toEqual(['list', 'watch 5', 'watch 5'])
})

test('stop ends the watch, and nothing is heard after it', async () => {
  const { clock, script, heard, reflector } = await given(two)
  reflector.stop()
  script.watch.event({ type: 'MODIFIED', object: pod('a', '6') })
  await clock.advance(60_000)
  expect(script.stopped).toBe(1)
  expect(script.calls).toEqual(['list', 'watch 5'])
  expect(heard).toEqual(['all a,b'])
})

test('stop during a list: its answer is ignored', async () => {
  let answer = (_list: ListResult<Pod>) => {}
  const { script, heard, reflector } = await given(
    () =>
      new Promise((resolve) => {
        answer = resolve
      }),
  )
  reflector.stop()
  answer(two())
  await settled()
  expect(script.calls).toEqual(['list'])
  expect(heard).toEqual([])
})
