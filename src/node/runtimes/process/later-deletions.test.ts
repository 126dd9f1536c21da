import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { silentLogger } from '../../../base/log.ts'
import { systemClock } from '../../../base/system-clock.ts'
import { LaterDeletions } from './later-deletions.ts'

const context = { clock: systemClock, log: silentLogger }

function givenDirectories(count: number): readonly string[] {
  const base = mkdtempSync(join(tmpdir(), 'astern-deletions-'))
  return Array.from({ length: count }, (_, at) => {
    const path = join(base, `pod-${at}`)
    mkdirSync(join(path, 'app'), { recursive: true })
    writeFileSync(join(path, 'app', '0.log'), 'x')
    return path
  })
}

test('what was added is there until it is quiet, and gone when that is asked for', async () => {
  const paths = givenDirectories(3)
  const deletions = new LaterDeletions(context)
  const gone: string[] = []
  for (const path of paths) deletions.add(path, () => gone.push(path))
  expect(paths.map((path) => deletions.isWaiting(path))).toEqual([true, true, true])
  expect(paths.every(existsSync)).toBe(true)
  await deletions.settle()
  expect(gone).toEqual(paths)
  expect(paths.some(existsSync)).toBe(false)
  expect(paths.some((path) => deletions.isWaiting(path))).toBe(false)
})

test('by itself, and also when one of them cannot be deleted', async () => {
  const [path = ''] = givenDirectories(1)
  const deletions = new LaterDeletions(context)
  const gone: string[] = []
  // A file in the place of a directory on the way.
  deletions.add(join(path, 'app', '0.log', 'x'), () => gone.push('impossible'))
  deletions.add(path, () => gone.push(path))
  await expect.poll(() => existsSync(path)).toBe(false)
  await deletions.settle()
  expect(gone).toContain(path)
})
