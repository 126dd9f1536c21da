import { constants, openSync } from 'node:fs'
import { Socket } from 'node:net'
import type { AttachStart } from '../exec-client.ts'
import { execFrame, execFrameBytes } from '../exec-frames.ts'
import type { Container } from './container.ts'
import { canHaveTerminal, noTerminal } from './terminal.ts'
import { setTerminalSize, TerminalSizes } from './terminal-size.ts'

/** A client that reads so much slower than the program prints is let go of. */
const unreadBytesMax = 8 * 1024 * 1024

/** So long a container that has just been started may take to make its terminal. */
const terminalMsMax = 5_000
const lookMs = 25

/**
 * Somebody who is connected to a container's own streams, from now on. When he goes the container
 * goes on; its standard input, if it was for one client, is closed.
 */
export class AttachSession {
  readonly #socket: Socket
  readonly #container: Container
  readonly #stdin: Socket | undefined
  readonly #stopListening: () => void
  readonly #terminal: Promise<string | undefined>
  readonly #sizes = new TerminalSizes(async (size) => {
    const path = await this.#terminal
    if (path !== undefined) await setTerminalSize(path, size)
  })

  constructor(socket: Socket, container: Container, start: AttachStart) {
    this.#socket = socket
    this.#container = container
    const { launch } = container
    this.#stdin = start.stdin && launch.stdin ? writerOf(container.dir.file('in')) : undefined
    const wanted = { stdout: start.stdout, stderr: start.stderr }
    this.#stopListening = container.onOutput((stream, chunk) => {
      if (wanted[stream]) this.#send(execFrame[stream], chunk)
    })
    this.#terminal = launch.tty ? terminalOf(container) : Promise.resolve(undefined)
    this.#send(execFrame.started)
    void this.#terminal.then((path) => {
      if (launch.tty && start.tty && path === undefined) this.#send(execFrame.stdout, noTerminal)
    })
    void container.ended.then(() => this.#socket.end(execFrameBytes(execFrame.exit, '0')))
  }

  receive(kind: number, payload: Buffer): void {
    if (kind === execFrame.stdin) {
      const taken = () => this.#send(execFrame.stdinTaken)
      if (this.#stdin?.writable) this.#stdin.write(payload, taken)
      else taken()
    }
    if (kind === execFrame.stdinEnd) this.#endStdin()
    if (kind === execFrame.resize) this.#sizes.ask(JSON.parse(payload.toString()))
  }

  disconnected(): void {
    this.#stopListening()
    this.#endStdin()
  }

  /** What has been written is the program's; only `once` means that nothing follows. */
  #endStdin(): void {
    this.#stdin?.end()
    if (this.#stdin && this.#container.launch.stdin === 'once') this.#container.closeStdin()
  }

  #send(kind: number, payload: Uint8Array | string = ''): void {
    if (!this.#socket.writable) return
    this.#socket.write(execFrameBytes(kind, payload))
    if (this.#socket.writableLength > unreadBytesMax) this.#socket.destroy()
  }
}

/** Resolves with the path of the container's terminal; undefined where there can be none. */
async function terminalOf(container: Container): Promise<string | undefined> {
  for (let waitedMs = 0; waitedMs < terminalMsMax; waitedMs += lookMs) {
    const path = container.dir.terminal()
    if (path !== undefined || !container.isRunning || !canHaveTerminal()) return path
    await new Promise((resolve) => setTimeout(resolve, lookMs))
  }
  return undefined
}

/** A FIFO that somebody holds open; a program that does not read holds up nobody but the writer. */
function writerOf(fifo: string): Socket {
  const fd = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK)
  const socket = new Socket({ fd, readable: false, writable: true })
  return socket.on('error', () => socket.destroy())
}
