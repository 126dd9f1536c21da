import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  type Quantity,
} from '../quantity.ts'

/** How much of what: by the name of what is counted. */
export type Amounts = ReadonlyMap<string, Quantity>

type AmountTexts = { readonly [name: string]: string }

export function count(number: number): Quantity {
  return { nanos: BigInt(number) * 1_000_000_000n, format: 'decimal' }
}

export function parseAmounts(texts: AmountTexts = {}): Amounts {
  return new Map(Object.entries(texts).map(([name, text]) => [name, parseQuantity(text)]))
}

/** By name, as canonical text. */
export function formatAmounts(amounts: Amounts): AmountTexts {
  return Object.fromEntries(
    [...amounts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, q]) => [name, formatQuantity(q)]),
  )
}

export function addAmounts(a: Amounts, b: Amounts): Amounts {
  const sum = new Map(a)
  for (const [name, quantity] of b) {
    const present = sum.get(name)
    sum.set(name, present ? addQuantities(present, quantity) : quantity)
  }
  return sum
}

/** Of each the larger. */
export function maxAmounts(a: Amounts, b: Amounts): Amounts {
  const larger = new Map(a)
  for (const [name, quantity] of b) {
    const present = larger.get(name)
    if (!present || compareQuantities(present, quantity) < 0) larger.set(name, quantity)
  }
  return larger
}

/** What `next` has more than `previous`: only what grew. */
export function growth(next: Amounts, previous: Amounts): Amounts {
  const grown = new Map<string, Quantity>()
  for (const [name, quantity] of next) {
    const nanos = quantity.nanos - (previous.get(name)?.nanos ?? 0n)
    if (nanos > 0n) grown.set(name, { ...quantity, nanos })
  }
  return grown
}
