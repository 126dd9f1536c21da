import { performance } from 'node:perf_hooks'

export type LogStream = 'stdout' | 'stderr'

/** Longer lines are stored in parts (CRI: tag P), the last one with tag F. */
export const logLineBytesMax = 16 * 1024

const newline = 0x0a

/** RFC 3339 with nine digits, of which the clock fills six. */
export function logTimestamp(epochMs: number): string {
  const micros = Math.floor((epochMs % 1) * 1000)
  return `${new Date(epochMs).toISOString().slice(0, -1)}${String(micros).padStart(3, '0')}000Z`
}

/** Wall time in milliseconds, with fractions. */
export function preciseNowMs(): number {
  return performance.timeOrigin + performance.now()
}

/** Turns one stream's output, as it comes, into lines of the CRI log format. */
export class CriEncoder {
  readonly #stream: LogStream
  #rest: Buffer = Buffer.alloc(0)

  constructor(stream: LogStream) {
    this.#stream = stream
  }

  push(chunk: Buffer, timestamp: string): Buffer {
    const out: Buffer[] = []
    let data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    for (;;) {
      const end = data.indexOf(newline)
      const isWhole = end >= 0 && end <= logLineBytesMax
      if (!isWhole && data.length <= logLineBytesMax) break
      const size = isWhole ? end : logLineBytesMax
      out.push(this.#line(data.subarray(0, size), isWhole ? 'F' : 'P', timestamp))
      data = data.subarray(isWhole ? size + 1 : size)
    }
    this.#rest = Buffer.from(data)
    return Buffer.concat(out)
  }

  /** The last line, if it did not end in a newline. */
  flush(timestamp: string): Buffer {
    const rest = this.#rest
    this.#rest = Buffer.alloc(0)
    return rest.length === 0 ? rest : this.#line(rest, 'F', timestamp)
  }

  #line(content: Buffer, tag: 'F' | 'P', timestamp: string): Buffer {
    return Buffer.concat([
      Buffer.from(`${timestamp} ${this.#stream} ${tag} `),
      content,
      Buffer.from('\n'),
    ])
  }
}

export interface CriLine {
  readonly timestamp: string
  readonly stream: string
  /** False when the next line of the file goes on with it. */
  readonly isWhole: boolean
  readonly content: Buffer
}

/** One line of a log file, without its newline; undefined when it is not one (torn by a crash). */
export function parseCriLine(line: Buffer): CriLine | undefined {
  const afterTimestamp = line.indexOf(' ')
  const afterStream = line.indexOf(' ', afterTimestamp + 1)
  const afterTag = line.indexOf(' ', afterStream + 1)
  if (afterTimestamp < 0 || afterStream < 0 || afterTag < 0) return undefined
  const timestamp = line.toString('latin1', 0, afterTimestamp)
  const stream = line.toString('latin1', afterTimestamp + 1, afterStream)
  const tag = line.toString('latin1', afterStream + 1, afterTag)
  if (Number.isNaN(Date.parse(timestamp)) || !/^[FP]/.test(tag)) return undefined
  return { timestamp, stream, isWhole: tag.startsWith('F'), content: line.subarray(afterTag + 1) }
}
