import { StatusError } from '../../api/status-error.ts'
import { type Identity, isMaster } from '../auth/identity.ts'
import type { Limits } from './limits.ts'

/** What a request costs while it lasts. */
export type Load = 'reading' | 'writing' | 'lasting'

/**
 * Counts the requests that are under way. Reads and writes are bounded together for everybody but
 * the masters, who have to get through to an overloaded server; watches and other requests that
 * last are bounded for each user.
 */
export class InFlight {
  readonly #limits: Limits
  readonly #lasting = new Map<string, number>()
  #reading = 0
  #writing = 0

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /** Returns what is to be called when the request is over. Throws 429. */
  enter(identity: Identity, load: Load): () => void {
    if (load === 'lasting') return this.#enterLasting(identity.user)
    if (isMaster(identity)) return () => {}
    return load === 'reading' ? this.#enterReading() : this.#enterWriting()
  }

  #enterReading(): () => void {
    if (this.#reading >= this.#limits.readsMax) throw tooMany()
    this.#reading += 1
    return () => {
      this.#reading -= 1
    }
  }

  #enterWriting(): () => void {
    if (this.#writing >= this.#limits.writesMax) throw tooMany()
    this.#writing += 1
    return () => {
      this.#writing -= 1
    }
  }

  #enterLasting(user: string): () => void {
    const count = this.#lasting.get(user) ?? 0
    if (count >= this.#limits.watchesPerUserMax) throw tooMany()
    this.#lasting.set(user, count + 1)
    return () => {
      const left = (this.#lasting.get(user) ?? 1) - 1
      if (left === 0) this.#lasting.delete(user)
      else this.#lasting.set(user, left)
    }
  }
}

function tooMany(): StatusError {
  const details = { retryAfterSeconds: 1 }
  return new StatusError('TooManyRequests', 'Too many requests, please try again later.', details)
}
