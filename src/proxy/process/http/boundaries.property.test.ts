import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BodyBoundary } from './body.ts'
import { HeadParser, requestFraming, responseFraming } from './head.ts'
import { HeldBytes } from './held-bytes.ts'

interface Message {
  readonly head: string
  readonly body: string
}

const token = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,12}$/)
const value = fc.stringMatching(/^[!-~]([ -~\t]{0,30}[!-~])?$/)
/** Names that decide nothing about boundaries. */
const field = fc.tuple(
  token.map((name) => `x-${name}`),
  value,
)
const fields = fc.array(field, { maxLength: 6 })
const data = fc.string({ unit: 'binary-ascii', maxLength: 200 })

function headText(start: string, given: readonly (readonly [string, string])[]): string {
  return `${start}\r\n${given.map(([name, text]) => `${name}: ${text}\r\n`).join('')}\r\n`
}

const chunk = fc.tuple(data, fc.option(token), fc.boolean()).map(([text, extension, isUpper]) => {
  const size = text.length.toString(16)
  return `${isUpper ? size.toUpperCase() : size}${extension ? `;${extension}` : ''}\r\n${text}\r\n`
})

const chunkedBody = fc
  .tuple(
    fc.array(
      chunk.filter((text) => !/^0+[;\r]/.test(text)),
      { maxLength: 4 },
    ),
    fields,
  )
  .map(
    ([chunks, trailers]) =>
      `${chunks.join('')}0\r\n${trailers.map(([name, text]) => `${name}: ${text}\r\n`).join('')}\r\n`,
  )

function framed(start: fc.Arbitrary<string>): fc.Arbitrary<Message> {
  const withLength = fc.tuple(start, fields, data).map(([line, rest, body]) => ({
    head: headText(line, [...rest, ['Content-Length', String(body.length)]]),
    body,
  }))
  const chunked = fc.tuple(start, fields, chunkedBody).map(([line, rest, body]) => ({
    head: headText(line, [['transfer-encoding', 'Chunked'], ...rest]),
    body,
  }))
  return fc.oneof(withLength, chunked)
}

const requestLine = fc
  .tuple(fc.constantFrom('GET', 'POST', 'PUT', 'X-Y'), fc.stringMatching(/^\/[!-~]{0,20}$/))
  .map(([method, target]) => `${method} ${target} HTTP/1.1`)
const statusLine = fc.constantFrom('HTTP/1.1 200 OK', 'HTTP/1.1 404', 'HTTP/1.1 500 Oh dear!')
const bare = fc.tuple(requestLine, fields).map(([line, rest]) => ({
  head: headText(line, rest),
  body: '',
}))

/** The pieces of `bytes` between arbitrary cuts. */
function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b)
  return [...places, bytes.length].map((end, index) => bytes.subarray(places[index - 1] ?? 0, end))
}

/** Every message's [bytes of head, bytes of body], as found in a stream that comes in pieces. */
function boundariesIn(kind: 'request' | 'response', stream: readonly Buffer[]) {
  const found: [number, number][] = []
  const head = new HeadParser(kind)
  const body = new BodyBoundary()
  const held = new HeldBytes()
  let isInHead = true
  let bodyBytes = 0
  const take = (piece: Buffer): void => {
    if (isInHead) {
      const bytes = held.append(piece)
      const outcome = head.parse(bytes)
      if (outcome === 'more') return
      expect(outcome).toBe('done')
      const rest = held.release().subarray(head.end)
      const framing = kind === 'request' ? requestFraming(head) : responseFraming(head, 'GET')
      body.begin(framing, head.contentLength ?? 0)
      isInHead = false
      bodyBytes = 0
      take(rest)
      return
    }
    const end = body.take(piece, 0)
    expect(end).toBeGreaterThanOrEqual(0)
    bodyBytes += end
    if (!body.isDone) return
    found.push([head.end, bodyBytes])
    head.reset()
    isInHead = true
    if (end < piece.length) take(piece.subarray(end))
  }
  for (const piece of stream) take(piece)
  return found
}

describe('messages end where they end, whatever pieces they come in', () => {
  const holds = (kind: 'request' | 'response', message: fc.Arbitrary<Message>) =>
    fc.assert(
      fc.property(
        fc.array(message, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(), { maxLength: 30 }),
        (messages, cuts) => {
          const text = messages.map(({ head, body }) => head + body).join('')
          expect(boundariesIn(kind, pieces(Buffer.from(text, 'latin1'), cuts))).toEqual(
            messages.map(({ head, body }) => [head.length, body.length]),
          )
        },
      ),
      { numRuns: 400 },
    )

  test('requests', () => holds('request', fc.oneof(bare, framed(requestLine))))
  test('responses', () => holds('response', framed(statusLine)))

  test('one byte at a time', () => {
    const text =
      'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nx: y\r\n\r\n'
    const bytes = Buffer.from(text)
    const single = [...bytes].map((_, at) => bytes.subarray(at, at + 1))
    const head = text.indexOf('\r\n\r\n') + 4
    expect(boundariesIn('request', single)).toEqual([[head, text.length - head]])
  })
})

test('arbitrary bytes are refused or waited on, alike for all pieces', () => {
  const outcomeOf = (bytes: Buffer, cuts: readonly number[]) => {
    const parser = new HeadParser('request')
    const held = new HeldBytes()
    for (const piece of pieces(bytes, cuts)) {
      const outcome = parser.parse(held.append(piece))
      if (outcome !== 'more') return [outcome, outcome === 'done' ? parser.end : 0]
    }
    return ['more', 0]
  }
  const noise = fc.array(
    fc.constantFrom('GET / HTTP/1.1', '\r\n', '\n', '\r', 'a: b', ' ', ':', '\0', 'Host: x'),
    { maxLength: 12 },
  )
  fc.assert(
    fc.property(noise, fc.array(fc.nat(), { maxLength: 10 }), (parts, cuts) => {
      const bytes = Buffer.from(parts.join(''), 'latin1')
      expect(outcomeOf(bytes, cuts)).toEqual(outcomeOf(bytes, []))
    }),
    { numRuns: 500 },
  )
})
