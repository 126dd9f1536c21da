import { randomUUID } from 'node:crypto'
import { type Prng, randomInt, systemPrng } from './prng.ts'

/** Identity as an input, so that a simulation names its objects the same way twice. */
export interface Ids {
  /** A version 4 UUID. */
  uid(): string
  /** `length` characters that cannot spell a word (C-04): the tail of a generated name. */
  suffix(length?: number): string
}

/** Upstream's vowel-free alphabet for generated names and hashes (B-11, C-04). */
export const safeAlphabet = 'bcdfghjklmnpqrstvwxz2456789'

function suffixFrom(prng: Prng, length: number): string {
  return Array.from({ length }, () => safeAlphabet[randomInt(prng, safeAlphabet.length)]).join('')
}

export const systemIds: Ids = {
  uid: () => randomUUID(),
  suffix: (length = 5) => suffixFrom(systemPrng, length),
}

export function seededIds(prng: Prng): Ids {
  const hex = (length: number) =>
    Array.from({ length }, () => randomInt(prng, 16).toString(16)).join('')
  return {
    uid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
    suffix: (length = 5) => suffixFrom(prng, length),
  }
}
