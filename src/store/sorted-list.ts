/** What a SortedList holds: its key never changes. */
export interface Keyed {
  readonly key: string
}

/**
 * A full chunk is split in two. Around the square root of the largest lists expected, so that both
 * searches stay short.
 */
const chunkSizeMax = 512

/** The first index whose item's key is not below `key`. */
function lowerBound(items: readonly Keyed[], key: string): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((items[middle] as Keyed).key < key) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Items in the order of their unique keys, in sorted chunks: an insertion moves at most one chunk's
 * items, so filling it with 50,000 keys in any order takes tens of milliseconds, where one flat
 * array takes seconds.
 */
export class SortedList<T extends Keyed> {
  /** No chunk is empty; their keys do not overlap. */
  readonly #chunks: T[][] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  get(key: string): T | undefined {
    const chunk = this.#chunks[this.#chunkOf(key)]
    const found = chunk?.[lowerBound(chunk, key)]
    return found?.key === key ? found : undefined
  }

  /** Adds an item whose key is not in the list yet. */
  add(item: T): void {
    const index = this.#chunkOf(item.key)
    const chunk = this.#chunks[index]
    this.#size += 1
    if (!chunk) {
      this.#chunks.push([item])
      return
    }
    chunk.splice(lowerBound(chunk, item.key), 0, item)
    if (chunk.length > chunkSizeMax) {
      this.#chunks.splice(index + 1, 0, chunk.splice(chunkSizeMax / 2))
    }
  }

  remove(key: string): void {
    const index = this.#chunkOf(key)
    const chunk = this.#chunks[index]
    if (!chunk) return
    const at = lowerBound(chunk, key)
    if (chunk[at]?.key !== key) return
    chunk.splice(at, 1)
    this.#size -= 1
    if (chunk.length === 0) this.#chunks.splice(index, 1)
  }

  /** Items from `key` on, in order. The list must not change meanwhile. */
  *from(key: string): Generator<T> {
    let index = this.#chunkOf(key)
    let at = lowerBound(this.#chunks[index] ?? [], key)
    for (; index < this.#chunks.length; index++) {
      const chunk = this.#chunks[index] as T[]
      for (; at < chunk.length; at++) yield chunk[at] as T
      at = 0
    }
  }

  /** The index of the last chunk that starts at or below `key`; 0 when all start above it. */
  #chunkOf(key: string): number {
    let low = 0
    let high = this.#chunks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const [first] = this.#chunks[middle] as [T, ...T[]]
      if (first.key <= key) low = middle + 1
      else high = middle
    }
    return Math.max(low - 1, 0)
  }
}
