import { carriageReturn, hexValue, isValueByte, lineFeed, space, tab } from './characters.ts'
import type { Framing } from './head.ts'

const sizeDigitsMax = 12
const extensionBytesMax = 4096
const trailerBytesMax = 64 * 1024
const semicolon = 59

/** Where in a chunked body the next byte lies. */
type Place =
  | 'size'
  | 'extension'
  | 'size-lf'
  | 'data'
  | 'data-cr'
  | 'data-lf'
  | 'line-start'
  | 'trailer'
  | 'trailer-lf'
  | 'end-lf'

/** Finds where a message's body ends, whatever pieces it comes in. Looks, never copies. */
export class BodyBoundary {
  isDone = true
  #framing: Framing = 'none'
  /** Bytes to come of the body, or of the present chunk. */
  #remaining = 0
  #place: Place = 'size'
  #digits = 0
  /** Bytes of the chunk's extension, or of all trailers. */
  #overhead = 0

  begin(framing: Framing, length: number): void {
    this.#framing = framing
    this.#remaining = framing === 'length' ? length : 0
    this.#place = 'size'
    this.#digits = 0
    this.#overhead = 0
    this.isDone = framing === 'none'
  }

  /**
   * The offset after the last byte of `bytes`, from `start` on, that belongs to the body; -1:
   * malformed.
   */
  take(bytes: Buffer, start: number): number {
    if (this.isDone) return start
    if (this.#framing === 'chunked') return this.#takeChunked(bytes, start)
    if (this.#framing === 'until-close') return bytes.length
    const end = Math.min(bytes.length, start + this.#remaining)
    this.#remaining -= end - start
    this.isDone = this.#remaining === 0
    return end
  }

  #takeChunked(bytes: Buffer, start: number): number {
    let at = start
    while (at < bytes.length && !this.isDone) {
      if (this.#place === 'data') {
        const end = Math.min(bytes.length, at + this.#remaining)
        this.#remaining -= end - at
        at = end
        if (this.#remaining === 0) this.#place = 'data-cr'
      } else if (!this.#step(bytes[at] as number)) {
        return -1
      } else {
        at++
      }
    }
    return at
  }

  /** One byte that is not data; false when it must not be there. */
  #step(byte: number): boolean {
    switch (this.#place) {
      case 'size':
        return this.#sizeByte(byte)
      case 'extension':
        if (byte === carriageReturn) return this.#go('size-lf')
        return isValueByte[byte] === 1 && ++this.#overhead <= extensionBytesMax
      case 'size-lf':
        return byte === lineFeed && this.#beginChunk()
      case 'data-cr':
        return byte === carriageReturn && this.#go('data-lf')
      case 'data-lf':
        return byte === lineFeed && this.#go('size')
      case 'line-start':
        if (byte === carriageReturn) return this.#go('end-lf')
        return byte !== space && byte !== tab && this.#go('trailer') && this.#step(byte)
      case 'trailer':
        if (byte === carriageReturn) return this.#go('trailer-lf')
        return isValueByte[byte] === 1 && ++this.#overhead <= trailerBytesMax
      case 'trailer-lf':
        return byte === lineFeed && this.#go('line-start')
      default:
        this.isDone = byte === lineFeed
        return this.isDone
    }
  }

  #sizeByte(byte: number): boolean {
    const digit = hexValue[byte] as number
    if (digit < 16) {
      this.#remaining = this.#remaining * 16 + digit
      return ++this.#digits <= sizeDigitsMax
    }
    if (this.#digits === 0) return false
    if (byte === carriageReturn) return this.#go('size-lf')
    return (byte === semicolon || byte === space || byte === tab) && this.#go('extension')
  }

  #beginChunk(): boolean {
    this.#digits = 0
    this.#overhead = 0
    return this.#go(this.#remaining === 0 ? 'line-start' : 'data')
  }

  #go(place: Place): true {
    this.#place = place
    return true
  }
}
