import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { deleteSnapshot } from '../src/node/images/snapshot.ts'

const program = fileURLToPath(new URL('../dist/story.js', import.meta.url))
const endMsMax = 110_000

const dirs: string[] = []
let story: ChildProcess | undefined

/** SIGTERM ends all of it; what hangs is killed, with whatever still runs on its data. */
afterEach(async () => {
  if (story && story.exitCode === null && story.signalCode === null) {
    const ended = new Promise((resolve) => story?.once('exit', resolve))
    story.kill('SIGTERM')
    const timer = setTimeout(() => story?.kill('SIGKILL'), 10_000)
    await ended
    clearTimeout(timer)
  }
  for (const dir of dirs.splice(0)) {
    for (const pid of processesOn(dir)) process.kill(pid, 'SIGKILL')
    await deleteSnapshot(dir)
  }
})

/**
 * Pids of the processes whose command line or directory is in `dir`: shim, proxy, supervisors,
 * programs.
 */
function processesOn(dir: string): readonly number[] {
  const read = (path: string) => {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return ''
    }
  }
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .filter((pid) => (read(`/proc/${pid}/cmdline`) + read(`/proc/${pid}/environ`)).includes(dir))
    .map(Number)
}

function tell(...args: string[]) {
  const dataDir = mkdtempSync(join(tmpdir(), 'astern-story-test-'))
  dirs.push(dataDir)
  const child = spawn(process.execPath, [program, '--data', dataDir, ...args])
  story = child
  const text = { out: '', err: '' }
  child.stdout.on('data', (chunk) => {
    text.out += chunk
  })
  child.stderr.on('data', (chunk) => {
    text.err += chunk
  })
  const code = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return { child, dataDir, text, code }
}

async function until(isSo: () => boolean): Promise<void> {
  const giveUpMs = performance.now() + endMsMax
  while (!isSo()) {
    if (performance.now() > giveUpMs) throw new Error('not in time')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

test('S-04, S-34: --exit tells the whole story, every step holds, and nothing is left', async () => {
  const startedMs = performance.now()
  const { dataDir, text, code } = tell('--exit')
  expect([await code, text.err]).toEqual([0, ''])
  const lines = text.out.split('\n')
  expect(lines[0]).toBe(`export KUBECONFIG=${join(dataDir, 'kubeconfig')}`)
  const order = 'up 0->1, down 3->2, up 1->2, down 2->1, up 2->3, down 1->0'
  expect(lines.filter((line) => line === `  Steps: ${order}`)).toHaveLength(5)
  const history = lines.flatMap((line) => /^ {2}(\d+) {9}<none>$/.exec(line)?.[1] ?? [])
  expect(history).toEqual(['1', '2', '3', '1', '3', '4'])
  expect(lines).toContain('  deployment.apps/app rolled back')
  expect(text.out).toMatch(/^ {2}r5 \* .* ~[0-9a-f]{12} .* healthy +apply *$/m)
  expect(text.out).toMatch(/^ {2}deployment\/app runs r4 as r6: healthy$/m)
  expect(lines.slice(lines.findLastIndex((line) => line.includes('apply -f app')))).toEqual(
    expect.arrayContaining(['  deployment.apps/app unchanged', '  service/app unchanged']),
  )
  expect(text.out).toMatch(/version 1\.2\.0: \d+ requests, [1-9]\d* answered with 500/)
  expect(text.out).toContain('Every step held, and no request was dropped.')
  // Half a minute on an idle machine; tests may run on a busy one.
  expect(performance.now() - startedMs).toBeLessThan(100_000)
  expect(processesOn(dataDir)).toEqual([])
})

test('without --exit it stays up, and Ctrl-C stops all of it', async () => {
  const { child, dataDir, text, code } = tell()
  await until(() => text.out.includes('until Ctrl-C') || child.exitCode !== null)
  const [, url = ''] = /The Service is at (http:\S+),/.exec(text.out) ?? []
  expect(await (await fetch(url)).text()).toContain('hello from version 1.1.0')
  expect(existsSync(join(dataDir, 'kubeconfig'))).toBe(true)
  expect(processesOn(dataDir)).not.toEqual([])
  child.kill('SIGINT')
  expect([await code, text.err]).toEqual([0, ''])
  expect(processesOn(dataDir)).toEqual([])
})
