import { createServer, type Server, type Socket } from 'node:net'
import { listenAtDoor } from '../../../../base/companion-process.ts'
import type { AttachStart, ExecStart } from '../exec-client.ts'
import { execFrame, execFrameBytes, execFrames } from '../exec-frames.ts'
import { AttachSession } from './attach-session.ts'
import type { Containers } from './containers.ts'
import { ExecSession } from './exec-session.ts'

/**
 * The shim's second door, for commands and containers that somebody is connected to. A connection
 * is one of them; it is always read, so that its end is seen at once.
 */
export class ExecServer {
  readonly #server: Server
  readonly #containers: Containers

  constructor(containers: Containers) {
    this.#containers = containers
    this.#server = createServer((socket) => this.#serve(socket))
  }

  /** The caller holds the lock. */
  listen(path: string): Promise<void> {
    return listenAtDoor(this.#server, path)
  }

  #serve(socket: Socket): void {
    let session: ExecSession | AttachSession | undefined
    const start = async (asked: ExecStart | AttachStart) => {
      session = await this.#start(socket, asked)
      if (socket.destroyed) session?.disconnected()
    }
    const onFrame = (kind: number, payload: Buffer) => {
      if (kind === execFrame.start) void start(JSON.parse(payload.toString()))
      else session?.receive(kind, payload)
    }
    socket.on('data', execFrames(onFrame))
    socket.on('error', () => socket.destroy())
    socket.once('close', () => session?.disconnected())
  }

  async #start(
    socket: Socket,
    start: ExecStart | AttachStart,
  ): Promise<ExecSession | AttachSession | undefined> {
    try {
      const container = this.#containers.find(start.ref)
      if (!container?.isRunning) throw new Error('the container is not running')
      if (!('command' in start)) return new AttachSession(socket, container, start)
      await container.entered()
      return new ExecSession(socket, container, start)
    } catch (error) {
      socket.end(execFrameBytes(execFrame.failed, (error as Error).message))
      return undefined
    }
  }
}
