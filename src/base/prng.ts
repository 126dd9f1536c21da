/**
 * A source of randomness as an input: seeded in tests and simulation, the system's in production.
 */
export interface Prng {
  /** Uniform in [0, 1). */
  next(): number
}

/**
 * A generator with a fixed sequence per seed (mulberry32: 32 bits of state, plenty for test
 * schedules).
 */
export function seededPrng(seed: number): Prng {
  let state = seed >>> 0
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0
      let mixed = Math.imul(state ^ (state >>> 15), state | 1)
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
    },
  }
}

export const systemPrng: Prng = { next: () => Math.random() }

/** Uniform integer in [0, bound). */
export function randomInt(prng: Prng, bound: number): number {
  return Math.floor(prng.next() * bound)
}

/** One element of a list that is not empty. */
export function pick<T>(prng: Prng, from: readonly T[]): T {
  return from[randomInt(prng, from.length)] as T
}
