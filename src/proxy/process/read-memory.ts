const bytesMax = 64 * 1024
/** A read from here on asks for memory of the socket's own. */
const largeBytesMin = bytesMax / 2
/** After so many small reads in a row it is given back. */
const smallReadsMax = 8
/** Sockets that have memory of their own at once: what they idle with must not add up. */
const ownersMax = 256

/** What sockets that are not in the middle of much read into: reads never overlap. */
const shared = Buffer.allocUnsafeSlow(bytesMax)
let owners = 0

/** Where the bytes of one socket go first. */
export class ReadMemory {
  #own: Buffer | undefined
  #smallReads = 0

  /** For the next read. */
  get next(): Buffer {
    return this.#own ?? shared
  }

  /**
   * Passes on what the last read has brought: a copy, or else memory of the socket's own, which is
   * used again only if `receive` says that it is done with it.
   */
  deliver(length: number, receive: (chunk: Buffer) => boolean): void {
    const isLarge = length >= largeBytesMin
    const own = this.#own
    if (own && isLarge) {
      this.#smallReads = 0
      if (!receive(own.subarray(0, length)) && this.#own) this.#own = newMemory()
      return
    }
    const chunk = copied(this.next, length)
    if (isLarge) this.#acquire()
    else if (own && ++this.#smallReads >= smallReadsMax) this.release()
    receive(chunk)
  }

  /** When the socket is closed, too. */
  release(): void {
    if (this.#own) owners--
    this.#own = undefined
  }

  #acquire(): void {
    if (owners >= ownersMax) return
    owners++
    this.#own = newMemory()
    this.#smallReads = 0
  }
}

function newMemory(): Buffer {
  return Buffer.allocUnsafeSlow(bytesMax)
}

function copied(bytes: Buffer, length: number): Buffer {
  const chunk = Buffer.allocUnsafe(length)
  bytes.copy(chunk, 0, 0, length)
  return chunk
}
