import { type KubeObject, keyText, type ObjectKey } from '../api/object.ts'
import { assert } from '../base/assert.ts'
import { Bucket } from './bucket.ts'
import type { IndexFunction, Lister } from './lister.ts'

/** Objects found by the values of one index function; empty buckets do not stay. */
class Index<T extends KubeObject> {
  readonly valuesOf: IndexFunction<T>
  readonly #buckets = new Map<string, Bucket<T>>()

  constructor(valuesOf: IndexFunction<T>) {
    this.valuesOf = valuesOf
  }

  list(value: string): readonly T[] {
    return this.#buckets.get(value)?.values ?? []
  }

  replace(key: string, previous: T | undefined, next: T | undefined): void {
    const values = next ? this.valuesOf(next) : []
    for (const value of previous ? this.valuesOf(previous) : []) {
      if (!values.includes(value)) this.#remove(key, value)
    }
    for (const value of values) this.#bucket(value).set(key, next as T)
  }

  #bucket(value: string): Bucket<T> {
    const bucket = this.#buckets.get(value) ?? new Bucket<T>()
    this.#buckets.set(value, bucket)
    return bucket
  }

  #remove(key: string, value: string): void {
    const bucket = this.#buckets.get(value)
    bucket?.delete(key)
    if (bucket?.size === 0) this.#buckets.delete(value)
  }
}

/**
 * Objects by key, by namespace and by the indexes that were added. Work per change does not grow
 * with the number of objects.
 */
export class Cache<T extends KubeObject> implements Lister<T> {
  readonly #all = new Bucket<T>()
  readonly #byNamespace = new Index<T>((object) => [object.metadata.namespace ?? ''])
  readonly #indexes = new Map<string, Index<T>>()

  get(key: ObjectKey): T | undefined {
    return this.#all.get(keyText(key))
  }

  list(namespace?: string): readonly T[] {
    return namespace === undefined ? this.#all.values : this.#byNamespace.list(namespace)
  }

  byIndex(index: string, value: string): readonly T[] {
    const found = this.#indexes.get(index)
    assert(found, `no index ${index} was added`)
    return found.list(value)
  }

  /** The keys, as texts. */
  keys(): readonly string[] {
    return [...this.#all.keys()]
  }

  /** Indexes what is cached already too. A name that is taken keeps its function. */
  addIndex(name: string, valuesOf: IndexFunction<T>): void {
    const known = this.#indexes.get(name)
    assert(!known || known.valuesOf === valuesOf, `two different indexes are called ${name}`)
    if (known) return
    const index = new Index(valuesOf)
    for (const key of this.#all.keys()) index.replace(key, undefined, this.#all.get(key))
    this.#indexes.set(name, index)
  }

  /** Puts `next` in the place of what the key holds, or empties the place; returns what it held. */
  replace(key: string, next: T | undefined): T | undefined {
    const previous = this.#all.get(key)
    if (next) this.#all.set(key, next)
    else this.#all.delete(key)
    this.#byNamespace.replace(key, previous, next)
    for (const index of this.#indexes.values()) index.replace(key, previous, next)
    return previous
  }
}
