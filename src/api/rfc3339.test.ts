import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalTimestamp, TimestampError } from './rfc3339.ts'

describe('the form in which a time is kept', () => {
  test.each([
    ['2026-01-31T23:59:59Z', '2026-01-31T23:59:59Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00Z'],
    ['2026-01-01T01:30:00+02:00', '2025-12-31T23:30:00Z'],
    ['2026-01-01T00:00:00.999999999Z', '2026-01-01T00:00:00Z'],
    ['2026-01-01T00:00:00,5-01:00', '2026-01-01T01:00:00Z'],
  ])('%s is %s', (text, expected) => {
    expect(canonicalTimestamp(text, 'seconds')).toBe(expected)
  })

  test('microseconds survive a change of zone', () => {
    expect(canonicalTimestamp('2026-01-01T00:00:00.123456Z', 'microseconds')).toBe(
      '2026-01-01T00:00:00.123456Z',
    )
    expect(canonicalTimestamp('2026-01-01T00:00:00.123456+00:30', 'microseconds')).toBe(
      '2025-12-31T23:30:00.123456Z',
    )
  })
})

// Texts of Go's time.Parse.
describe('what is no time', () => {
  const layout = '"2006-01-02T15:04:05Z07:00"'
  test.each([
    ['', `parsing time "" as ${layout}: cannot parse "" as "2006"`],
    ['yesterday', `parsing time "yesterday" as ${layout}: cannot parse "yesterday" as "2006"`],
    ['2026-01-01', `parsing time "2026-01-01" as ${layout}: cannot parse "" as "T"`],
    [
      '2026-01-01T00:00:00',
      `parsing time "2026-01-01T00:00:00" as ${layout}: cannot parse "" as "Z07:00"`,
    ],
    ['2026-13-01T00:00:00Z', 'parsing time "2026-13-01T00:00:00Z": month out of range'],
    ['2026-02-29T00:00:00Z', 'parsing time "2026-02-29T00:00:00Z": day out of range'],
    ['2026-01-01T24:00:00Z', 'parsing time "2026-01-01T24:00:00Z": hour out of range'],
    ['2026-01-01T00:00:00Zulu', 'parsing time "2026-01-01T00:00:00Zulu": extra text: "ulu"'],
  ])('%j', (text, message) => {
    expect(() => canonicalTimestamp(text, 'seconds')).toThrow(new TimestampError(message))
  })

  test('microseconds must be all six', () => {
    expect(() => canonicalTimestamp('2026-01-01T00:00:00Z', 'microseconds')).toThrow(
      'parsing time "2026-01-01T00:00:00Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000"',
    )
  })
})

test('there are just the days and hours that there are', () => {
  const two = (max: number) => fc.nat({ max }).map((part) => String(part).padStart(2, '0'))
  const year = fc.integer({ min: 1, max: 9999 }).map((part) => String(part).padStart(4, '0'))
  const texts = fc
    .tuple(year, two(14), two(33), two(25), two(61), two(61))
    .map(([y, mo, d, h, mi, s]) => `${y}-${mo}-${d}T${h}:${mi}:${s}Z`)
  const isTime = (text: string) => {
    const date = new Date(text)
    return !Number.isNaN(date.getTime()) && date.toISOString().replace('.000Z', 'Z') === text
  }
  fc.assert(
    fc.property(texts, (text) => {
      if (isTime(text)) expect(canonicalTimestamp(text, 'seconds')).toBe(text)
      else expect(() => canonicalTimestamp(text, 'seconds')).toThrow(TimestampError)
    }),
  )
})
