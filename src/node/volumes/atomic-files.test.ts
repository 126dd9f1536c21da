import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeAtomically } from './atomic-files.ts'

let dir: string
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'astern-volume-')), 'config')
})
afterEach(() => rmSync(join(dir, '..'), { recursive: true }))

const file = (path: string, text: string, mode = 0o644) => ({
  path,
  content: Buffer.from(text),
  mode,
})
const read = (path: string) => readFileSync(join(dir, path), 'utf8')
const visible = () => readdirSync(dir).filter((name) => !name.startsWith('..'))

describe('writeAtomically', () => {
  it('shows files, also below directories, with their modes, whatever the umask', async () => {
    await writeAtomically(dir, [file('a', 'A', 0o400), file('sub/b', 'B', 0o666)])
    expect([read('a'), read('sub/b')]).toEqual(['A', 'B'])
    expect(statSync(join(dir, 'a')).mode & 0o777).toBe(0o400)
    expect(statSync(join(dir, 'sub/b')).mode & 0o777).toBe(0o666)
    expect(visible()).toEqual(['a', 'sub'])
  })

  it('replaces all of it by one link; what is not wanted any more goes', async () => {
    await writeAtomically(dir, [file('a', '1'), file('b', '1')])
    const before = readlinkSync(join(dir, '..data'))
    await writeAtomically(dir, [file('a', '2'), file('c', '2')])
    expect(readlinkSync(join(dir, '..data'))).not.toBe(before)
    expect([visible(), read('a'), read('c')]).toEqual([['a', 'c'], '2', '2'])
    expect(readdirSync(dir).filter((name) => name.startsWith('..'))).toHaveLength(2)
  })

  it('leaves alone what is the same already', async () => {
    await writeAtomically(dir, [file('a', '1')])
    const before = readlinkSync(join(dir, '..data'))
    await writeAtomically(dir, [file('a', '1')])
    expect(readlinkSync(join(dir, '..data'))).toBe(before)
  })

  it('a reader sees old or new, never a mixture', async () => {
    await writeAtomically(dir, [file('a', '0'), file('b', '0')])
    let isDone = false
    const reading = (async () => {
      while (!isDone) {
        const now = join(dir, readlinkSync(join(dir, '..data')))
        try {
          const both = [readFileSync(join(now, 'a'), 'utf8'), readFileSync(join(now, 'b'), 'utf8')]
          expect(both[0]).toBe(both[1])
        } catch (error) {
          // The directory was replaced between the two.
          if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
        }
        await new Promise(setImmediate)
      }
    })()
    for (let round = 1; round <= 20; round++) {
      await writeAtomically(dir, [file('a', `${round}`), file('b', `${round}`)])
    }
    isDone = true
    await reading
  })
})
