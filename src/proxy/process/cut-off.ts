import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'

/** Ends a connection so that the other side cannot take it for the end of an answer. */
export function cutOff(socket: Socket): void {
  // Under TLS the missing close_notify says it; Node has no reset there.
  if (socket instanceof TLSSocket) socket.destroy()
  else socket.resetAndDestroy()
}
