const noBytes = Buffer.alloc(0)

/** Bytes that wait for those after them. Grows by doubling: bytes in single file cost no more. */
export class HeldBytes {
  #buffer = noBytes
  #length = 0

  get isEmpty(): boolean {
    return this.#length === 0
  }

  get length(): number {
    return this.#length
  }

  /** All that is held, `chunk` being its end. Valid until the next call. */
  append(chunk: Buffer): Buffer {
    const length = this.#length + chunk.length
    if (length > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(length, this.#buffer.length * 2))
      this.#buffer.copy(grown, 0, 0, this.#length)
      this.#buffer = grown
    }
    chunk.copy(this.#buffer, this.#length)
    this.#length = length
    return this.#buffer.subarray(0, length)
  }

  /** All that is held; what comes next starts anew, in other memory. */
  release(): Buffer {
    const bytes = this.#buffer.subarray(0, this.#length)
    this.#buffer = noBytes
    this.#length = 0
    return bytes
  }
}
