import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openLevelStore } from './level-store.ts'
import { recordWatch, remove, write } from './store.contract.ts'
import type { Store } from './store.ts'

const decode = vi.fn((bytes: Uint8Array): unknown =>
  Object.freeze(JSON.parse(new TextDecoder().decode(bytes))),
)
let parent: string
let directory: string
let opened: Store[]

async function open(): Promise<Store> {
  const store = await openLevelStore(directory, { decode })
  opened.push(store)
  return store
}

async function reopen(): Promise<Store> {
  await opened.at(-1)?.close()
  return open()
}

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'astern-store-'))
  directory = join(parent, 'store')
  opened = []
  decode.mockClear()
})

afterEach(async () => {
  for (const store of opened) await store.close()
  await rm(parent, { recursive: true })
})

test('entries come back with revision, createRevision and bytes', async () => {
  const store = await open()
  await write(store, '/a', 'one')
  await write(store, '/b/ü☸', 'one')
  const entry = await write(store, '/a', 'zwölf')
  const loaded = await reopen()
  expect(loaded.revision).toBe(3)
  expect(loaded.list('').entries.map(({ key }) => key)).toEqual(['/a', '/b/ü☸'])
  expect(loaded.get('/a')).toMatchObject({ key: '/a', revision: 3, createRevision: 1 })
  expect(Buffer.from(loaded.get('/a')?.bytes ?? [])).toEqual(Buffer.from(entry.bytes))
  expect(loaded.get('/a')?.object).toEqual(entry.object)
})

test('an object is decoded when it is first asked for, once', async () => {
  await write(await open(), '/a', 'one')
  const store = await reopen()
  const entry = store.list('').entries[0]
  expect(decode).not.toHaveBeenCalled()
  expect(entry?.object).toEqual({ text: 'one', revision: 1 })
  expect(entry?.object).toBe(store.get('/a')?.object)
  expect({ ...entry }.object).toBe(entry?.object)
  expect(decode).toHaveBeenCalledTimes(1)
})

test('revisions go on where they stopped, after a deletion too', async () => {
  const store = await open()
  await write(store, '/a', 'one')
  await remove(store, '/a')
  const again = await reopen()
  expect(again.revision).toBe(2)
  expect(await write(again, '/a', 'two')).toMatchObject({ revision: 3, createRevision: 3 })
})

test('history before opening counts as compacted', async () => {
  const before = await open()
  await write(before, '/a', 'one')
  await write(before, '/a', 'two')
  await before.compact(1)
  const store = await reopen()
  expect(() => recordWatch(store, '', 1)).toThrow('revision 1 is compacted; current is 2')
  expect(() => store.get('/a', 1)).toThrow('compacted')
  const seen = recordWatch(store, '', 2)
  await write(store, '/a', 'three')
  expect(seen.events.map((event) => [event.revision, event.previous?.revision])).toEqual([[3, 2]])
})

test('opening and closing changes no entry and no revision', async () => {
  await write(await open(), '/a', 'one')
  for (let round = 0; round < 3; round++) {
    const store = await reopen()
    expect([store.revision, store.get('/a')?.revision]).toEqual([1, 1])
  }
})

test('the directory is its owner’s alone', async () => {
  await open()
  expect((await stat(directory)).mode & 0o777).toBe(0o700)
})

test('a newer format refuses to open, names both numbers, and is left as it is', async () => {
  await write(await open(), '/a', 'one')
  await opened[0]?.close()
  await writeFile(join(directory, 'format.json'), '{"format":2}\n')
  const before = await contents(directory)
  await expect(open()).rejects.toMatchObject({
    name: 'StoreOpenFailed',
    why: 'newer-format',
    message: `the store in ${directory} has format 2, and this Astern reads formats up to 1; start the Astern that wrote it or a newer one, or use another data directory`,
  })
  expect(await contents(directory)).toEqual(before)
})

test('a store that is open is not opened again, and takes no harm', async () => {
  const store = await open()
  await write(store, '/a', 'one')
  await expect(open()).rejects.toMatchObject({
    why: 'in-use',
    message: `the store in ${directory} is already in use; stop the Astern that uses it, or use another data directory`,
  })
  await write(store, '/a', 'two')
  expect((await reopen()).get('/a')?.revision).toBe(2)
})

test('a directory with something else in it is not taken for a store', async () => {
  await (await open()).close()
  await rm(directory, { recursive: true })
  directory = parent
  await writeFile(join(parent, 'thesis.txt'), 'chapter one')
  await expect(open()).rejects.toMatchObject({
    why: 'not-a-store',
    message: expect.stringContaining('it holds thesis.txt'),
  })
  expect(await readdir(parent)).toEqual(['thesis.txt'])
})

test('a first start that was cut off before the format was in place starts again', async () => {
  await writeFile(join(parent, 'format.json.new'), '{"for')
  directory = parent
  expect((await open()).revision).toBe(0)
})

test.each([
  ['format.json', 'format: 1', 'format cannot be read'],
  ['level/CURRENT', 'MANIFEST-000099\n', 'cannot be opened'],
])('damage to %s is reported, not papered over', async (file, content, text) => {
  await write(await open(), '/a', 'one')
  await opened[0]?.close()
  await writeFile(join(directory, file), content)
  await expect(open()).rejects.toMatchObject({
    why: 'unreadable',
    message: expect.stringContaining(text),
  })
})

/** Every file below a directory with its size and time of change. */
async function contents(root: string): Promise<string[]> {
  const names = await readdir(root, { recursive: true })
  return Promise.all(
    names.sort().map(async (name) => {
      const { size, mtimeMs } = await stat(join(root, name))
      return `${name} ${size} ${mtimeMs}`
    }),
  )
}
