import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { randomInt, systemPrng } from '../base/prng.ts'
import { openLevelStore } from './level-store.ts'
import { write } from './store.contract.ts'
import type { Store } from './store.ts'

const decode = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes))
const padding = 'x'.repeat(2500)

/** Runs in its own process; each line it prints is an answered write: "put KEY REVISION". */
const prelude = `
import { writeSync } from 'node:fs'
import { openLevelStore } from ${JSON.stringify(new URL('./level-store.ts', import.meta.url).href)}
const [directory, name] = process.argv.slice(1)
const store = await openLevelStore(directory, { decode: () => undefined })
const make = () => ({ bytes: Buffer.from(JSON.stringify({ name, padding: '${padding}' })), object: {} })
const say = (...words) => {
  for (;;) {
    // A reader that is slow fills the pipe; what was said must have left before the next write.
    try { return writeSync(1, words.join(' ') + '\\n') } catch (error) { if (error.code !== 'EAGAIN') throw error }
  }
}
`

/** Eight writers: each creates keys of its own, rewrites one, and deletes every third. */
const fastWriters = `${prelude}
async function writer(number) {
  const hot = '/hot/' + number
  for (let count = 0; ; count++) {
    const key = ['', name, number, count].join('/')
    const { revision } = await store.put(key, 0, make)
    say('put', key, revision)
    const rewritten = await store.put(hot, store.get(hot)?.revision ?? 0, make)
    say('hot', hot, rewritten.revision)
    if (count % 3 === 0) say('delete', key, (await store.delete(key, revision, make)).revision)
  }
}
for (let number = 0; number < 8; number++) void writer(number)
`

/** Goes on after writes have failed, as long again, then dies without closing. */
const writerOnFullDisk = `${prelude}
let failures = 0
for (let count = 0, after = 0; after < 40 && count < 1500; count++) {
  const key = '/' + count
  const answer = await store.put(key, 0, make).catch((error) => error)
  if (answer instanceof Error) failures++
  else if (failures > 0) after++
  say(answer instanceof Error ? answer.name : 'put', key, answer.revision)
}
process.kill(process.pid, 'SIGKILL')
`

interface Answer {
  readonly kind: string
  readonly key: string
  readonly revision: number
}

let directory: string
const children: ChildProcess[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'astern-crash-'))
})

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await rm(directory, { recursive: true })
})

/**
 * The answers that the script was given before it died; it is killed when it has got `count` of
 * them.
 */
async function answersOf(
  script: string,
  options: { readonly name: string; readonly killAfter: number; readonly limits?: string },
): Promise<Answer[]> {
  const node = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', script]
  const shell = `${options.limits ?? ':'}; exec "$@"`
  const words = ['-c', shell, 'sh', ...node, directory, options.name]
  const child = spawn('sh', words, { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const ended = once(child, 'exit')
  const answers: Answer[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    const [kind = '', key = '', revision] = line.split(' ')
    answers.push({ kind, key, revision: Number(revision) })
    if (answers.length === options.killAfter) child.kill('SIGKILL')
  }
  expect(await ended).toEqual([null, 'SIGKILL'])
  return answers
}

function expectKept(store: Store, answers: readonly Answer[]): void {
  const deleted = new Set(answers.filter(({ kind }) => kind === 'delete').map(({ key }) => key))
  for (const { kind, key, revision } of answers) {
    const found = store.get(key)
    if (kind === 'hot') expect(found?.revision).toBeGreaterThanOrEqual(revision)
    else if (deleted.has(key)) expect(found).toBeUndefined()
    // A deletion may have been made without having been answered.
    else if (found) expect([found.key, found.revision]).toEqual([key, revision])
    else expect(isDeletable(key)).toBe(true)
  }
  for (const entry of store.list('').entries) expect(entry.object).toMatchObject({ padding })
}

function isDeletable(key: string): boolean {
  return Number(key.split('/').at(-1)) % 3 === 0
}

test('kill -9 at any moment loses no acknowledged write', { timeout: 60_000 }, async () => {
  let revision = 0
  for (let round = 0; round < 3; round++) {
    const killAfter = 1 + randomInt(systemPrng, 1500)
    const answers = await answersOf(fastWriters, { name: `round${round}`, killAfter })
    expect(answers.length).toBeGreaterThanOrEqual(killAfter)
    for (const answer of answers) expect(answer.revision).toBeGreaterThan(revision)
    revision = Math.max(...answers.map((answer) => answer.revision))
    const store = await openLevelStore(directory, { decode })
    expect(store.revision).toBeGreaterThanOrEqual(revision)
    expectKept(store, answers)
    revision = store.revision
    await store.close()
  }
})

test('writes that failed on a full disk leave no trace, and later ones last', {
  timeout: 60_000,
}, async () => {
  // A limit on the size of files makes the log's next append fail half way, as a full disk does.
  const limits = 'ulimit -f 2048'
  const answers = await answersOf(writerOnFullDisk, { name: 'full', killAfter: -1, limits })
  const failed = answers.filter(({ kind }) => kind === 'CommitFailed')
  const kept = answers.filter(({ kind }) => kind === 'put')
  expect(failed.length).toBeGreaterThan(0)
  expect(kept.length + failed.length).toBe(answers.length)
  expect(
    kept.filter(({ key }) => Number(key.slice(1)) > Number(failed[0]?.key.slice(1))),
  ).toHaveLength(40)
  const store = await openLevelStore(directory, { decode })
  const found = store.list('').entries.map((entry) => [entry.key, entry.revision])
  expect(found.sort()).toEqual(kept.map(({ key, revision }) => [key, revision]).sort())
  await write(store, '/next', padding)
  await store.close()
})
