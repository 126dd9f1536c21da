import { once } from 'node:events'
import {
  closeSync,
  createWriteStream,
  fstatSync,
  openSync,
  readSync,
  type WriteStream,
  writeSync,
} from 'node:fs'
import type { Socket } from 'node:net'
import { CriEncoder, type LogStream, logTimestamp, preciseNowMs } from '../cri-log.ts'
import { readFifo } from './fifo.ts'

/** Collects a container's output from its FIFOs into its log. */
export class LogFile {
  readonly #file: WriteStream
  readonly #sources: { readonly socket: Socket; readonly ended: Promise<void> }[] = []

  constructor(path: string) {
    endTornLine(path)
    this.#file = createWriteStream(path, { flags: 'a', mode: 0o600 })
    // A full disk must not stop the program: what cannot be written is dropped.
    this.#file.on('error', () => {})
  }

  /** Reads a FIFO that others hold open for writing, until they do no more. */
  collect(fifo: string, stream: LogStream): void {
    const socket = readFifo(fifo)
    const encoder = new CriEncoder(stream)
    socket.on('data', (chunk: Buffer) => {
      this.#write(encoder.push(chunk, logTimestamp(preciseNowMs())), socket)
    })
    const ended = once(socket, 'close').then(() => {
      this.#write(encoder.flush(logTimestamp(preciseNowMs())), socket)
    })
    this.#sources.push({ socket, ended })
  }

  /**
   * Resolves when all output is in the file, or `patienceMs` later: a process that could not be
   * killed may still hold its end.
   */
  async close(patienceMs: number): Promise<void> {
    const timer = setTimeout(() => {
      for (const { socket } of this.#sources) socket.destroy()
    }, patienceMs)
    await Promise.all(this.#sources.map(({ ended }) => ended))
    clearTimeout(timer)
    if (this.#file.destroyed) return
    await new Promise<void>((resolve) => {
      this.#file.once('close', resolve)
      this.#file.end()
    })
  }

  #write(lines: Buffer, from: Socket): void {
    if (lines.length === 0 || this.#file.destroyed || this.#file.write(lines)) return
    from.pause()
    this.#file.once('drain', () => from.resume())
    this.#file.once('close', () => from.resume())
  }
}

/** A crash may have cut the last line short; the next one must not be glued to it. */
function endTornLine(path: string): void {
  const fd = openSync(path, 'a+', 0o600)
  try {
    const { size } = fstatSync(fd)
    const last = Buffer.alloc(1)
    if (size === 0 || readSync(fd, last, 0, 1, size - 1) === 0) return
    if (last.toString() !== '\n') writeSync(fd, '\n')
  } finally {
    closeSync(fd)
  }
}
