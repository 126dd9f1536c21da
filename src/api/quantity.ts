/** How a quantity was written, and how its canonical text will be: 1Gi, 1G, or 1e9. */
export type QuantityFormat = 'binary' | 'decimal' | 'exponent'

/** An exact amount: `nanos` billionths of a unit. Finer amounts are rounded away from zero. */
export interface Quantity {
  readonly nanos: bigint
  readonly format: QuantityFormat
}

/** A text that is no quantity; the message is upstream's. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError'
}

const wrongFormat =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
const wrongSuffix = "unable to parse quantity's suffix"
const wrongNumber = 'unable to parse numeric part of quantity'

const grammar = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/
const nanosPerUnit = 1_000_000_000n
const maxBinaryNanos = (2n ** 63n - 1n) * nanosPerUnit
/** From n to E. */
const largestDecimalSteps = 9
/** Far above what any amount needs; keeps `1e999999999` from becoming a number of that size. */
const maxExponent = 100

const decimalExponents: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
}
const binaryPowers: Readonly<Record<string, number>> = { Ki: 1, Mi: 2, Gi: 3, Ti: 4, Pi: 5, Ei: 6 }

interface Suffix {
  readonly format: QuantityFormat
  readonly exponent: number
}

function parseSuffix(text: string): Suffix {
  const decimal = decimalExponents[text]
  if (decimal !== undefined) return { format: 'decimal', exponent: decimal }
  const binary = binaryPowers[text]
  if (binary !== undefined) return { format: 'binary', exponent: binary }
  if (!/^[eE][-+]?[0-9]+$/.test(text)) throw new QuantityError(wrongSuffix)
  const exponent = Number(text.slice(1))
  if (Math.abs(exponent) > maxExponent) throw new QuantityError(wrongSuffix)
  return { format: 'exponent', exponent }
}

/** `numerator / denominator`, rounded up: someone who asks for very little gets something. */
function divideUp(numerator: bigint, denominator: bigint): bigint {
  return (numerator + denominator - 1n) / denominator
}

/** Billionths in `digits / 10^places` units of the suffix. */
function toNanos(digits: bigint, places: number, { format, exponent }: Suffix): bigint {
  if (format === 'binary') {
    const units = digits * 1024n ** BigInt(exponent)
    const nanos = divideUp(units * nanosPerUnit, 10n ** BigInt(places))
    return nanos > maxBinaryNanos ? maxBinaryNanos : nanos
  }
  const shift = exponent - places + 9
  return shift >= 0 ? digits * 10n ** BigInt(shift) : divideUp(digits, 10n ** BigInt(-shift))
}

/** Throws QuantityError. */
export function parseQuantity(text: string): Quantity {
  const match = grammar.exec(text)
  if (text === '' || match === null) throw new QuantityError(wrongFormat)
  const [, sign = '', whole = '', fraction = '', suffixText = ''] = match
  const suffix = parseSuffix(suffixText)
  if (whole === '' && fraction === '') throw new QuantityError(wrongNumber)
  const magnitude = toNanos(BigInt(whole + fraction), fraction.length, suffix)
  return { nanos: sign === '-' ? -magnitude : magnitude, format: suffix.format }
}

/** -1, 0 or 1. */
export function compareQuantities(a: Quantity, b: Quantity): -1 | 0 | 1 {
  if (a.nanos === b.nanos) return 0
  return a.nanos < b.nanos ? -1 : 1
}

/** The sum in the format of the first that is not zero. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nanos: a.nanos + b.nanos, format: a.nanos === 0n ? b.format : a.format }
}

/** Divides by `base` as often as it goes without remainder, `limit` times at most. */
function removeFactors(
  value: bigint,
  base: bigint,
  limit: number,
): { rest: bigint; count: number } {
  let rest = value
  let count = 0
  while (count < limit && rest % base === 0n) {
    rest /= base
    count += 1
  }
  return { rest, count }
}

function suffixFor(table: Readonly<Record<string, number>>, exponent: number): string {
  return Object.keys(table).find((suffix) => table[suffix] === exponent) ?? ''
}

function formatDecimal(nanos: bigint, format: QuantityFormat): string {
  const limit = format === 'exponent' ? Number.POSITIVE_INFINITY : largestDecimalSteps
  const { rest, count } = removeFactors(nanos, 1000n, limit)
  const exponent = count * 3 - 9
  if (format !== 'exponent') return `${rest}${suffixFor(decimalExponents, exponent)}`
  return exponent === 0 ? `${rest}` : `${rest}e${exponent}`
}

/**
 * The canonical text: no fraction, no lost precision, the largest suffix that fits (`1024Mi` is
 * `1Gi`, `0.5` is `500m`).
 */
export function formatQuantity({ nanos, format }: Quantity): string {
  if (nanos === 0n) return '0'
  const isSmall = nanos > -1024n * nanosPerUnit && nanos < 1024n * nanosPerUnit
  if (format !== 'binary') return formatDecimal(nanos, format)
  if (isSmall || nanos % nanosPerUnit !== 0n) return formatDecimal(nanos, 'decimal')
  const { rest, count } = removeFactors(nanos / nanosPerUnit, 1024n, 6)
  return `${rest}${suffixFor(binaryPowers, count)}`
}
