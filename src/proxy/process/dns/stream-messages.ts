/** Messages of DNS over TCP: each behind its length in two bytes. */
export class StreamMessages {
  readonly #onMessage: (message: Buffer) => void
  #held: Buffer = Buffer.alloc(0)

  constructor(onMessage: (message: Buffer) => void) {
    this.#onMessage = onMessage
  }

  take(chunk: Buffer): void {
    let bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    while (bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE(0)) {
      const end = 2 + bytes.readUInt16BE(0)
      const message = bytes.subarray(2, end)
      bytes = bytes.subarray(end)
      this.#onMessage(message)
    }
    this.#held = bytes
  }
}

export function streamBytes(message: Uint8Array): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  return Buffer.concat([length, message])
}
