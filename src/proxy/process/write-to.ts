import type { Writable } from 'node:stream'

/**
 * False: wait for 'drain' before writing more. Node says so of every large chunk, also of one that
 * the kernel has taken whole.
 */
export function writeTo(socket: Writable, chunk: Buffer): boolean {
  return socket.write(chunk) || hasTakenAll(socket)
}

/** Whether the kernel has all that was written, and nobody will look at those bytes again. */
export function hasTakenAll(socket: Writable): boolean {
  return socket.writableLength === 0
}
