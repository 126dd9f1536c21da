import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../../base/system-clock.ts'
import { readContainerLog } from '../log-reader.ts'
import { LogFile } from './log-file.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'astern-log-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

/** What a program has printed that way, as it is kept in files of this size. */
async function collected(script: string, bytesMax: number): Promise<string> {
  const fifo = join(dir, 'out')
  const path = join(dir, '0.log')
  execFileSync('mkfifo', [fifo])
  const log = new LogFile(path, bytesMax)
  const writer = spawn('sh', ['-c', `exec >"${fifo}"; ${script}`])
  // The program has the FIFO open before it is read to its end.
  const held = spawn('sh', ['-c', `exec 3<>"${fifo}"; echo; read -r end`])
  await new Promise((resolve) => held.stdout.once('data', resolve))
  log.collect(fifo, 'stdout')
  await new Promise((resolve) => writer.once('close', resolve))
  held.stdin.end()
  await log.close(5_000)
  let text = ''
  const watching = { clock: systemClock, signal: new AbortController().signal }
  const source = { path, isComplete: async () => true }
  for await (const chunk of readContainerLog(source, { container: 'app' }, watching)) {
    text += Buffer.from(chunk).toString()
  }
  return text
}

const sizes = () =>
  readdirSync(dir)
    .filter((name) => name.startsWith('0.log'))
    .map((name) => statSync(join(dir, name)).size)

describe('LogFile', () => {
  it('keeps all in several files, in order, cut between lines', async () => {
    const text = await collected('seq 1 40000', 500_000)
    expect(text.trim().split('\n').map(Number)).toEqual(
      Array.from({ length: 40_000 }, (_, n) => n + 1),
    )
    expect(sizes().length).toBeGreaterThan(1)
  })

  it('keeps five files at most: the newest', async () => {
    const text = await collected('seq 1 150000', 500_000)
    expect(sizes()).toHaveLength(5)
    const lines = text.trim().split('\n').map(Number)
    expect(lines.at(-1)).toBe(150_000)
    expect(lines).toEqual(lines.map((_, index) => 150_001 - lines.length + index))
  })
})
