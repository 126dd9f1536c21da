import { expect, test } from 'vitest'
import { MvccStore } from './mvcc-store.ts'
import type { Commit, Persistence, StoredEntry } from './persistence.ts'
import { keysOf, recordWatch, remove, valued, write } from './store.contract.ts'
import { CommitFailed, type Store } from './store.ts'

/**
 * A disk whose commits end when the test says so; a failed one leaves its changes behind, as a real
 * one may.
 */
class HeldDisk implements Persistence {
  readonly commits: Commit[] = []
  readonly kept = new Map<string, StoredEntry>()
  #end: ((error?: Error) => void) | undefined

  commit(commit: Commit): Promise<void> {
    this.commits.push(commit)
    for (const [key, stored] of commit.changes) {
      if (stored) this.kept.set(key, stored)
      else this.kept.delete(key)
    }
    return new Promise((resolve, reject) => {
      this.#end = (error) => (error ? reject(error) : resolve())
    })
  }

  /** Ends the commit under way, once it has begun; returns when the store has taken note. */
  async end(error?: Error): Promise<void> {
    await ticks()
    this.#end?.(error)
    this.#end = undefined
    await ticks()
  }

  async close(): Promise<void> {}
}

function ticks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function heldStore() {
  const disk = new HeldDisk()
  const store: Store = new MvccStore(disk, { revision: 0, entries: [] }, () => undefined)
  return { disk, store }
}

/** How a promise stands now: 'waiting', 'done', or the error it rejected with. */
function track(promise: Promise<unknown>): () => unknown {
  let outcome: unknown = 'waiting'
  promise.then(
    () => {
      outcome = 'done'
    },
    (error: unknown) => {
      outcome = error
    },
  )
  return () => outcome
}

const diskFull = new Error('no space left on device')

test('a write is answered, read and watched only after its commit', async () => {
  const { disk, store } = heldStore()
  const seen = recordWatch(store, '', 0)
  const outcome = track(write(store, '/a', 'one'))
  await ticks()
  expect(disk.commits).toHaveLength(1)
  expect([outcome(), store.get('/a'), store.revision, seen.events]).toEqual([
    'waiting',
    undefined,
    0,
    [],
  ])
  await disk.end()
  expect([outcome(), store.get('/a')?.revision, store.revision]).toEqual(['done', 1, 1])
  expect(seen.events).toHaveLength(1)
})

test('what arrives while a commit is under way goes out with the next, each key once', async () => {
  const { disk, store } = heldStore()
  const seen = recordWatch(store, '', 0)
  void write(store, '/first', 'one')
  await ticks()
  const outcomes = [
    store.put('/a', 0, valued('one')),
    store.put('/a', 2, valued('two')),
    store.put('/b', 0, valued('one')),
    store.delete('/b', 4, valued('gone')),
  ].map(track)
  await disk.end()
  expect(outcomes.map((outcome) => outcome())).toEqual(Array(4).fill('waiting'))
  await disk.end()
  expect(outcomes.map((outcome) => outcome())).toEqual(Array(4).fill('done'))
  expect(disk.commits).toHaveLength(2)
  expect(disk.commits[1]?.revision).toBe(5)
  const changes = [...(disk.commits[1]?.changes ?? [])]
  expect(changes.map(([key, stored]) => [key, stored?.revision])).toEqual([
    ['/a', 3],
    ['/b', undefined],
  ])
  expect(seen.calls).toEqual([1, 4])
})

test('a refusal is not answered before the version that it names is durable', async () => {
  const { disk, store } = heldStore()
  const writing = write(store, '/a', 'one')
  const refusal = track(store.put('/a', 0, valued('other')))
  await ticks()
  expect(refusal()).toBe('waiting')
  await disk.end()
  expect(refusal()).toMatchObject({ name: 'RevisionMismatch', actual: await writing })
})

test('when a commit fails, its writes and what stands on them reject without a trace', async () => {
  const { disk, store } = heldStore()
  const created = write(store, '/a', 'one')
  await disk.end()
  await created
  const seen = recordWatch(store, '', 0)
  const group = [write(store, '/a', 'lost'), write(store, '/b', 'lost')].map(track)
  await ticks()
  const standing = track(store.put('/a', 2, valued('on top')))
  const refused = track(store.put('/b', 0, valued('refused because of what is lost')))
  const unrelated = track(write(store, '/c', 'kept'))
  await disk.end(diskFull)
  for (const outcome of [...group, standing, refused]) {
    expect(outcome()).toBeInstanceOf(CommitFailed)
    expect(outcome()).toMatchObject({ cause: diskFull })
  }
  expect(group[0]?.()).toMatchObject({
    key: '/a',
    message: 'key /a could not be written: no space left on device',
  })
  expect(keysOf(store.list('').entries)).toEqual(['/a'])
  expect(store.revision).toBe(1)
  await disk.end()
  expect(unrelated()).toBe('done')
  expect(seen.events.map((event) => [event.revision, event.key])).toEqual([
    [1, '/a'],
    [5, '/c'],
  ])
})

test('the commit after a failed one removes what that left on the disk', async () => {
  const { disk, store } = heldStore()
  const created = Promise.all(['/a', '/b', '/c'].map((key) => write(store, key, 'one')))
  await disk.end()
  await created
  const lost = [write(store, '/a', 'lost'), remove(store, '/b'), write(store, '/new', 'lost')]
  const outcomes = lost.map(track)
  await disk.end(diskFull)
  expect(outcomes.map((outcome) => (outcome() as Error).name)).toEqual(
    Array(3).fill('CommitFailed'),
  )
  expect(disk.kept.get('/a')?.revision).toBe(4)
  const next = write(store, '/a', 'two')
  await disk.end()
  expect((await next).revision).toBe(7)
  const kept = [...disk.kept.values()].map(({ key, revision }) => [key, revision])
  expect(kept.sort()).toEqual([
    ['/a', 7],
    ['/b', 2],
    ['/c', 3],
  ])
})

test('closing removes what a failed commit left on the disk', async () => {
  const { disk, store } = heldStore()
  const lost = track(write(store, '/a', 'lost'))
  await disk.end(diskFull)
  expect(lost()).toBeInstanceOf(CommitFailed)
  expect(disk.kept.size).toBe(1)
  const closing = store.close()
  await disk.end()
  await closing
  expect(disk.kept.size).toBe(0)
  expect(disk.commits.at(-1)?.revision).toBe(1)
})
