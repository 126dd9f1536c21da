import type { Reach } from './reach.ts'
import { emptyTally, type Tally, withAnswer } from './tally.ts'

/** Constant traffic of a client that never asks twice: what fails has failed. */
export class Load {
  readonly #isFaulty: (version: string) => boolean
  readonly #open = new Set<Promise<void>>()
  #reach: Reach | undefined
  #timer: NodeJS.Timeout | undefined
  #tally = emptyTally

  /** `isFaulty`: whether a version is known to answer with 500 itself. */
  constructor(isFaulty: (version: string) => boolean) {
    this.#isFaulty = isFaulty
  }

  get tally(): Tally {
    return this.#tally
  }

  start(reach: Reach): void {
    this.#reach = reach
    this.#timer = setInterval(() => {
      const one = this.#one(reach).finally(() => this.#open.delete(one))
      this.#open.add(one)
    }, reach.everyMs)
  }

  /** Resolves when what is under way is answered. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(this.#open)
    this.#reach?.close()
  }

  async #one(reach: Reach): Promise<void> {
    this.#tally = withAnswer(this.#tally, await reach.ask(), this.#isFaulty)
  }
}
