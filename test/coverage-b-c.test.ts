import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

const rules = [
  'B-01 B-02 B-03 B-04 B-05 B-06 B-07 B-08 B-10 B-11 B-12 B-13 B-14 B-15 B-16 B-17 B-18',
  'B-20 B-21 B-22 B-23 B-24 B-25 B-26 B-27 B-28 B-30 B-31 B-32 B-33 B-34 B-35 B-36 B-37 B-38 B-39',
  'B-3A B-40 B-41 B-42 B-43 B-44 B-45 B-46 B-47 B-48 B-49 B-50 B-51 B-52 B-53 B-54 B-55 B-56 B-57',
  'B-58 B-59 B-60 B-65 B-66 B-67 B-70 B-80 B-81 B-82 B-83 B-84 B-85 B-86 B-87',
  'C-01 C-02 C-03 C-04 C-05 C-06 C-07 C-08 C-09 C-0A C-0B C-0C C-0D C-0E',
  'D-01 D-02 D-03 D-04 D-05 D-10 D-11 D-12 D-13 D-14 D-15 D-16 D-17 D-18 D-19 D-1A D-1B D-1C D-1D',
  'D-1E D-30 D-31 D-32 D-33 D-34 D-35 D-36 D-37 D-38 D-39',
].flatMap((line) => line.split(' '))

/**
 * The text literals of every test file that runs the rollout functions and the workload
 * controllers.
 */
function titles(): string {
  const folders = ['src/rollout', 'src/controllers', 'src/controller', 'test']
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.test.ts') && !path.includes('coverage-b-c'))
      .map((path) => readFileSync(join(root, folder, path), 'utf8')),
  )
  return files.flatMap((text) => text.match(/'[^'\n]*'|"[^"\n]*"/g) ?? []).join('\n')
}

test('every rule of B, C and D has a test named by its id, or a reason why not', () => {
  const named = titles()
  const excused = readFileSync(join(root, 'test/coverage-b-c.md'), 'utf8')
  const missing = rules.filter((id) => !named.includes(id) && !excused.includes(`| ${id} |`))
  expect(missing).toEqual([])
  // An excuse for a rule that has its test by now is stale.
  expect(rules.filter((id) => named.includes(id) && excused.includes(`| ${id} |`))).toEqual([])
})
