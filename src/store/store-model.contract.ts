import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keysOf, recordWatch, valued } from './store.contract.ts'
import type { Entry, Store } from './store.ts'

type Step =
  | { readonly do: 'put' | 'delete'; readonly key: string; readonly isStale: boolean }
  | { readonly do: 'list'; readonly prefix: string; readonly at: number; readonly limit: number }
  | { readonly do: 'compact' | 'watch'; readonly at: number }
  | { readonly do: 'settle' }

/** Few keys, so that they meet; some are prefixes of others. */
const key = fc.constantFrom('/a', '/a/b', '/a/b/c', '/ab', '/b', '/b/c', '')
/**
 * Where between the compaction mark and the newest revision; a double would nearly always be next
 * to 0.
 */
const share = fc.integer({ min: 0, max: 20 }).map((number) => number / 20)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('put' as const), key, isStale: rarely() }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('delete' as const), key, isStale: rarely() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('list' as const),
      prefix: key,
      at: share,
      limit: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('compact', 'watch'), at: share }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('settle' as const) }) },
)

function rarely() {
  return fc.integer({ min: 0, max: 9 }).map((number) => number === 0)
}

/** The whole past as a list of writes: slow, and plainly right. */
class Model {
  readonly writes: { readonly key: string; readonly isDelete: boolean }[] = []
  mark = 0

  /** Keys and their revisions at a revision, in order. */
  at(revision: number): [string, number][] {
    const found = new Map<string, number>()
    this.writes.slice(0, revision).forEach(({ key: written, isDelete }, index) => {
      if (isDelete) found.delete(written)
      else found.set(written, index + 1)
    })
    return [...found].sort(([left], [right]) => (left < right ? -1 : 1))
  }

  revisionOf(wanted: string): number {
    return new Map(this.at(this.writes.length)).get(wanted) ?? 0
  }
}

class Run {
  readonly #store: Store
  readonly #model = new Model()
  readonly #writing: Promise<Entry>[] = []
  readonly #watches: { readonly from: number; readonly seen: ReturnType<typeof recordWatch> }[] = []

  constructor(store: Store) {
    this.#store = store
  }

  async step(next: Step): Promise<void> {
    if (next.do === 'put' || next.do === 'delete') return this.#write(next)
    await Promise.all(this.#writing)
    if (next.do === 'list') this.#list(next)
    else if (next.do === 'watch') {
      const from = this.#readable(next.at)
      this.#watches.push({ from, seen: recordWatch(this.#store, '', from) })
    } else if (next.do === 'compact') {
      this.#model.mark = this.#readable(next.at)
      await this.#store.compact(this.#model.mark)
    }
  }

  async end(): Promise<void> {
    await Promise.all(this.#writing)
    await Promise.resolve()
    for (const { from, seen } of this.#watches) {
      expect(seen.events.map((event) => [event.revision, event.key, event.type])).toEqual(
        this.#model.writes
          .map(({ key: written, isDelete }, index) => [
            index + 1,
            written,
            isDelete ? 'delete' : 'put',
          ])
          .slice(from),
      )
    }
  }

  #readable(at: number): number {
    const { mark, writes } = this.#model
    return mark + Math.floor(at * (writes.length - mark))
  }

  /** Does not wait: writes pile up, on top of each other too. */
  async #write({
    do: type,
    key: written,
    isStale,
  }: Step & { do: 'put' | 'delete' }): Promise<void> {
    const expected = this.#model.revisionOf(written) + (isStale ? 1 : 0)
    const writing = this.#store[type](written, expected, valued(type))
    if (isStale || (type === 'delete' && expected === 0)) {
      await expect(writing).rejects.toThrow('is at revision')
      return
    }
    this.#writing.push(writing)
    this.#model.writes.push({ key: written, isDelete: type === 'delete' })
  }

  #list({ prefix, at, limit }: Step & { do: 'list' }): void {
    const revision = this.#readable(at)
    const expected = this.#model.at(revision).filter(([found]) => found.startsWith(prefix))
    const found: Entry[] = []
    for (let startAfter: string | undefined; ; startAfter = found.at(-1)?.key) {
      const page = this.#store.list(prefix, {
        revision,
        limit,
        ...(startAfter !== undefined && { startAfter }),
      })
      found.push(...page.entries)
      expect(page.remaining).toBe(expected.length - found.length)
      if (page.remaining === 0) break
    }
    expect(found.map((entry) => [entry.key, entry.revision])).toEqual(expected)
    expect(keysOf(found).map((each) => this.#store.get(each, revision))).toEqual(found)
    if (this.#model.mark > 0)
      expect(() => this.#store.get('', this.#model.mark - 1)).toThrow('compacted')
  }
}

/** Random histories against the model above. */
export function testStoreModel(
  open: () => Promise<Store>,
  options: { readonly runs: number },
): void {
  test('agrees with a naive model on random histories', async () => {
    const history = fc.array(step, { maxLength: 60, size: 'max' })
    const check = fc.asyncProperty(history, async (steps) => {
      const store = await open()
      try {
        const run = new Run(store)
        for (const next of steps) await run.step(next)
        await run.end()
      } finally {
        await store.close()
      }
    })
    await fc.assert(check, { numRuns: options.runs })
  })
}
