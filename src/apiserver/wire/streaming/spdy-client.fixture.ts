import { controlFrame, dataHead, frameType } from '../../../base/spdy/frames.ts'
import { HeaderEncoder } from '../../../base/spdy/header-encoder.ts'

/** Makes the frames of a SPDY client, headers compressed as kubectl does. */
export class SpdyClient {
  readonly #headers = new HeaderEncoder()

  async open(id: number, headers: Readonly<Record<string, string>>): Promise<Buffer> {
    const block = await this.#headers.encode(headers)
    return controlFrame(frameType.synStream, id, 0, Buffer.alloc(2), block)
  }

  data(id: number, text: string, isFinal = false): Buffer {
    const payload = Buffer.from(text)
    return Buffer.concat([dataHead(id, payload.length, isFinal), payload])
  }

  close(): void {
    this.#headers.close()
  }
}
