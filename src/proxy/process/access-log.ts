import { appendFileSync } from 'node:fs'
import { appendFile, rename, stat } from 'node:fs/promises'

const flushMs = 500
/** What waits for the disk is bounded: lines beyond are dropped, and counted. */
const waitingBytesMax = 4 << 20
/** A file that has grown to this becomes `FILE.1`, in the place of the one before. */
export const fileBytesMax = 64 << 20

/** A line of the access log, one for each HTTP request that the proxy has understood. */
export interface AccessRecord {
  /** When its head was whole, RFC 3339. */
  readonly time: string
  readonly client: string
  /** `shop/web`, or `shop/web:http`. */
  readonly service: string
  /** `IP:PORT`; '' when there was none. */
  readonly endpoint: string
  readonly pod: string
  /** Of the pod's template. */
  readonly revision: string
  readonly method: string
  /** Without the query, in which credentials are often put. */
  readonly path: string
  /** 0: no answer had begun. */
  readonly status: number
  /** Of the answer, head and all, as far as it came. */
  readonly bytes: number
  /** To the end of the answer. */
  readonly ms: number
  /** Ended before the answer was whole. */
  readonly aborted?: true
}

/**
 * Appends records to a file, a line of JSON each, in batches: no request waits for it. The file is
 * opened anew for each batch, so that it may be moved away at any time.
 */
export class AccessLog {
  readonly #path: string
  #waiting = ''
  #dropped = 0
  #timer: NodeJS.Timeout | undefined
  #hasFailed = false

  constructor(path: string) {
    this.#path = path
    process.on('exit', () => this.#flushLast())
  }

  add(record: AccessRecord): void {
    if (this.#waiting.length > waitingBytesMax) this.#dropped++
    else this.#waiting += `${JSON.stringify(record)}\n`
    this.#timer ??= setTimeout(() => void this.#flush(), flushMs)
  }

  #take(): string {
    const dropped = this.#dropped > 0 ? `${JSON.stringify({ dropped: this.#dropped })}\n` : ''
    const text = this.#waiting + dropped
    this.#waiting = ''
    this.#dropped = 0
    return text
  }

  async #flush(): Promise<void> {
    const text = this.#take()
    try {
      await appendFile(this.#path, text, { mode: 0o600 })
      const { size } = await stat(this.#path)
      if (size > fileBytesMax) await rename(this.#path, `${this.#path}.1`)
      this.#hasFailed = false
    } catch (error) {
      this.#failed(error as Error)
    }
    const isMore = this.#waiting !== '' || this.#dropped > 0
    this.#timer = isMore ? setTimeout(() => void this.#flush(), flushMs) : undefined
  }

  /** Said once, not with every batch. */
  #failed(error: Error): void {
    if (!this.#hasFailed) {
      const advice = 'requests go unlogged until it can be written'
      process.stderr.write(`the access log cannot be written: ${error.message}; ${advice}\n`)
    }
    this.#hasFailed = true
  }

  #flushLast(): void {
    const text = this.#take()
    if (text === '') return
    try {
      appendFileSync(this.#path, text, { mode: 0o600 })
    } catch {
      // There is nobody left to tell.
    }
  }
}
