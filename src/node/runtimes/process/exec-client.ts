import { connect, type Socket } from 'node:net'
import { Readable, Writable } from 'node:stream'
import type { RemoteCommand } from '../../../api/seams.ts'
import type { AttachStreamOptions, ContainerRef, ExecStreamOptions } from '../../runtime.ts'
import { writableSink } from '../../writable-sink.ts'
import { execFrame, execFrameBytes, execFrames } from './exec-frames.ts'

export interface ExecStart extends ExecStreamOptions {
  readonly ref: ContainerRef
}

/** The same for a container's own streams. */
export interface AttachStart extends AttachStreamOptions {
  readonly ref: ContainerRef
}

/** One `stdin` frame; the shim holds one at a time. */
const stdinBytesMax = 64 * 1024

/**
 * Has the shim run a command, on a connection of its own: the command lives as long as that does.
 * Or, without a command, connects to the container itself. Resolves when it runs; rejects when it
 * cannot be started.
 */
export function execThroughShim(
  socketPath: string,
  start: ExecStart | AttachStart,
  signal: AbortSignal,
): Promise<RemoteCommand> {
  return new ShimCommand(connect(socketPath), start).begin(signal)
}

class ShimCommand {
  readonly #socket: Socket
  readonly #start: ExecStart | AttachStart
  readonly #stdout = this.#output()
  readonly #stderr = this.#output()
  #onStdinTaken = () => {}
  #resolveExit: (code: number) => void = () => {}

  constructor(socket: Socket, start: ExecStart | AttachStart) {
    this.#socket = socket
    this.#start = start
  }

  begin(signal: AbortSignal): Promise<RemoteCommand> {
    const socket = this.#socket
    const abort = () => socket.destroy()
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) abort()
    const exit = new Promise<number>((resolve, reject) => {
      this.#resolveExit = resolve
      const lost = () => reject(new Error('the connection to the command was lost'))
      socket.once('close', () => {
        signal.removeEventListener('abort', abort)
        this.#endOutput()
        this.#onStdinTaken()
        lost()
      })
    })
    exit.catch(() => {})
    return new Promise((resolve, reject) => {
      socket.on('error', (error) => reject(new Error(`the shim cannot be asked: ${error.message}`)))
      exit.catch(reject)
      const onFrame = (kind: number, payload: Buffer) => {
        if (kind === execFrame.started) resolve(this.#command(exit))
        else if (kind === execFrame.failed) reject(new Error(payload.toString()))
        else this.#receive(kind, payload)
      }
      socket.on('data', execFrames(onFrame))
      socket.write(execFrameBytes(execFrame.start, JSON.stringify(this.#start)))
    })
  }

  #command(exit: Promise<number>): RemoteCommand {
    return {
      stdin: this.#start.stdin ? writableSink(this.#stdin()) : undefined,
      stdout: this.#stdout,
      stderr: this.#stderr,
      resize: (size) => this.#send(execFrame.resize, JSON.stringify(size)),
      exit,
    }
  }

  /** Full: nothing more is read from the shim until somebody has read it. */
  #output(): Readable {
    const output = new Readable({ read: () => this.#socket.resume() })
    return output.on('error', () => {})
  }

  #stdin(): Writable {
    return new Writable({
      highWaterMark: stdinBytesMax,
      write: (chunk: Buffer, _encoding, done) => this.#sendStdin(chunk, done),
      final: (done) => {
        this.#send(execFrame.stdinEnd)
        done()
      },
    })
  }

  #sendStdin(chunk: Buffer, done: () => void): void {
    if (this.#socket.destroyed || chunk.length === 0) {
      done()
      return
    }
    const part = chunk.subarray(0, stdinBytesMax)
    this.#onStdinTaken = () => this.#sendStdin(chunk.subarray(part.length), done)
    this.#send(execFrame.stdin, part)
  }

  #send(kind: number, payload: Uint8Array | string = ''): void {
    if (!this.#socket.destroyed) this.#socket.write(execFrameBytes(kind, payload))
  }

  #receive(kind: number, payload: Buffer): void {
    if (kind === execFrame.stdinTaken) this.#onStdinTaken()
    if (kind === execFrame.exit) {
      this.#resolveExit(Number(payload.toString()))
      this.#endOutput()
    }
    const output = kind === execFrame.stdout ? this.#stdout : this.#stderr
    const isOutput = kind === execFrame.stdout || kind === execFrame.stderr
    if (isOutput && !output.push(payload)) this.#socket.pause()
  }

  #endOutput(): void {
    for (const output of [this.#stdout, this.#stderr]) if (!output.readableEnded) output.push(null)
  }
}
