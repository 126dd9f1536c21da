import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LogOptions } from '../../../api/seams.ts'
import { systemClock } from '../../../base/system-clock.ts'
import { VirtualClock } from '../../../base/virtual-clock.ts'
import { rotate } from './log-files.ts'
import { readContainerLog } from './log-reader.ts'

let dir: string
let path: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'astern-log-'))
  path = join(dir, '0.log')
})
afterEach(() => rmSync(dir, { recursive: true }))

const second = (n: number) => `2026-01-01T00:00:0${n}.000000000Z`

const stored = [
  `${second(1)} stdout F one`,
  `${second(2)} stderr F two`,
  `${second(3)} stdout P thr`,
  `${second(3)} stdout F ee`,
  'torn by a crash',
  `${second(4)} stdout F`,
  `${second(5)} stdout F `,
  `${second(6)} stdout F six`,
  '',
].join('\n')

async function read(options: Partial<LogOptions>): Promise<string> {
  const clock = new VirtualClock(Date.parse('2026-01-01T00:00:10Z'))
  const chunks: Uint8Array[] = []
  const log = readContainerLog(
    { path, isComplete: async () => true },
    { container: 'app', ...options },
    { clock, signal: new AbortController().signal },
  )
  for await (const chunk of log) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

describe('options (H-18)', () => {
  test.each<[string, Partial<LogOptions>, string]>([
    ['all', {}, 'one\ntwo\nthree\n\nsix\n'],
    ['the last lines', { tailLines: 2 }, '\nsix\n'],
    ['no lines', { tailLines: 0 }, ''],
    ['more lines than there are', { tailLines: 100 }, 'one\ntwo\nthree\n\nsix\n'],
    ['since a time', { sinceTime: '2026-01-01T00:00:05Z' }, '\nsix\n'],
    ['for some seconds', { sinceSeconds: 4 }, 'six\n'],
    ['the last lines since a time', { tailLines: 1, sinceTime: second(1) }, 'six\n'],
    ['some bytes', { limitBytes: 5 }, 'one\nt'],
    ['one stream', { stream: 'stderr' }, 'two\n'],
    [
      'timestamps, once for a line in parts',
      { timestamps: true, tailLines: 6, limitBytes: 37 },
      `${second(3)} three\n`,
    ],
  ])('%s', async (_, options, expected) => {
    writeFileSync(path, stored)
    expect(await read(options)).toBe(expected)
  })

  test('a container that has printed nothing has an empty log', async () => {
    expect(await read({})).toBe('')
    expect(await read({ follow: true })).toBe('')
  })

  test('the tail of a log that is longer than a block', async () => {
    const lines = Array.from({ length: 5_000 }, (_, n) => `${second(1)} stdout F line ${n}`)
    writeFileSync(path, `${lines.join('\n')}\n`)
    const printed = await read({ tailLines: 3_000 })
    expect(printed.split('\n').slice(0, 1)).toEqual(['line 2000'])
    expect(printed.split('\n').slice(-2)).toEqual(['line 4999', ''])
  })
})

describe('follow', () => {
  const follow = (isComplete: () => boolean, signal: AbortSignal) =>
    readContainerLog(
      { path, isComplete: async () => isComplete() },
      { container: 'app', follow: true },
      { clock: systemClock, signal },
    )

  test('goes on until the log is complete, and misses no last line', async () => {
    let isComplete = false
    const chunks: string[] = []
    for await (const chunk of follow(() => isComplete, new AbortController().signal)) {
      chunks.push(Buffer.from(chunk).toString())
      if (chunks.length === 1) appendFileSync(path, `${second(2)} stdout F two\n`)
      if (chunks.length === 2) {
        appendFileSync(path, `${second(3)} stdout F three\n`)
        isComplete = true
      }
    }
    expect(chunks).toEqual(['one\n', 'two\n', 'three\n'])
  }, 5_000)

  beforeEach(() => writeFileSync(path, `${second(1)} stdout F one\n`))

  test('ends when it is aborted', async () => {
    const controller = new AbortController()
    const chunks: Uint8Array[] = []
    for await (const chunk of follow(() => false, controller.signal)) {
      chunks.push(chunk)
      controller.abort()
    }
    expect(chunks).toHaveLength(1)
  })
})

describe('a log of several files', () => {
  const line = (n: number) => `${second(n)} stdout F line ${n}\n`

  beforeEach(() => {
    writeFileSync(`${path}.2`, line(1) + line(2))
    writeFileSync(`${path}.1`, line(3) + line(4))
    writeFileSync(path, line(5))
  })

  test.each<[string, Partial<LogOptions>, string]>([
    ['all of them', {}, '12345'],
    ['lines of the last', { tailLines: 1 }, '5'],
    ['lines of two', { tailLines: 2 }, '45'],
    ['lines of all', { tailLines: 4 }, '2345'],
    ['since a time', { sinceTime: second(2) }, '2345'],
  ])('%s', async (_, options, expected) => {
    expect((await read(options)).replaceAll(/line |\n/g, '')).toBe(expected)
  })

  test('whoever follows loses nothing when the present one is put behind, even twice', async () => {
    let isComplete = false
    const signal = new AbortController().signal
    const options = { container: 'app', follow: true, tailLines: 1 }
    const source = { path, isComplete: async () => isComplete }
    const log = readContainerLog(source, options, { clock: systemClock, signal })
    let got = ''
    for await (const chunk of log) {
      got += Buffer.from(chunk).toString()
      if (got === 'line 5\n') {
        for (const n of [6, 7]) {
          appendFileSync(path, line(n))
          rotate(path)
        }
        writeFileSync(path, line(8))
      }
      if (got.endsWith('line 8\n')) isComplete = true
    }
    expect(got).toBe('line 5\nline 6\nline 7\nline 8\n')
  })
})
