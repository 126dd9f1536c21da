import { describe, expect, test } from 'vitest'
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  QuantityError,
} from './quantity.ts'

const canonical = (text: string) => formatQuantity(parseQuantity(text))

// Pairs as in the documentation and tests of apimachinery's resource.Quantity.
describe('canonical text', () => {
  test.each([
    ['1Ki', '1Ki'],
    ['1024Mi', '1Gi'],
    ['307200Ki', '300Mi'],
    ['1025024Mi', '1001Gi'],
    ['1.5Gi', '1536Mi'],
    ['0.5Gi', '512Mi'],
    ['1025', '1025'],
    ['.001Ki', '1024m'],
    ['.000001Ki', '1024u'],
    ['.000000001Ki', '1024n'],
    ['.000000000001Ki', '2n'],
    ['1000M', '1G'],
    ['0.001T', '1G'],
    ['1.5', '1500m'],
    ['0.5', '500m'],
    ['1.08', '1080m'],
    ['1080000000n', '1080m'],
    ['1000u', '1m'],
    ['5000m', '5'],
    ['1234567M', '1234567M'],
    ['100', '100'],
    ['+5', '5'],
    ['1.G', '1G'],
    ['.001e12', '1e9'],
    ['0.001e0', '1e-3'],
    ['1000e-12', '1e-9'],
    ['80e-3', '80e-3'],
    ['12E6', '12e6'],
    ['12E', '12E'],
    ['1e21', '1e21'],
    ['00', '0'],
    ['0Ki', '0'],
    ['0.1n', '1n'],
    ['16Ei', '9223372036854775807'],
  ])('%s is %s', (text, expected) => {
    expect(canonical(text)).toBe(expected)
    if (expected !== '0' && !text.startsWith('+'))
      expect(canonical(`-${text}`)).toBe(`-${expected}`)
  })
})

describe('what is no quantity', () => {
  const format =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
  test.each([
    ['', format],
    ['abc', format],
    ['1 Gi', format],
    ['1..5', format],
    ['--1', "unable to parse quantity's suffix"],
    ['1Gib', format],
    ['1K', "unable to parse quantity's suffix"],
    ['1e', "unable to parse quantity's suffix"],
    ['1GG', "unable to parse quantity's suffix"],
    ['1e999999999', "unable to parse quantity's suffix"],
    ['.', 'unable to parse numeric part of quantity'],
  ])('%j', (text, message) => {
    expect(() => parseQuantity(text)).toThrow(new QuantityError(message))
  })
})

test('amounts compare by value, whatever their form', () => {
  const compare = (a: string, b: string) => compareQuantities(parseQuantity(a), parseQuantity(b))
  expect(compare('1', '1000m')).toBe(0)
  expect(compare('1Gi', '1G')).toBe(1)
  expect(compare('-1', '1m')).toBe(-1)
  expect(compare('9007199254740993', '9007199254740992')).toBe(1)
})

test('sums keep the form of the first that is not zero', () => {
  const sum = (a: string, b: string) =>
    formatQuantity(addQuantities(parseQuantity(a), parseQuantity(b)))
  expect(sum('512Mi', '512Mi')).toBe('1Gi')
  expect(sum('0', '1Gi')).toBe('1Gi')
  expect(sum('100m', '0')).toBe('100m')
  expect(sum('900m', '0.1')).toBe('1')
})
