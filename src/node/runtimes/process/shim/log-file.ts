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
import { logFileBytesMax, rotate } from '../log-files.ts'
import { readFifo } from './fifo.ts'

interface Source {
  readonly socket: Socket
  readonly ended: Promise<void>
}

/** Collects a container's output from its FIFOs into its log, which is kept in files of a size. */
export class LogFile {
  readonly #path: string
  readonly #bytesMax: number
  readonly #sources: Source[] = []
  #file: WriteStream
  #size: number
  /**
   * Lines that came while one file was closed and the next one opened; undefined at other times.
   */
  #held: Buffer[] | undefined
  #onRotated: () => void = () => {}

  constructor(path: string, bytesMax = logFileBytesMax) {
    this.#path = path
    this.#bytesMax = bytesMax
    this.#size = endTornLine(path)
    this.#file = openForAppending(path)
  }

  /**
   * Reads a FIFO that others hold open for writing, until they do no more; `onOutput` sees what
   * comes, as it comes.
   */
  collect(fifo: string, stream: LogStream, onOutput: (chunk: Buffer) => void = () => {}): void {
    const socket = readFifo(fifo)
    const encoder = new CriEncoder(stream)
    socket.on('data', (chunk: Buffer) => {
      this.#write(encoder.push(chunk, logTimestamp(preciseNowMs())))
      onOutput(chunk)
    })
    const ended = once(socket, 'close').then(() => {
      this.#write(encoder.flush(logTimestamp(preciseNowMs())))
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
    if (this.#held) await new Promise<void>((resolve) => (this.#onRotated = resolve))
    if (this.#file.destroyed) return
    await new Promise<void>((resolve) => {
      this.#file.once('close', resolve)
      this.#file.end()
    })
  }

  #write(lines: Buffer): void {
    if (this.#held) {
      this.#held.push(lines)
      return
    }
    if (lines.length === 0 || this.#file.destroyed) return
    const canGoOn = this.#file.write(lines)
    this.#size += lines.length
    if (this.#size >= this.#bytesMax) this.#rotate()
    else if (!canGoOn) this.#wait()
  }

  #wait(): void {
    this.#pauseAll()
    this.#file.once('drain', () => this.#resumeAll())
    this.#file.once('close', () => this.#resumeAll())
  }

  /** The file gets another name only when it is whole: a reader may leave it at its end then. */
  #rotate(): void {
    this.#held = []
    this.#pauseAll()
    this.#file.once('close', () => {
      const held = this.#held ?? []
      this.#held = undefined
      rotate(this.#path)
      this.#size = 0
      this.#file = openForAppending(this.#path)
      for (const lines of held) this.#write(lines)
      if (this.#held) return
      this.#onRotated()
      this.#resumeAll()
    })
    this.#file.end()
  }

  #pauseAll(): void {
    for (const { socket } of this.#sources) socket.pause()
  }

  #resumeAll(): void {
    for (const { socket } of this.#sources) socket.resume()
  }
}

function openForAppending(path: string): WriteStream {
  const file = createWriteStream(path, { flags: 'a', mode: 0o600 })
  // A full disk must not stop the program: what cannot be written is dropped.
  return file.on('error', () => {})
}

/**
 * A crash may have cut the last line short; the next one must not be glued to it. Returns the size.
 */
function endTornLine(path: string): number {
  const fd = openSync(path, 'a+', 0o600)
  try {
    const { size } = fstatSync(fd)
    const last = Buffer.alloc(1)
    if (size === 0 || readSync(fd, last, 0, 1, size - 1) === 0) return size
    return last.toString() === '\n' ? size : size + writeSync(fd, '\n')
  } finally {
    closeSync(fd)
  }
}
