import type { PortConnection } from '../../../../api/seams.ts'
import { writableSink } from '../../../writable-sink.ts'
import { SpdyConnection } from './spdy-connection.ts'

const protocol = 'portforward.k8s.io'

/** One connection to a port of a pod, through the runtime's streaming server. */
export async function streamPort(
  url: string,
  port: number,
  signal: AbortSignal,
): Promise<PortConnection> {
  const connection = await SpdyConnection.open(url, protocol, signal)
  const headers = { port: `${port}`, requestid: '0' }
  const error = await connection.stream({ ...headers, streamtype: 'error' })
  // The runtime has nothing to hear on this one.
  error.end()
  const data = await connection.stream({ ...headers, streamtype: 'data' })
  const refused = error.toArray().then((chunks) => Buffer.concat(chunks).toString('utf8'))
  async function* received(): AsyncIterable<Uint8Array> {
    try {
      yield* data as AsyncIterable<Uint8Array>
      const complaint = await refused
      if (complaint !== '') throw new Error(complaint)
    } finally {
      connection.close()
    }
  }
  return { received: received(), ...writableSink(data) }
}
