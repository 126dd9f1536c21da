import type { FileHandle } from 'node:fs/promises'
import type { LogOptions } from '../../../api/seams.ts'
import { type Clock, sleep } from '../../../base/clock.ts'
import { parseCriLine } from './cri-log.ts'
import { countFiles, newerFiles, openNth } from './log-files.ts'

const blockBytes = 64 * 1024
const followPollMs = 100
const newline = 0x0a

export interface LogSource {
  readonly path: string
  /** Whether no line can come any more. */
  isComplete(): Promise<boolean>
}

/** The lines of a container's log as `kubectl logs` wants them (H-18), over all of its files. */
export async function* readContainerLog(
  source: LogSource,
  options: LogOptions,
  watching: Watching,
): AsyncIterable<Uint8Array> {
  const start = await openLog(source, options, watching)
  if (!start) return
  const print = logPrinter(options, watching.clock.now())
  let bytesLeft = options.limitBytes ?? Number.POSITIVE_INFINITY
  for await (const lines of readLines(source, start, { ...watching, options })) {
    const bytes = Buffer.concat(lines.map(print))
    if (bytes.length > 0) yield bytes.subarray(0, bytesLeft)
    bytesLeft -= bytes.length
    if (bytesLeft <= 0) return
  }
}

interface Watching {
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** An open file of the log, and where to go on in it. */
interface Place {
  readonly file: FileHandle
  readonly position: number
}

/** A container that has printed nothing may have no file yet. */
async function openLog(
  source: LogSource,
  { follow, tailLines }: LogOptions,
  { clock, signal }: Watching,
): Promise<Place | undefined> {
  while (!signal.aborted) {
    const isLast = !follow || (await source.isComplete())
    const place = await startOf(source.path, tailLines)
    if (place || isLast) return place
    await sleep(clock, followPollMs, signal)
  }
  return undefined
}

/** The beginning of the oldest file, or where the last `tailLines` lines begin. */
async function startOf(path: string, tailLines: number | undefined): Promise<Place | undefined> {
  if (tailLines === undefined) {
    const file = await openNth(path, Math.max(countFiles(path) - 1, 0))
    return file && { file, position: 0 }
  }
  let left = tailLines
  for (let n = 0, count = countFiles(path); n < Math.max(count, 1); n++) {
    const file = await openNth(path, n)
    if (!file) return undefined
    const { position, lines } = await tailStart(file, left)
    if (lines === left || n >= count - 1) return { file, position }
    left -= lines
    await file.close()
  }
  return undefined
}

/** Whole lines, in batches as they are read, without their newlines; closes what it has opened. */
async function* readLines(
  { path, isComplete }: LogSource,
  start: Place,
  { options, clock, signal }: Watching & { readonly options: LogOptions },
): AsyncIterable<readonly Buffer[]> {
  let { file, position } = start
  const block = Buffer.alloc(blockBytes)
  let rest: Buffer = Buffer.alloc(0)
  let isLastPass = !options.follow
  /** Of the open file nothing more is written. */
  let isBehind = false
  try {
    while (!signal.aborted) {
      const { bytesRead } = await file.read(block, 0, blockBytes, position)
      if (bytesRead > 0) {
        position += bytesRead
        const { lines, rest: next } = splitLines(
          Buffer.concat([rest, block.subarray(0, bytesRead)]),
        )
        rest = next
        yield lines
        continue
      }
      if (!isBehind) {
        isBehind = (await newerFiles(path, file)) > 0
        // It was whole before it was put behind: there may be more than was there at the last look.
        if (isBehind) continue
      } else {
        const next = await openNth(path, (await newerFiles(path, file)) - 1)
        if (next) {
          await file.close()
          file = next
          position = 0
          isBehind = false
          continue
        }
      }
      if (isLastPass) return
      isLastPass = await isComplete()
      if (!isLastPass) await sleep(clock, followPollMs, signal)
    }
  } finally {
    await file.close()
  }
}

function splitLines(data: Buffer): { readonly lines: readonly Buffer[]; readonly rest: Buffer } {
  const lines: Buffer[] = []
  let start = 0
  for (let end = data.indexOf(newline); end >= 0; end = data.indexOf(newline, start)) {
    lines.push(data.subarray(start, end))
    start = end + 1
  }
  return { lines, rest: data.subarray(start) }
}

/**
 * Where the last `count` lines of the file begin, found from its end, and how many it has of them.
 */
async function tailStart(
  file: FileHandle,
  count: number,
): Promise<{ readonly position: number; readonly lines: number }> {
  const { size } = await file.stat()
  const block = Buffer.alloc(blockBytes)
  let newlines = 0
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - blockBytes)
    await file.read(block, 0, end - start, start)
    for (let at = end - start - 1; at >= 0; at--) {
      if (block[at] !== newline) continue
      if (newlines === count) return { position: start + at + 1, lines: count }
      newlines++
    }
    end = start
  }
  return { position: count === 0 ? size : 0, lines: newlines }
}

/** What one stored line becomes: nothing when it is too old or torn. */
function logPrinter(options: LogOptions, nowMs: number): (line: Buffer) => Buffer {
  const sinceMs = sinceTimeMs(options, nowMs)
  let isLineStart = true
  return (stored) => {
    const line = parseCriLine(stored)
    if (!line || Date.parse(line.timestamp) < sinceMs) return Buffer.alloc(0)
    if (options.stream && line.stream !== options.stream) return Buffer.alloc(0)
    const prefix = options.timestamps && isLineStart ? `${line.timestamp} ` : ''
    isLineStart = line.isWhole
    return Buffer.concat([Buffer.from(prefix), line.content, Buffer.from(line.isWhole ? '\n' : '')])
  }
}

function sinceTimeMs({ sinceSeconds, sinceTime }: LogOptions, nowMs: number): number {
  if (sinceSeconds !== undefined) return nowMs - sinceSeconds * 1000
  return sinceTime === undefined ? Number.NEGATIVE_INFINITY : Date.parse(sinceTime)
}
