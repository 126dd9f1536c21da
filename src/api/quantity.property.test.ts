import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addQuantities, compareQuantities, formatQuantity, parseQuantity } from './quantity.ts'

const suffixes = ['', 'n', 'u', 'm', 'k', 'M', 'G', 'T', 'Ki', 'Mi', 'Gi', 'Ti', 'e3', 'E-3', 'e12']
const texts = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.integer({ min: 0, max: 1_000_000 }),
    fc.option(fc.integer({ min: 0, max: 999 }), { nil: undefined }),
    fc.constantFrom(...suffixes),
  )
  .map(
    ([sign, whole, part, suffix]) =>
      `${sign}${whole}${part === undefined ? '' : `.${part}`}${suffix}`,
  )

test('canonical text has the same value, and is its own canonical text', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const quantity = parseQuantity(text)
      const canonical = formatQuantity(quantity)
      expect(parseQuantity(canonical).nanos).toBe(quantity.nanos)
      expect(formatQuantity(parseQuantity(canonical))).toBe(canonical)
    }),
  )
})

test('addition is commutative by value and agrees with comparison', () => {
  fc.assert(
    fc.property(texts, texts, (a, b) => {
      const [x, y] = [parseQuantity(a), parseQuantity(b)]
      expect(addQuantities(x, y).nanos).toBe(addQuantities(y, x).nanos)
      expect(compareQuantities(addQuantities(x, y), x)).toBe(
        compareQuantities(y, parseQuantity('0')),
      )
    }),
  )
})

test('arbitrary text either parses or is refused as no quantity', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0123456789.+-eEinumkKMGTP ') }), (text) => {
      try {
        parseQuantity(text)
      } catch (error) {
        expect(error).toHaveProperty('name', 'QuantityError')
      }
    }),
  )
})
