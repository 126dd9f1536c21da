import { connect } from 'node:net'
import type { Pod } from '../../api/generated/types.ts'
import { resolvePort } from '../../api/ports.ts'
import type { PortConnection } from '../../api/seams.ts'
import { writableSink } from '../writable-sink.ts'

/** Connects to a container port of a pod; rejects with where nobody listens. */
export function connectToPod(pod: Pod, port: number, signal: AbortSignal): Promise<PortConnection> {
  const host = pod.status?.podIP
  const real = resolvePort(pod, port)
  if (!host || !real || real > 65_535) {
    return Promise.reject(new Error(`pod has no ${host ? `port ${port}` : 'address yet'}`))
  }
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: real, allowHalfOpen: true, noDelay: true })
    const abort = () => socket.destroy()
    signal.addEventListener('abort', abort, { once: true })
    socket.once('close', () => {
      signal.removeEventListener('abort', abort)
      reject(new Error('the connection was cut off'))
    })
    socket.once('error', (error) => reject(new Error(`${host}:${real}: ${error.message}`)))
    socket.once('connect', () => resolve({ received: socket, ...writableSink(socket) }))
    if (signal.aborted) abort()
  })
}
