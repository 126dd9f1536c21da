import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { mutations } from './mutations.ts'

test.each(mutations)('$name: its place is found once', ({ file, find, replacement }) => {
  const source = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
  expect(source.split(find)).toHaveLength(2)
  expect(replacement).not.toBe(find)
})

test('there are at least fifteen, each with a name of its own', () => {
  expect(mutations.length).toBeGreaterThanOrEqual(15)
  expect(new Set(mutations.map(({ name }) => name)).size).toBe(mutations.length)
})
