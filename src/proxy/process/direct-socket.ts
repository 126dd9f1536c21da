import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net'
import { ReadMemory } from './read-memory.ts'

/**
 * A socket whose bytes go straight to `receive`. Node's own 'data' costs a buffer of 64 KiB for
 * each read, however little has come, and a turn through a queue. `pause` leaves the rest in the
 * kernel at once.
 */
export class DirectSocket extends Socket {
  /**
   * Set by whoever owns the socket, in the turn in which it is made. True: done with the chunk,
   * nobody will look at it again. False: the chunk is the receiver's own.
   */
  receive: (chunk: Buffer) => boolean = () => true

  constructor(options: SocketConstructorOpts) {
    const memory = new ReadMemory()
    const callback = (length: number) => {
      memory.deliver(length, this.receive)
      return true
    }
    const onread: OnReadOpts = { buffer: () => memory.next, callback }
    const reading: SocketConstructorOpts & { onread: OnReadOpts } = { ...options, onread }
    super(reading)
    this.on('close', () => memory.release())
  }
}
