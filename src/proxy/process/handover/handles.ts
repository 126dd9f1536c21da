import type { SendHandle } from 'node:child_process'
import type { Server, Socket } from 'node:net'

/**
 * What is passed to another process: the open file below a `Socket` or `Server`. Node passes these
 * objects too, but then it accepts for the receiver before that is ready, and with other options.
 */
export type Handle = SendHandle & { readonly fd: number }

interface RawServerHandle {
  onconnection(error: number, accepted: Handle | undefined): void
}

interface RawHandle {
  reading: boolean
  readStart(): void
  readStop(): void
}

/** undefined once the socket or server is closed. */
export function handleOf(holder: Socket | Server): Handle | undefined {
  return (holder as unknown as { readonly _handle: Handle | null })._handle ?? undefined
}

/**
 * From now on what the other side says stays in the kernel, for whoever reads the handle next.
 * `pause` alone goes on reading, up to a buffer's size.
 */
export function stopReading(socket: Socket): void {
  socket.pause()
  const handle = handleOf(socket) as RawHandle | undefined
  if (!handle) return
  handle.reading = false
  handle.readStop()
}

/**
 * From now on `server` makes no sockets of the connections that it accepts: their handles are
 * `take`n. To be called when it listens.
 */
export function takeHandles(server: Server, take: (handle: Handle) => void): void {
  const handle = handleOf(server) as unknown as RawServerHandle
  handle.onconnection = (error, accepted) => {
    if (!error && accepted) take(accepted)
  }
}
