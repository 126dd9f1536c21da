import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CriEncoder, logLineBytesMax, logTimestamp, parseCriLine } from './cri-log.ts'

const timestamp = '2016-10-06T00:17:09.669794000Z'

/** What readers make of stored lines: the content, parts joined. */
function decode(log: Buffer): string {
  const lines = log.toString('latin1').split('\n').slice(0, -1)
  return lines
    .map((line) => {
      const parsed = parseCriLine(Buffer.from(line, 'latin1'))
      expect(parsed?.timestamp).toBe(timestamp)
      expect(parsed?.content.length).toBeLessThanOrEqual(logLineBytesMax)
      return `${parsed?.content.toString('latin1')}${parsed?.isWhole ? '\n' : ''}`
    })
    .join('')
}

const output = fc.array(
  fc.oneof(
    fc.string({ unit: 'binary-ascii' }),
    fc.constant('\n'),
    fc.integer({ min: 1, max: 40_000 }).map((length) => 'x'.repeat(length)),
  ),
)

test('however output is cut into chunks, the log holds all of it, in lines of bounded length', () => {
  fc.assert(
    fc.property(output, (chunks) => {
      const encoder = new CriEncoder('stdout')
      const pushed = chunks.map((chunk) => encoder.push(Buffer.from(chunk, 'latin1'), timestamp))
      const whole = chunks.join('')
      const expected = whole === '' || whole.endsWith('\n') ? whole : `${whole}\n`
      expect(decode(Buffer.concat([...pushed, encoder.flush(timestamp)]))).toBe(expected)
    }),
  )
})

test('the format is that of CRI: time, stream, tag, content', () => {
  const encoder = new CriEncoder('stderr')
  const line = encoder.push(Buffer.from('content\n'), '2016-10-06T00:17:09.669794202Z')
  expect(line.toString()).toBe('2016-10-06T00:17:09.669794202Z stderr F content\n')
})

test('a line of exactly the bound is whole, one byte more is two parts', () => {
  const tags = (length: number) =>
    new CriEncoder('stdout')
      .push(Buffer.from(`${'x'.repeat(length)}\n`), timestamp)
      .toString()
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split(' ')[2])
  expect(tags(logLineBytesMax)).toEqual(['F'])
  expect(tags(logLineBytesMax + 1)).toEqual(['P', 'F'])
})

test('times have nine digits', () => {
  expect(logTimestamp(1_475_713_029_669.794)).toMatch(/^2016-10-06T00:17:09\.66979[34]000Z$/)
  expect(logTimestamp(0)).toBe('1970-01-01T00:00:00.000000000Z')
})

test.each(['', 'no line', '2016-10-06T00:17:09Z stdout', 'yesterday stdout F hello'])(
  'a torn line is none: "%s"',
  (line) => {
    expect(parseCriLine(Buffer.from(line))).toBeUndefined()
  },
)
