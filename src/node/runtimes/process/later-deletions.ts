import type { Context } from '../../../base/context.ts'
import { QuietTimer } from '../../../base/quiet-timer.ts'
import { deleteTree } from './delete-tree.ts'

const times = { quietMs: 300, delayMsMax: 3_000 }

interface Deletion {
  readonly path: string
  readonly then: () => void
}

/**
 * Deletes directories when no more have come for a while, one after the other: a pod leaves a dozen
 * behind, each of which costs the file system more than the start of the next pod has time for.
 */
export class LaterDeletions {
  readonly #context: Pick<Context, 'clock' | 'log'>
  readonly #timer: QuietTimer
  #waiting: Deletion[] = []
  #running: Promise<void> | undefined
  #deleting: string | undefined

  constructor(context: Pick<Context, 'clock' | 'log'>) {
    this.#context = context
    this.#timer = new QuietTimer(context.clock, times, () => void this.settle())
  }

  isWaiting(path: string): boolean {
    return this.#deleting === path || this.#waiting.some((one) => one.path === path)
  }

  /** `then` is called when all of `path` is gone. */
  add(path: string, then: () => void): void {
    this.#waiting.push({ path, then })
    this.#timer.touch()
  }

  /** Resolves when all that were added are gone. */
  async settle(): Promise<void> {
    this.#timer.cancel()
    this.#running = this.#deleteAll(this.#running)
    await this.#running
  }

  async #deleteAll(before: Promise<void> | undefined): Promise<void> {
    await before
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      const { path, then } = next
      this.#deleting = path
      await deleteTree(path).then(then, (error) =>
        this.#context.log.error('files of a pod could not be deleted', {
          path,
          error: String(error),
        }),
      )
    }
    this.#deleting = undefined
  }
}
