import { Socket } from 'node:net'
import { DirectSocket } from './direct-socket.ts'
import type { Handle } from './handover/handles.ts'

const keepAliveMs = 60_000

/** For a connection that a listener has accepted, of this process or of a former one. */
export function directSocketOf(handle: Handle): DirectSocket {
  return prepared(new DirectSocket(optionsFor(handle)))
}

/** The same, for TLS, which reads in its own way. */
export function plainSocketOf(handle: Handle): Socket {
  return prepared(new Socket(optionsFor(handle)))
}

function optionsFor(handle: Handle) {
  return { handle, allowHalfOpen: true, readable: true, writable: true }
}

function prepared<T extends Socket>(socket: T): T {
  socket.setNoDelay()
  socket.setKeepAlive(true, keepAliveMs)
  return socket
}
