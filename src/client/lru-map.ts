/** A map that forgets the entry set longest ago when it holds more than `sizeMax`. */
export class LruMap<V> {
  readonly #sizeMax: number
  readonly #entries = new Map<string, V>()

  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax
  }

  get(key: string): V | undefined {
    return this.#entries.get(key)
  }

  set(key: string, value: V): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size <= this.#sizeMax) return
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest)
      return
    }
  }
}
