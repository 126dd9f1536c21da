import type { Writable } from 'node:stream'
import type { ByteSink } from '../api/seams.ts'

/** A Node stream as a sink; what it cannot take any more is dropped. */
export function writableSink(stream: Writable): ByteSink {
  stream.on('error', () => {})
  return {
    write: (bytes) =>
      new Promise((resolve) => {
        if (stream.writable) stream.write(bytes, () => resolve())
        else resolve()
      }),
    end: () => {
      stream.end()
    },
  }
}
