import { describe, expect, test } from 'vitest'
import { BodyBoundary } from './body.ts'
import { HeadParser, headBytesMax, requestFraming, responseFraming } from './head.ts'
import { openingOf } from './opening.ts'

function request(...lines: readonly string[]) {
  const parser = new HeadParser('request')
  const outcome = parser.parse(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'))
  return { outcome, parser }
}

function response(...lines: readonly string[]) {
  const parser = new HeadParser('response')
  const outcome = parser.parse(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'))
  return { outcome, parser }
}

const get = 'GET / HTTP/1.1'

describe('what could smuggle a request is refused', () => {
  test.each([
    ['both framings', [get, 'Content-Length: 5', 'Transfer-Encoding: chunked'], 400],
    ['both, the other way round', [get, 'Transfer-Encoding: chunked', 'Content-Length: 5'], 400],
    ['two lengths', [get, 'Content-Length: 5', 'Content-Length: 6'], 400],
    ['a list of lengths', [get, 'Content-Length: 5, 5'], 400],
    ['a signed length', [get, 'Content-Length: +5'], 400],
    ['a hexadecimal length', [get, 'Content-Length: 0x5'], 400],
    ['an empty length', [get, 'Content-Length:'], 400],
    ['a folded line', [get, 'X: a', ' b'], 400],
    ['a blank before the colon', [get, 'Content-Length : 5'], 400],
    ['no colon', [get, 'Content-Length'], 400],
    ['no name', [get, ': 5'], 400],
    ['a bare LF', [get, 'X: a\nContent-Length: 5'], 400],
    ['a bare CR', [get, 'X: a\rContent-Length: 5'], 400],
    ['a NUL', [get, 'X: a\0'], 400],
    ['another coding', [get, 'Transfer-Encoding: gzip, chunked'], 501],
    ['an unknown coding', [get, 'Transfer-Encoding: xchunked'], 501],
    ['chunked twice', [get, 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], 400],
    ['chunked in HTTP/1.0', ['POST / HTTP/1.0', 'Transfer-Encoding: chunked'], 400],
    ['another version', ['GET / HTTP/2.0'], 505],
    ['no version', ['GET /'], 400],
    ['two blanks', ['GET  / HTTP/1.1'], 400],
    ['a blank in the target', ['GET /a b HTTP/1.1'], 400],
  ])('%s', (_, lines, status) => {
    expect(request(...lines).outcome).toBe(status)
  })

  test.each([
    ['a bare LF after the size', '3\nabc\r\n0\r\n\r\n'],
    ['no size', '\r\nabc'],
    ['not hexadecimal', 'g\r\n'],
    ['a sign', '-1\r\n'],
    ['too long a size', '1234567890abc\r\n'],
    ['data longer than its size', '3\r\nabcd\r\n'],
    ['a bare LF after data', '3\r\nabc\n0\r\n\r\n'],
    ['a bare LF in an extension', '3;a\nb\r\nabc\r\n'],
    ['a folded trailer', '0\r\na: b\r\n c\r\n\r\n'],
    ['an endless extension', `3;${'x'.repeat(5000)}`],
    ['endless trailers', `0\r\n${'a: b\r\n'.repeat(20_000)}`],
  ])('chunked body with %s', (_, text) => {
    const body = new BodyBoundary()
    body.begin('chunked', 0)
    expect(body.take(Buffer.from(text), 0)).toBe(-1)
  })
})

test('a head over 64 KiB is refused, complete or not', () => {
  expect(request(get, `X: ${'x'.repeat(headBytesMax)}`).outcome).toBe(431)
  const parser = new HeadParser('request')
  expect(parser.parse(Buffer.from(`${get}\r\nX: ${'x'.repeat(headBytesMax)}`))).toBe(431)
  expect(request(get, `X: ${'x'.repeat(headBytesMax - 100)}`).outcome).toBe('done')
})

describe('what a head says of its connection', () => {
  test.each([
    [[get], true],
    [[get, 'Connection: close'], false],
    [[get, 'connection: Upgrade, CLOSE'], false],
    [['GET / HTTP/1.0'], false],
    [['GET / HTTP/1.0', 'Connection: keep-alive'], true],
  ])('%j: persistent is %s', (lines, persistent) => {
    expect(request(...lines).parser.isPersistent).toBe(persistent)
  })

  test('Upgrade and Expect are seen', () => {
    const { parser } = request(get, 'UPGRADE: websocket', 'Expect: 100-continue')
    expect([parser.hasUpgrade, parser.expectsContinue]).toEqual([true, true])
    parser.reset()
    expect([parser.hasUpgrade, parser.expectsContinue]).toEqual([false, false])
  })
})

describe('framing (RFC 9112, section 6.3)', () => {
  test.each([
    [[get], 'none'],
    [[get, 'Content-Length: 0'], 'none'],
    [[get, 'Content-Length: 12'], 'length'],
    [[get, 'Transfer-Encoding: \tchunked '], 'chunked'],
  ])('request %j: %s', (lines, framing) => {
    expect(requestFraming(request(...lines).parser)).toBe(framing)
  })

  test.each([
    ['GET', ['HTTP/1.1 200 OK'], 'until-close'],
    ['GET', ['HTTP/1.1 200 OK', 'Content-Length: 3'], 'length'],
    ['GET', ['HTTP/1.1 200 OK', 'Content-Length: 0'], 'none'],
    ['GET', ['HTTP/1.1 200 OK', 'Transfer-Encoding: chunked'], 'chunked'],
    ['HEAD', ['HTTP/1.1 200 OK', 'Content-Length: 3'], 'none'],
    ['HEAD', ['HTTP/1.1 200 OK', 'Transfer-Encoding: chunked'], 'none'],
    ['GET', ['HTTP/1.1 204 No Content'], 'none'],
    ['GET', ['HTTP/1.1 304 Not Modified', 'Content-Length: 3'], 'none'],
  ])('answer to %s, %j: %s', (method, lines, framing) => {
    const { outcome, parser } = response(...lines)
    expect([outcome, responseFraming(parser, method)]).toEqual(['done', framing])
  })
})

describe('what a client speaks, by its first bytes', () => {
  test.each([
    ['GET / HTTP/1.1\r\n', 'http'],
    ['PROPFIND /x HTTP/1.0\n', 'http'],
    ['GET /', 'unknown'],
    ['PO', 'unknown'],
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'stream'],
    ['PING\r\n', 'stream'],
    ['GET key\r\n', 'stream'],
    ['EHLO mail.example\r\n', 'stream'],
    ['get key\r\n', 'stream'],
    ['\x16\x03\x01\x02\x00', 'stream'],
    ['*1\r\n$4\r\nPING\r\n', 'stream'],
  ])('%j: %s', (text, opening) => {
    expect(openingOf(Buffer.from(text, 'latin1'))).toBe(opening)
  })
})
