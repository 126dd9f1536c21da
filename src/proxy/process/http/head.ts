import {
  carriageReturn,
  colon,
  isTargetByte,
  isTokenByte,
  isValueByte,
  lineFeed,
  space,
  tab,
} from './characters.ts'

/** The longest head of a message, in bytes. */
export const headBytesMax = 64 * 1024

/** How the end of a message's body is found. */
export type Framing = 'none' | 'length' | 'chunked' | 'until-close'

/** Why a head is refused, as the status a client is answered with. */
export type Refusal = 400 | 431 | 501 | 505

/** `more`: the head is not complete yet. */
export type HeadOutcome = 'more' | 'done' | Refusal

/**
 * Finds the end of a message's head and what decides where the message ends. Strict, because what
 * two parties read differently can be used to smuggle requests: only CRLF ends a line, no folded
 * lines, no doubtful Content-Length or Transfer-Encoding. One object serves all messages of a
 * connection.
 */
export class HeadParser {
  /** After `done`: the offset of the first byte after the head. */
  end = 0
  /** Requests. */
  method = ''
  /** Responses. */
  status = 0
  /** Of `HTTP/1.x`. */
  minor = 1
  /** Undefined without Content-Length. */
  contentLength: number | undefined
  isChunked = false
  hasClose = false
  hasKeepAlive = false
  hasUpgrade = false
  expectsContinue = false

  readonly #kind: 'request' | 'response'
  #lineStart = 0
  #scanned = 0
  #hasStartLine = false

  constructor(kind: 'request' | 'response') {
    this.#kind = kind
  }

  /** Before each message. */
  reset(): void {
    this.contentLength = undefined
    this.isChunked = false
    this.hasClose = false
    this.hasKeepAlive = false
    this.hasUpgrade = false
    this.expectsContinue = false
    this.#lineStart = 0
    this.#scanned = 0
    this.#hasStartLine = false
  }

  /**
   * `bytes` begin with the message's first byte; after `more` the next call must give the same
   * bytes and those that have come since.
   */
  parse(bytes: Buffer): HeadOutcome {
    for (;;) {
      let lineEnd = this.#scanned
      while (lineEnd < bytes.length && bytes[lineEnd] !== lineFeed) lineEnd++
      if (lineEnd >= headBytesMax) return 431
      if (lineEnd === bytes.length) {
        this.#scanned = lineEnd
        return 'more'
      }
      this.#scanned = lineEnd + 1
      const outcome = this.#line(bytes, this.#lineStart, lineEnd - 1)
      if (outcome !== 'more') return outcome
      this.#lineStart = lineEnd + 1
    }
  }

  /** Whether the connection may carry another message after this one. */
  get isPersistent(): boolean {
    return this.minor === 1 ? !this.hasClose : this.hasKeepAlive && !this.hasClose
  }

  /** A complete line, `end` being where its CR must be. */
  #line(bytes: Buffer, start: number, end: number): HeadOutcome {
    if (end < start || bytes[end] !== carriageReturn) return 400
    if (!this.#hasStartLine) {
      this.#hasStartLine = true
      return this.#kind === 'request'
        ? this.#requestLine(bytes, start, end)
        : this.#statusLine(bytes, start, end)
    }
    if (start < end) return this.#field(bytes, start, end)
    this.end = end + 2
    return this.#verdict()
  }

  /** Servers differ in how they read Transfer-Encoding beside Content-Length, or in HTTP/1.0. */
  #verdict(): HeadOutcome {
    if (!this.isChunked) return 'done'
    return this.contentLength === undefined && this.minor === 1 ? 'done' : 400
  }

  #requestLine(bytes: Buffer, start: number, end: number): HeadOutcome {
    let at = start
    while (isTokenByte[bytes[at] as number] === 1) at++
    if (at === start || bytes[at] !== space) return 400
    this.method = isGet(bytes, start, at) ? 'GET' : bytes.toString('latin1', start, at)
    const target = at + 1
    for (at = target; isTargetByte[bytes[at] as number] === 1; ) at++
    if (at === target || bytes[at] !== space) return 400
    return end - at === 9 ? this.#version(bytes, at + 1) : 400
  }

  #statusLine(bytes: Buffer, start: number, end: number): HeadOutcome {
    if (end - start < 12) return 400
    const version = this.#version(bytes, start)
    if (version !== 'more') return version
    const status = bytes.toString('latin1', start + 8, Math.min(start + 13, end))
    if (!/^ [1-9]\d\d ?$/.test(status)) return 400
    this.status = Number(status)
    return areValueBytes(bytes, start + 12, end) ? 'more' : 400
  }

  /** `HTTP/1.0` or `HTTP/1.1` at `start`. */
  #version(bytes: Buffer, start: number): HeadOutcome {
    for (let index = 0; index < versionPrefix.length; index++) {
      if (bytes[start + index] !== versionPrefix[index]) return 505
    }
    const minor = (bytes[start + versionPrefix.length] as number) - 48
    if (minor !== 0 && minor !== 1) return 505
    this.minor = minor
    return 'more'
  }

  /** A folded line begins with a blank, which no name does. */
  #field(bytes: Buffer, start: number, end: number): HeadOutcome {
    let at = start
    while (isTokenByte[bytes[at] as number] === 1) at++
    if (at === start || bytes[at] !== colon) return 400
    if (!areValueBytes(bytes, at + 1, end)) return 400
    switch (at - start) {
      case 6:
        if (isName(bytes, start, expectName)) this.expectsContinue = true
        return 'more'
      case 7:
        if (isName(bytes, start, upgradeName)) this.hasUpgrade = true
        return 'more'
      case 10:
        if (isName(bytes, start, connectionName)) this.#connection(fieldValue(bytes, at + 1, end))
        return 'more'
      case 14:
        if (!isName(bytes, start, contentLengthName)) return 'more'
        return this.#contentLength(fieldValue(bytes, at + 1, end))
      case 17:
        if (!isName(bytes, start, transferEncodingName)) return 'more'
        return this.#transferEncoding(fieldValue(bytes, at + 1, end))
      default:
        return 'more'
    }
  }

  #connection(value: string): void {
    if (value === 'keep-alive') {
      this.hasKeepAlive = true
      return
    }
    for (const option of value.toLowerCase().split(',')) {
      const name = option.trim()
      if (name === 'close') this.hasClose = true
      else if (name === 'keep-alive') this.hasKeepAlive = true
    }
  }

  /** A second one, even with the same value, is refused. */
  #contentLength(value: string): HeadOutcome {
    if (this.contentLength !== undefined || !/^\d{1,15}$/.test(value)) return 400
    this.contentLength = Number(value)
    return 'more'
  }

  #transferEncoding(value: string): HeadOutcome {
    if (this.isChunked) return 400
    if (value.toLowerCase() !== 'chunked') return 501
    this.isChunked = true
    return 'more'
  }
}

export function requestFraming(head: HeadParser): Framing {
  if (head.isChunked) return 'chunked'
  return head.contentLength ? 'length' : 'none'
}

/** Of a final response to a request with `method` (RFC 9112, section 6.3). */
export function responseFraming(head: HeadParser, method: string): Framing {
  if (method === 'HEAD' || head.status === 204 || head.status === 304) return 'none'
  if (head.isChunked) return 'chunked'
  if (head.contentLength === undefined) return 'until-close'
  return head.contentLength > 0 ? 'length' : 'none'
}

const versionPrefix = Buffer.from('HTTP/1.')
const expectName = Buffer.from('expect')
const upgradeName = Buffer.from('upgrade')
const connectionName = Buffer.from('connection')
const contentLengthName = Buffer.from('content-length')
const transferEncodingName = Buffer.from('transfer-encoding')

/** The method of most requests needs no new string. */
function isGet(bytes: Buffer, start: number, end: number): boolean {
  return (
    end - start === 3 && bytes[start] === 71 && bytes[start + 1] === 69 && bytes[start + 2] === 84
  )
}

/**
 * `name` in lower case. No two token bytes that differ otherwise meet in `| 32` for these names.
 */
function isName(bytes: Buffer, start: number, name: Buffer): boolean {
  for (let index = 0; index < name.length; index++) {
    if (((bytes[start + index] as number) | 32) !== name[index]) return false
  }
  return true
}

function areValueBytes(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (isValueByte[bytes[at] as number] === 0) return false
  return true
}

/** Without the blanks around it. */
function fieldValue(bytes: Buffer, start: number, end: number): string {
  let from = start
  let to = end
  while (from < to && isBlank(bytes[from] as number)) from++
  while (to > from && isBlank(bytes[to - 1] as number)) to--
  return bytes.toString('latin1', from, to)
}

function isBlank(byte: number): boolean {
  return byte === space || byte === tab
}
