import type { Logger } from '../../../base/log.ts'
import { deleteTree } from './delete-tree.ts'

const quietMs = 300
/** However much goes on. */
const delayMsMax = 3_000

interface Deletion {
  readonly path: string
  readonly then: () => void
}

/**
 * Deletes directories when no more have come for a while, one after the other: a pod leaves a dozen
 * behind, each of which costs the file system more than the start of the next pod has time for.
 */
export class LaterDeletions {
  readonly #log: Logger
  #waiting: Deletion[] = []
  #timer: NodeJS.Timeout | undefined
  #dueMsMax = 0
  #running: Promise<void> | undefined
  #deleting: string | undefined

  constructor(log: Logger) {
    this.#log = log
  }

  isWaiting(path: string): boolean {
    return this.#deleting === path || this.#waiting.some((one) => one.path === path)
  }

  /** `then` is called when all of `path` is gone. */
  add(path: string, then: () => void): void {
    this.#waiting.push({ path, then })
    const nowMs = performance.now()
    if (this.#timer) clearTimeout(this.#timer)
    else this.#dueMsMax = nowMs + delayMsMax
    const delayMs = Math.max(Math.min(quietMs, this.#dueMsMax - nowMs), 0)
    this.#timer = setTimeout(() => void this.settle(), delayMs)
  }

  /** Resolves when all that were added are gone. */
  async settle(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#running = this.#deleteAll(this.#running)
    await this.#running
  }

  async #deleteAll(before: Promise<void> | undefined): Promise<void> {
    await before
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      const { path, then } = next
      this.#deleting = path
      await deleteTree(path).then(then, (error) =>
        this.#log.error('files of a pod could not be deleted', { path, error: String(error) }),
      )
    }
    this.#deleting = undefined
  }
}
