import { expect, it } from 'vitest'
import { warningHeaders } from './warning-header.ts'

const utf8 = (header: string | undefined) => Buffer.from(header ?? '', 'latin1').toString('utf8')

it.each([
  ['plain', '299 - "plain"'],
  ['unknown field "spec.foo"', '299 - "unknown field \\"spec.foo\\""'],
  ['back\\slash', '299 - "back\\\\slash"'],
  ['two\r\nlines', '299 - "two lines"'],
  ['größer 🙂', '299 - "größer 🙂"'],
])('%j (H-21)', (text, header) => {
  expect(warningHeaders([text]).map(utf8)).toEqual([header])
})

it('each text once, none for empty ones', () => {
  expect(warningHeaders(['a', '', 'a', ' '])).toHaveLength(1)
})

it('cuts texts that would be too long together', () => {
  const headers = warningHeaders(Array.from({ length: 40 }, (_, i) => `${i} ${'x'.repeat(300)}`))
  expect(headers).toHaveLength(16)
  expect(Math.max(...headers.map((header) => header.length))).toBeLessThan(270)
})
