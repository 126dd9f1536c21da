/**
 * Measures the two candidate engines behind the store's persistence seam
 * (docs/decisions/0001-store.md):
 *
 * npx tsx tools/bench-store.ts writes per second, latency, time to open npx tsx
 * tools/bench-store.ts full-disk what is left after writes have failed
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { open } from 'lmdb'
import { randomInt, seededPrng } from '../src/base/prng.ts'
import { LevelPersistence } from '../src/store/level-persistence.ts'
import { MvccStore } from '../src/store/mvcc-store.ts'
import type { Commit, Loaded, Persistence } from '../src/store/persistence.ts'

interface LoadablePersistence extends Persistence {
  load(): Promise<Loaded>
}

/**
 * lmdb with each transaction synced before it counts as committed: as durable as `flushed`, with
 * one thread hop less.
 */
class LmdbPersistence implements LoadablePersistence {
  readonly #database

  constructor(directory: string) {
    this.#database = open<Buffer, string>(directory, { encoding: 'binary', overlappingSync: false })
  }

  async load(): Promise<Loaded> {
    const entries = [...this.#database.getRange({ start: 'e', end: 'f' })].map(
      ({ key, value }) => ({
        key: key.slice(1),
        revision: value.readDoubleBE(0),
        createRevision: value.readDoubleBE(8),
        bytes: value.subarray(16),
      }),
    )
    return { revision: Number(this.#database.get('r')?.toString() ?? 0), entries }
  }

  commit(commit: Commit): Promise<void> {
    return this.#write(commit).catch(async (error: { readonly commitError?: Promise<never> }) => {
      // The reason is a second promise, which rejects: left alone it would end the process.
      await error.commitError
      throw error
    })
  }

  async #write({ revision, changes }: Commit): Promise<void> {
    await this.#database.batch(() => {
      for (const [key, stored] of changes) {
        if (!stored) {
          void this.#database.remove(`e${key}`)
          continue
        }
        const header = Buffer.alloc(16)
        header.writeDoubleBE(stored.revision, 0)
        header.writeDoubleBE(stored.createRevision, 8)
        void this.#database.put(`e${key}`, Buffer.concat([header, stored.bytes]))
      }
      void this.#database.put('r', Buffer.from(`${revision}`))
    })
  }

  close(): Promise<void> {
    return this.#database.close()
  }
}

const engines: Readonly<Record<string, (directory: string) => LoadablePersistence>> = {
  lmdb: (directory) => new LmdbPersistence(directory),
  'classic-level': (directory) => new LevelPersistence(directory),
}

async function openStore(engine: string, directory: string): Promise<MvccStore> {
  const persistence = engines[engine]?.(directory)
  if (!persistence) throw new Error(`no engine ${engine}`)
  return new MvccStore(persistence, await persistence.load(), () => ({}))
}

/** Bytes that do not compress, of 2 to 3.5 KB. */
function randomValues(count: number): Buffer[] {
  const prng = seededPrng(7)
  return Array.from({ length: count }, () =>
    Buffer.from(
      Uint8Array.from({ length: 2000 + randomInt(prng, 1500) }, () => randomInt(prng, 256)),
    ),
  )
}

const values = randomValues(200)

/** Durable compare-and-puts to 2,000 keys by writers that each wait for their answer. */
async function measureWrites(store: MvccStore, writers: number, total: number) {
  const latencies: number[] = []
  let next = 0
  const startMs = performance.now()
  const writer = async () => {
    while (next < total) {
      const number = next++
      const key = `/pods/default/pod-${number % 2000}`
      const bytes = values[number % values.length] as Buffer
      const sentMs = performance.now()
      await store.put(key, store.get(key)?.revision ?? 0, () => ({ bytes, object: {} }))
      latencies.push(performance.now() - sentMs)
    }
  }
  await Promise.all(Array.from({ length: writers }, writer))
  const perSecond = Math.round((total / (performance.now() - startMs)) * 1000)
  latencies.sort((left, right) => left - right)
  const at = (share: number) => (latencies[Math.floor(latencies.length * share)] ?? 0).toFixed(2)
  return `${String(perSecond).padStart(6)} writes/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`
}

function megabytesIn(directory: string): string {
  const sizes = readdirSync(directory).map((name) => statSync(join(directory, name)).size)
  return `${Math.round(sizes.reduce((sum, size) => sum + size, 0) / 1e6)} MB`
}

async function measureOpen(engine: string, directory: string): Promise<string> {
  const store = await openStore(engine, directory)
  let next = 0
  const writer = async () => {
    while (next < 50_000) {
      const number = next++
      const bytes = values[number % values.length] as Buffer
      await store.put(`/pods/many/pod-${number}`, 0, () => ({ bytes, object: {} }))
    }
  }
  await Promise.all(Array.from({ length: 64 }, writer))
  await store.close()
  const startMs = performance.now()
  const reopened = await openStore(engine, directory)
  const tookMs = Math.round(performance.now() - startMs)
  await reopened.close()
  return `50,000 entries opened in ${tookMs} ms, ${megabytesIn(directory)} on disk`
}

async function inDirectory<T>(run: (directory: string) => T | Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'astern-bench-'))
  try {
    return await run(directory)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

async function measureSpeed(): Promise<void> {
  for (let round = 1; round <= 3; round++) {
    for (const engine of Object.keys(engines)) {
      for (const [writers, total] of [[1, 1500] as const, [64, 30_000] as const]) {
        const result = await inDirectory(async (directory) => {
          const store = await openStore(engine, directory)
          const line = await measureWrites(store, writers, total)
          await store.close()
          return line
        })
        console.log(`${engine.padEnd(14)} ${String(writers).padStart(2)} writers: ${result}`)
      }
    }
  }
  for (const engine of Object.keys(engines)) {
    console.log(engine.padEnd(14), await inDirectory((directory) => measureOpen(engine, directory)))
  }
}

/** In a child: prints each acknowledged key; writes 40 more after the first failures, then dies. */
async function writeBeyondLimit(engine: string, directory: string): Promise<void> {
  const store = await openStore(engine, directory)
  const bytes = Buffer.alloc(2500, 'x')
  let failures = 0
  for (let count = 0, after = 0; after < 40 && count < 2000; count++) {
    const isKept = await store
      .put(`/${count}`, 0, () => ({ bytes, object: {} }))
      .then(
        () => true,
        () => false,
      )
    if (isKept) writeSync(1, `/${count}\n`)
    if (isKept && failures > 0) after++
    if (!isKept) failures++
    // Memory that the failure has damaged shows when it is used again.
    if (!isKept) Array.from({ length: 50 }, (_, size) => Buffer.allocUnsafeSlow(50 + size))
  }
  process.kill(process.pid, 'SIGKILL')
}

async function measureFullDisk(): Promise<void> {
  const self = fileURLToPath(import.meta.url)
  for (const engine of Object.keys(engines)) {
    for (let run = 0; run < 6; run++) {
      const line = await inDirectory(async (directory) => {
        // A limit on the size of files makes appends fail as a full disk does, without one.
        const words = [process.execPath, '--import', 'tsx', self, 'child', engine, directory]
        const shell = `ulimit -f ${2048 + run * 64}; exec "$@"`
        const child = spawnSync('sh', ['-c', shell, 'sh', ...words], { encoding: 'utf8' })
        const acknowledged = child.stdout.trim().split('\n')
        const store = await openStore(engine, directory)
        const lost = acknowledged.filter((key) => !store.get(key)).length
        await store.close()
        const complaint =
          child.stderr.match(/(malloc|corrupted|munmap|free|Error: Commit).*/)?.[0] ?? ''
        return `ended by ${child.signal ?? `code ${child.status}`}, ${acknowledged.length} acknowledged, ${lost} lost ${complaint}`
      })
      console.log(engine.padEnd(14), line)
    }
  }
}

const [mode, engine = '', directory = ''] = process.argv.slice(2)
if (mode === 'child') await writeBeyondLimit(engine, directory)
else if (mode === 'full-disk') await measureFullDisk()
else await measureSpeed()
