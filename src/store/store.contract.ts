import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type Entry,
  RevisionMismatch,
  RevisionUnavailable,
  type Store,
  StoreClosed,
  type StoreEvent,
  type Value,
} from './store.ts'

/** A value that says where it came from. */
export function valued(text: string): (revision: number) => Value {
  return (revision) => {
    const object = Object.freeze({ text, revision })
    return { bytes: new TextEncoder().encode(JSON.stringify(object)), object }
  }
}

/** Writes whatever the key's revision is. */
export function write(store: Store, key: string, text: string): Promise<Entry> {
  return store.put(key, store.get(key)?.revision ?? 0, valued(text))
}

export function remove(store: Store, key: string): Promise<Entry> {
  return store.delete(key, store.get(key)?.revision ?? 0, valued('gone'))
}

export function recordWatch(store: Store, prefix: string, revision: number) {
  const events: StoreEvent[] = []
  const calls: number[] = []
  const ends: Error[] = []
  const watch = store.watch(prefix, revision, {
    events: (some) => {
      events.push(...some)
      calls.push(some.length)
    },
    end: (error) => ends.push(error),
  })
  return { events, calls, ends, stop: () => watch.stop() }
}

export function keysOf(entries: readonly Entry[]): string[] {
  return entries.map((entry) => entry.key)
}

function textOf(entry: Entry | undefined): string | undefined {
  return (entry?.object as { readonly text: string } | undefined)?.text
}

function brief(event: StoreEvent) {
  return `${event.revision} ${event.type} ${event.key} ${textOf(event.previous)}>${textOf(event.entry)}`
}

/** What every Store promises; `open` gives an empty one. */
export function describeStore(name: string, open: () => Promise<Store>): void {
  describe(name, () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())
    describeWrites(() => store)
    describeReads(() => store)
    describeWatches(() => store)
    describeCompaction(() => store)
    describeClosing(() => store)
  })
}

function describeWrites(current: () => Store): void {
  describe('put and delete', () => {
    test('every write gets the next revision, one count for all keys', async () => {
      const store = current()
      expect(store.revision).toBe(0)
      const first = await write(store, '/a', 'one')
      const second = await write(store, '/b', 'one')
      const third = await write(store, '/a', 'two')
      const fourth = await remove(store, '/b')
      expect([first, second, third, fourth].map((entry) => entry.revision)).toEqual([1, 2, 3, 4])
      expect(store.revision).toBe(4)
    })

    test('make is told the revision of the write and forms what is stored', async () => {
      const store = current()
      await write(store, '/a', 'one')
      const entry = await write(store, '/a', 'two')
      expect(entry).toMatchObject({ key: '/a', revision: 2, createRevision: 1 })
      expect(entry.object).toEqual({ text: 'two', revision: 2 })
      expect(new TextDecoder().decode(entry.bytes)).toBe('{"text":"two","revision":2}')
      expect(store.get('/a')).toBe(entry)
      expect(Object.isFrozen(entry)).toBe(true)
    })

    test('make is called before put returns', () => {
      let revision = 0
      const done = current().put('/a', 0, (given) => {
        revision = given
        return valued('one')(given)
      })
      expect(revision).toBe(1)
      return done
    })

    test('what make throws, the write rejects with, and nothing is written', async () => {
      const store = current()
      const refusal = new Error('no such value')
      const refuse = () => {
        throw refusal
      }
      await expect(store.put('/a', 0, refuse)).rejects.toBe(refusal)
      expect(store.get('/a')).toBeUndefined()
      await write(store, '/a', 'one')
      await expect(store.delete('/a', 1, refuse)).rejects.toBe(refusal)
      expect(textOf(store.get('/a'))).toBe('one')
    })

    test('make must not write', async () => {
      const store = current()
      const nested = store.put('/a', 0, (revision) => {
        void store.put('/b', 0, valued('inner')).catch(() => undefined)
        return valued('outer')(revision)
      })
      expect((await nested).revision).toBe(1)
      expect(keysOf(store.list('/').entries)).toEqual(['/a'])
    })

    test.each([
      ['create of a key that exists', 0],
      ['an old revision', 1],
      ['a revision from the future', 9],
    ])('%s is refused with the newest version', async (_, expected) => {
      const store = current()
      await write(store, '/a', 'one')
      const newest = await write(store, '/a', 'two')
      for (const refused of [
        store.put('/a', expected, valued('x')),
        store.delete('/a', expected, valued('x')),
      ]) {
        const error = await refused.catch((caught: unknown) => caught)
        expect(error).toBeInstanceOf(RevisionMismatch)
        expect(error).toMatchObject({ key: '/a', actual: newest })
      }
      expect(store.revision).toBe(2)
    })

    test('a key that does not exist cannot be updated or deleted', async () => {
      const store = current()
      for (const refused of [
        store.put('/a', 3, valued('x')),
        store.delete('/a', 3, valued('x')),
        store.delete('/a', 0, valued('x')),
      ]) {
        await expect(refused).rejects.toMatchObject({ name: 'RevisionMismatch', actual: undefined })
      }
      expect(store.revision).toBe(0)
    })

    test('of writers with the same expectation exactly one wins', async () => {
      const store = current()
      const results = await Promise.allSettled(
        Array.from({ length: 20 }, (_, index) => store.put('/a', 0, valued(`${index}`))),
      )
      expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
      expect(textOf(store.get('/a'))).toBe('0')
    })

    test('a write may stand on one that is still on its way', async () => {
      const store = current()
      const entries = await Promise.all([
        store.put('/a', 0, valued('one')),
        store.put('/a', 1, valued('two')),
        store.delete('/a', 2, valued('gone')),
        store.put('/a', 0, valued('again')),
      ])
      expect(entries.map((entry) => entry.revision)).toEqual([1, 2, 3, 4])
      expect(entries.map((entry) => entry.createRevision)).toEqual([1, 1, 1, 4])
    })

    test('readers see a write neither before it is answered nor later than that', async () => {
      const store = current()
      const writing = write(store, '/a', 'one')
      expect(store.get('/a')).toBeUndefined()
      expect(store.list('').entries).toEqual([])
      expect(store.revision).toBe(0)
      const entry = await writing
      expect(store.get('/a')).toBe(entry)
    })

    test('delete resolves with the last version as make formed it from the one before', async () => {
      const store = current()
      const created = await write(store, '/a', 'one')
      const gone = await store.delete('/a', 1, (revision, last) => {
        expect(last).toBe(created)
        return valued('last words')(revision)
      })
      expect(gone).toMatchObject({ key: '/a', revision: 2, createRevision: 1 })
      expect(gone.object).toEqual({ text: 'last words', revision: 2 })
      expect(store.get('/a')).toBeUndefined()
      expect(await write(store, '/a', 'again')).toMatchObject({ revision: 3, createRevision: 3 })
    })
  })
}

function describeReads(current: () => Store): void {
  describe('get and list', () => {
    beforeEach(async () => {
      const store = current()
      for (const key of ['/b/2', '/a/1', '/b/10', '/c', '/b/1', '/b'])
        await write(store, key, 'old')
      await write(store, '/b/1', 'new')
      await remove(store, '/b/2')
    })

    test.each([
      ['the empty prefix lists all, in order', '', ['/a/1', '/b', '/b/1', '/b/10', '/c']],
      ['a prefix', '/b/', ['/b/1', '/b/10']],
      ['a prefix that is a key', '/b', ['/b', '/b/1', '/b/10']],
      ['a prefix of nothing', '/bb', []],
    ])('%s', (_, prefix, keys) => {
      const page = current().list(prefix)
      expect(keysOf(page.entries)).toEqual(keys)
      expect(page).toMatchObject({ revision: 8, remaining: 0 })
    })

    test.each([
      { prefix: '/b', startAfter: '/b/1', keys: ['/b/10'] },
      { prefix: '', startAfter: '/b/2', keys: ['/c'] },
      { prefix: '/b/', startAfter: '/a', keys: ['/b/1', '/b/10'] },
      { prefix: '/b', startAfter: '/b', keys: ['/b/1', '/b/10'] },
      { prefix: '/b/', startAfter: '/d', keys: [] },
    ])('after $startAfter, $prefix lists $keys', ({ prefix, startAfter, keys }) => {
      expect(keysOf(current().list(prefix, { startAfter }).entries)).toEqual(keys)
    })

    test('pages at one revision show one state, whatever is written between them', async () => {
      const store = current()
      const first = store.list('', { limit: 2 })
      expect(keysOf(first.entries)).toEqual(['/a/1', '/b'])
      expect(first).toMatchObject({ revision: 8, remaining: 3 })
      await remove(store, '/b/1')
      await write(store, '/b/0', 'late')
      const second = store.list('', { limit: 2, startAfter: '/b', revision: first.revision })
      expect(keysOf(second.entries)).toEqual(['/b/1', '/b/10'])
      expect(second).toMatchObject({ revision: 8, remaining: 1 })
      const last = store.list('', { limit: 2, startAfter: '/b/10', revision: first.revision })
      expect(keysOf(last.entries)).toEqual(['/c'])
      expect(last).toMatchObject({ revision: 8, remaining: 0 })
    })

    test('an older revision shows what was there then', () => {
      const store = current()
      expect(store.get('/b/1', 4)).toBeUndefined()
      expect(textOf(store.get('/b/1', 5))).toBe('old')
      expect(textOf(store.get('/b/1', 7))).toBe('new')
      expect(textOf(store.get('/b/2', 7))).toBe('old')
      expect(store.get('/b/2', 8)).toBeUndefined()
      expect(keysOf(store.list('/b', { revision: 3 }).entries)).toEqual(['/b/10', '/b/2'])
      expect(store.list('', { revision: 0 }).entries).toEqual([])
    })

    test('a revision above the newest is in the future', () => {
      const store = current()
      for (const read of [() => store.get('/b', 9), () => store.list('/b', { revision: 9 })]) {
        expect(read).toThrow(RevisionUnavailable)
        expect(read).toThrow('revision 9 is in the future; current is 8')
      }
    })
  })
}

function describeWatches(current: () => Store): void {
  describe('watch', () => {
    test('gives what already happened after the revision, then what happens, each once', async () => {
      const store = current()
      await write(store, '/a', 'one')
      await write(store, '/a', 'two')
      await remove(store, '/a')
      const seen = recordWatch(store, '/', 1)
      expect(seen.events).toEqual([])
      await write(store, '/a', 'three')
      expect(seen.events.map(brief)).toEqual([
        '2 put /a one>two',
        '3 delete /a two>gone',
        '4 put /a undefined>three',
      ])
    })

    test('from the newest revision gives only what happens later', async () => {
      const store = current()
      await write(store, '/a', 'one')
      const seen = recordWatch(store, '/', store.revision)
      await Promise.resolve()
      expect(seen.calls).toEqual([])
      await write(store, '/a', 'two')
      expect(seen.events.map(brief)).toEqual(['2 put /a one>two'])
    })

    test('gives only keys with the prefix', async () => {
      const store = current()
      const seen = recordWatch(store, '/b/', 0)
      for (const key of ['/a', '/b', '/b/1', '/c']) await write(store, key, 'one')
      expect(keysOf(seen.events.map((event) => event.entry))).toEqual(['/b/1'])
    })

    test('events carry the entries that readers get', async () => {
      const store = current()
      const seen = recordWatch(store, '', 0)
      const entry = await write(store, '/a', 'one')
      const gone = await remove(store, '/a')
      expect(seen.events).toEqual([
        { type: 'put', revision: 1, key: '/a', entry, previous: undefined },
        { type: 'delete', revision: 2, key: '/a', entry: gone, previous: entry },
      ])
      expect(seen.events[0]?.entry).toBe(entry)
    })

    test('events come in order of revision, not before they can be read', async () => {
      const store = current()
      const revisions: number[] = []
      const watch = store.watch('', 0, {
        events: (events) => {
          expect(store.revision).toBeGreaterThanOrEqual(events.at(-1)?.revision ?? 0)
          for (const event of events) revisions.push(event.revision)
        },
        end: () => {},
      })
      await Promise.all(Array.from({ length: 50 }, (_, index) => write(store, `/${index}`, 'x')))
      expect(revisions).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
      watch.stop()
    })

    test('is never called within the caller’s own write, and may write and watch itself', async () => {
      const store = current()
      let isInside = false
      const echo = store.watch('/a', 0, {
        events: () => {
          expect(isInside).toBe(false)
          isInside = true
          void write(store, '/b', 'echo')
          recordWatch(store, '', 0)
          isInside = false
        },
        end: () => {},
      })
      const seen = recordWatch(store, '/b', 0)
      isInside = true
      const writing = write(store, '/a', 'one')
      isInside = false
      await writing
      await write(store, '/c', 'later')
      expect(seen.events.map(brief)).toEqual(['2 put /b undefined>echo'])
      echo.stop()
    })

    test('is silent after stop, the event under delivery included', async () => {
      const store = current()
      const stopped = recordWatch(store, '', 0)
      await write(store, '/a', 'one')
      stopped.stop()
      const early = recordWatch(store, '', 0)
      early.stop()
      await write(store, '/a', 'two')
      expect(stopped.events).toHaveLength(1)
      expect(early.events).toEqual([])
      expect([...stopped.ends, ...early.ends]).toEqual([])
    })

    test('from a revision above the newest is refused', () => {
      expect(() => recordWatch(current(), '', 1)).toThrow('revision 1 is in the future')
    })
  })
}

function describeCompaction(current: () => Store): void {
  describe('compact', () => {
    beforeEach(async () => {
      const store = current()
      await write(store, '/a', 'one')
      await write(store, '/b', 'one')
      await write(store, '/a', 'two')
      await remove(store, '/b')
      await write(store, '/a', 'three')
    })

    test('below the mark nothing can be read or watched; at it and above all can', async () => {
      const store = current()
      await store.compact(3)
      for (const refused of [
        () => store.get('/a', 2),
        () => store.list('', { revision: 2 }),
        () => recordWatch(store, '', 2),
      ]) {
        expect(refused).toThrow(RevisionUnavailable)
        expect(refused).toThrow('revision 2 is compacted; current is 5')
      }
      expect(textOf(store.get('/a', 3))).toBe('two')
      expect(keysOf(store.list('', { revision: 3 }).entries)).toEqual(['/a', '/b'])
      const seen = recordWatch(store, '', 3)
      await Promise.resolve()
      expect(seen.events.map((event) => event.revision)).toEqual([4, 5])
    })

    test('current versions stay', async () => {
      const store = current()
      await store.compact(5)
      expect(textOf(store.get('/a'))).toBe('three')
      expect(store.get('/b')).toBeUndefined()
      expect(store.list('')).toMatchObject({ revision: 5, remaining: 0 })
      expect(await write(store, '/b', 'again')).toMatchObject({ revision: 6, createRevision: 6 })
    })

    test('at or below an earlier mark does nothing', async () => {
      const store = current()
      await store.compact(4)
      await store.compact(2)
      expect(() => store.get('/a', 3)).toThrow('compacted')
      expect(textOf(store.get('/a', 4))).toBe('two')
    })

    test('above the newest revision is refused', async () => {
      await expect(current().compact(6)).rejects.toThrow('revision 6 is in the future')
    })

    test('takes no event from a watch that is open', async () => {
      const store = current()
      const seen = recordWatch(store, '', 0)
      await store.compact(5)
      await write(store, '/c', 'one')
      expect(seen.events.map((event) => event.revision)).toEqual([1, 2, 3, 4, 5, 6])
    })
  })
}

function describeClosing(current: () => Store): void {
  describe('close', () => {
    test('waits for writes on their way, then ends watches and refuses writes', async () => {
      const store = current()
      const seen = recordWatch(store, '', 0)
      const writing = write(store, '/a', 'one')
      const closing = store.close()
      await expect(write(store, '/b', 'late')).rejects.toBeInstanceOf(StoreClosed)
      expect(() => recordWatch(store, '', 0)).toThrow(StoreClosed)
      await closing
      expect((await writing).revision).toBe(1)
      expect(seen.events).toHaveLength(1)
      expect(seen.ends).toEqual([expect.any(StoreClosed)])
      expect(textOf(store.get('/a'))).toBe('one')
    })

    test('twice is once', async () => {
      const store = current()
      const seen = recordWatch(store, '', 0)
      await Promise.all([store.close(), store.close()])
      await store.close()
      expect(seen.ends).toHaveLength(1)
    })
  })
}
