/**
 * A map whose list of values is made at most once per change, so that unchanged lists cost nothing.
 */
export class Bucket<T> {
  readonly #byKey = new Map<string, T>()
  #values: readonly T[] | undefined

  get size(): number {
    return this.#byKey.size
  }

  get values(): readonly T[] {
    this.#values ??= Object.freeze([...this.#byKey.values()])
    return this.#values
  }

  keys(): Iterable<string> {
    return this.#byKey.keys()
  }

  get(key: string): T | undefined {
    return this.#byKey.get(key)
  }

  set(key: string, value: T): void {
    this.#byKey.set(key, value)
    this.#values = undefined
  }

  delete(key: string): void {
    if (this.#byKey.delete(key)) this.#values = undefined
  }
}
