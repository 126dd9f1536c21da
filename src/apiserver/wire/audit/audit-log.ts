import { type FileHandle, open, rename } from 'node:fs/promises'
import type { Timer } from '../../../base/clock.ts'
import type { Context } from '../../../base/context.ts'
import type { AuditEvent } from './audit-event.ts'

/** Where it is written down who asked for what, and what came of it. */
export interface AuditLog {
  /** Never fails, and never waits: what cannot be written is counted and told later. */
  write(event: AuditEvent): void
  /** Resolves when all of it is in the file; what comes later is not written. */
  close(): Promise<void>
}

export interface AuditLogOptions {
  readonly path: string
  readonly context: Pick<Context, 'clock' | 'log'>
  /** A file that has grown beyond this is put away as `PATH.1`, an older one as `PATH.2`, … */
  readonly fileBytesMax?: number
  /** With the one that is written. */
  readonly filesMax?: number
}

const defaultFileBytesMax = 10 * 1024 * 1024
const defaultFilesMax = 5
/** How long lines wait for others to be written with. */
const gatherMs = 100
/** Of lines that wait for the disk: what comes on top is dropped. */
const waitingCharactersMax = 4 * 1024 * 1024

/** JSON lines in a file that only its owner may read, a few megabytes at most. */
export function openAuditLog(options: AuditLogOptions): AuditLog {
  return new FileAuditLog(options)
}

class FileAuditLog implements AuditLog {
  readonly #options: Required<AuditLogOptions>
  #file: FileHandle | undefined
  #size = 0
  #waiting = ''
  #dropped = 0
  #isClosed = false
  #timer: Timer | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(options: AuditLogOptions) {
    this.#options = {
      fileBytesMax: defaultFileBytesMax,
      filesMax: defaultFilesMax,
      ...options,
    }
  }

  write(event: AuditEvent): void {
    if (this.#isClosed) return
    if (this.#waiting.length > waitingCharactersMax) {
      this.#dropped += 1
      return
    }
    this.#waiting += `${JSON.stringify(event)}\n`
    this.#timer ??= this.#options.context.clock.setTimeout(() => this.#flush(), gatherMs)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#flush()
    await this.#writing
    await this.#file?.close()
    this.#file = undefined
  }

  #flush(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#writing = this.#writing.then(() => this.#append())
  }

  async #append(): Promise<void> {
    const text = this.#waiting
    if (text === '') return
    this.#waiting = ''
    const { log } = this.#options.context
    try {
      await this.#write(text)
    } catch (error) {
      this.#dropped += text.split('\n').length - 1
      log.warn('the audit log cannot be written', { error: String(error) })
      return
    }
    if (this.#dropped > 0) log.warn('lines of the audit log were lost', { lines: this.#dropped })
    this.#dropped = 0
  }

  async #write(text: string): Promise<void> {
    const bytes = Buffer.from(text)
    await this.#open()
    if (this.#size > 0 && this.#size + bytes.length > this.#options.fileBytesMax) {
      await this.#rotate()
    }
    const file = await this.#open()
    await file.appendFile(bytes)
    this.#size += bytes.length
  }

  async #open(): Promise<FileHandle> {
    if (this.#file) return this.#file
    this.#file = await open(this.#options.path, 'a', 0o600)
    this.#size = (await this.#file.stat()).size
    return this.#file
  }

  async #rotate(): Promise<void> {
    const { path, filesMax } = this.#options
    await this.#file?.close()
    this.#file = undefined
    for (let number = filesMax - 1; number > 0; number -= 1) {
      await renameIfThere(number === 1 ? path : `${path}.${number - 1}`, `${path}.${number}`)
    }
  }
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
