import { type FileHandle, open } from 'node:fs/promises'
import type { LogOptions } from '../../../api/seams.ts'
import { type Clock, sleep } from '../../../base/clock.ts'
import { isErrno } from '../../../base/process-identity.ts'
import { parseCriLine } from './cri-log.ts'

const blockBytes = 64 * 1024
const followPollMs = 100
const newline = 0x0a

export interface LogSource {
  readonly path: string
  /** Whether no line can come any more. */
  isComplete(): Promise<boolean>
}

/** The lines of a container's log as `kubectl logs` wants them (H-18). */
export async function* readContainerLog(
  source: LogSource,
  options: LogOptions,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): AsyncIterable<Uint8Array> {
  const file = await openLog(source, options, { clock, signal })
  if (!file) return
  const print = logPrinter(options, clock.now())
  let bytesLeft = options.limitBytes ?? Number.POSITIVE_INFINITY
  try {
    for await (const lines of readLines(file, source, { options, clock, signal })) {
      const bytes = Buffer.concat(lines.map(print))
      if (bytes.length > 0) yield bytes.subarray(0, bytesLeft)
      bytesLeft -= bytes.length
      if (bytesLeft <= 0) return
    }
  } finally {
    await file.close()
  }
}

interface Watching {
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** A container that has printed nothing may have no file yet. */
async function openLog(
  source: LogSource,
  options: LogOptions,
  { clock, signal }: Watching,
): Promise<FileHandle | undefined> {
  while (!signal.aborted) {
    const isLast = !options.follow || (await source.isComplete())
    try {
      return await open(source.path, 'r')
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error
      if (isLast) return undefined
      await sleep(clock, followPollMs, signal)
    }
  }
  return undefined
}

/** Whole lines, in batches as they are read, without their newlines. */
async function* readLines(
  file: FileHandle,
  source: LogSource,
  { options, clock, signal }: Watching & { readonly options: LogOptions },
): AsyncIterable<readonly Buffer[]> {
  let position = options.tailLines === undefined ? 0 : await tailStart(file, options.tailLines)
  const block = Buffer.alloc(blockBytes)
  let rest: Buffer = Buffer.alloc(0)
  let isLastPass = !options.follow
  while (!signal.aborted) {
    const { bytesRead } = await file.read(block, 0, blockBytes, position)
    if (bytesRead === 0) {
      if (isLastPass) return
      isLastPass = await source.isComplete()
      if (!isLastPass) await sleep(clock, followPollMs, signal)
      continue
    }
    position += bytesRead
    const { lines, rest: next } = splitLines(Buffer.concat([rest, block.subarray(0, bytesRead)]))
    rest = next
    yield lines
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

/** Where the last `count` lines of the file begin, found from its end. */
async function tailStart(file: FileHandle, count: number): Promise<number> {
  const { size } = await file.stat()
  const block = Buffer.alloc(blockBytes)
  let newlinesLeft = count + 1
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - blockBytes)
    await file.read(block, 0, end - start, start)
    for (let at = end - start - 1; at >= 0; at--) {
      if (block[at] === newline && --newlinesLeft === 0) return start + at + 1
    }
    end = start
  }
  return 0
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
