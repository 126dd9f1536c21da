import { closeSync, constants, openSync, readSync } from 'node:fs'
import { Socket } from 'node:net'
import { isErrno } from '../../../../base/process-identity.ts'

/**
 * Reads a FIFO to its end: until nobody holds it open for writing. Linux does not tell a reader of
 * that end if there was no writer since it opened the FIFO, so there is one for a moment.
 */
export function readFifo(path: string): Socket {
  const fd = openForReading(path)
  closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK))
  return socketOf(fd)
}

/**
 * Resolves when nobody holds the FIFO open for writing, without ever being a writer: that would
 * wake the one who waits for one.
 */
export function writersGone(path: string): Promise<void> {
  const fd = openForReading(path)
  if (!hasWriter(fd)) {
    closeSync(fd)
    return Promise.resolve()
  }
  return new Promise((resolve) => {
    socketOf(fd)
      .resume()
      .once('close', () => resolve())
  })
}

/** Without waiting for a writer. */
function openForReading(path: string): number {
  return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
}

/** Only for a FIFO that carries no data: it tells from a read whether that could come. */
function hasWriter(fd: number): boolean {
  try {
    return readSync(fd, Buffer.alloc(1)) > 0
  } catch (error) {
    if (isErrno(error, 'EAGAIN')) return true
    throw error
  }
}

function socketOf(fd: number): Socket {
  const socket = new Socket({ fd, readable: true, writable: false })
  socket.on('error', () => socket.destroy())
  return socket
}
