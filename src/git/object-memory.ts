import type { Repository } from './repository.ts'

/** Of each kind, so that a long history cannot fill the memory. */
const entriesMax = 2000
/** What is larger is no manifest, and read anew. */
export const contentBytesMax = 256 * 1024

/**
 * What was read of a repository by an id that is made of the content, and so never changes: one
 * rollback asks for the same few files of the same commits again and again, and each question is a
 * process.
 */
export class ObjectMemory<T> {
  readonly #known = new WeakMap<Repository, Map<string, T>>()

  get(repository: Repository, key: string): T | undefined {
    return this.#known.get(repository)?.get(key)
  }

  set(repository: Repository, key: string, value: T): void {
    const known = this.#known.get(repository) ?? new Map<string, T>()
    this.#known.set(repository, known)
    known.set(key, value)
    const [oldest] = known.keys()
    if (known.size > entriesMax && oldest !== undefined) known.delete(oldest)
  }
}

/** Whether a name is an id of Git's: 40 hex digits, or 64. */
export function isObjectId(name: string): boolean {
  return /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(name)
}
