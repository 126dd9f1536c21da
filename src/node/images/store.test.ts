import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { deleteSnapshot } from './snapshot.ts'
import { ImageStore } from './store.ts'

let base: string
let source: string
let images: ImageStore

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'astern-images-'))
  source = join(base, 'source')
  mkdirSync(join(source, 'lib'), { recursive: true })
  mkdirSync(join(base, 'data'))
  writeFileSync(join(source, 'server.js'), 'serve()\n')
  writeFileSync(join(source, 'lib', 'run'), '#!/bin/sh\n', { mode: 0o755 })
  symlinkSync('lib/run', join(source, 'start'))
  images = new ImageStore(join(base, 'data'))
})
afterEach(() => deleteSnapshot(base))

const nothingInUse = new Set<string>()

describe('add', () => {
  test('keeps a copy that neither the source nor anybody else changes', async () => {
    const image = await images.add('app', source, ['node', 'server.js'])
    writeFileSync(join(source, 'server.js'), 'other()\n')
    expect(image).toMatchObject({ reference: 'app:latest', command: ['node', 'server.js'] })
    expect(readFileSync(join(image.root, 'server.js'), 'utf8')).toBe('serve()\n')
    expect(readFileSync(join(image.root, 'start'), 'utf8')).toBe('#!/bin/sh\n')
    expect(statSync(join(image.root, 'server.js')).mode & 0o777).toBe(0o444)
    expect(statSync(join(image.root, 'lib', 'run')).mode & 0o777).toBe(0o555)
    expect(statSync(join(image.root, 'lib')).mode & 0o777).toBe(0o555)
    expect(image.sizeBytes).toBe('serve()\n'.length + '#!/bin/sh\n'.length)
  })

  test('the digest is that of content, executability and command, and of nothing else', async () => {
    const { digest } = await images.add('app:1', source, ['a'])
    chmodSync(join(source, 'server.js'), 0o600)
    expect((await images.add('app:2', source, ['a'])).digest).toBe(digest)
    expect((await images.add('app:3', source, ['b'])).digest).not.toBe(digest)
    chmodSync(join(source, 'server.js'), 0o700)
    const executable = (await images.add('app:4', source, ['a'])).digest
    expect(executable).not.toBe(digest)
    rmSync(join(source, 'start'))
    symlinkSync('server.js', join(source, 'start'))
    expect((await images.add('app:5', source, ['a'])).digest).not.toBe(executable)
  })

  test('a moved tag means the new content, the old stays for those that know its digest', async () => {
    const before = await images.add('app', source)
    writeFileSync(join(source, 'server.js'), 'better()\n')
    const after = await images.add('docker.io/library/app:latest', source)
    expect(await images.find('app')).toEqual(after)
    expect(existsSync(before.root)).toBe(true)
    expect(await images.list()).toEqual([after])
  })

  test.each([
    ['no directory', () => join(base, 'nowhere'), 'no such directory'],
    ['a file', () => join(source, 'server.js'), 'not a directory'],
    ["Astern's own data", () => base, "contains Astern's own data"],
  ])('refuses %s', async (_, dir, message) => {
    await expect(images.add('app', dir())).rejects.toThrow(message)
    expect(await images.list()).toEqual([])
  })

  test('leaves nothing behind of what it refuses', async () => {
    const fresh = new ImageStore(join(base, 'not', 'yet'))
    await expect(fresh.add('app', join(base, 'none'))).rejects.toThrow('no such directory')
    await expect(fresh.add('not a name', source)).rejects.toThrow('invalid image reference')
    await expect(fresh.add('app', base)).rejects.toThrow("contains Astern's own data")
    expect(existsSync(join(base, 'not'))).toBe(false)
    expect(await fresh.add('app', source)).toMatchObject({ reference: 'app:latest' })
  })

  test('refuses a name that is none', async () => {
    await expect(images.add('No Name', source)).rejects.toThrow('invalid image reference "No Name"')
  })
})

describe('get', () => {
  test('an unknown image says how to add it', async () => {
    await expect(images.get('learnk8s/app:1.0.0')).rejects.toMatchObject({
      name: 'ImageUnavailable',
      reason: 'ErrImagePull',
      message: expect.stringContaining('astern image add learnk8s/app:1.0.0 DIR -- CMD'),
    })
  })
})

describe('remove', () => {
  test('the snapshot goes when no reference means it any more', async () => {
    const image = await images.add('app:1', source)
    await images.add('app:2', source)
    await images.remove('app:1', nothingInUse)
    expect(existsSync(image.root)).toBe(true)
    await images.remove('app:2', nothingInUse)
    expect(existsSync(image.root)).toBe(false)
    expect(await images.list()).toEqual([])
  })

  test('a snapshot in use stays until a later removal finds it free', async () => {
    const image = await images.add('app', source)
    await images.remove('app', new Set([image.digest]))
    expect(existsSync(image.root)).toBe(true)
    await images.add('other', source, ['x'])
    await images.remove('other', nothingInUse)
    expect(existsSync(image.root)).toBe(false)
  })

  test('what is not there is an error', async () => {
    await expect(images.remove('app', nothingInUse)).rejects.toThrow('no such image: app')
  })
})
