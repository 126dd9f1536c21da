import { expect, it } from 'vitest'
import { parseYaml } from './manifest-yaml.ts'

it.each<[string, unknown]>([
  ['a: yes', { a: true }],
  ['a: n', { a: false }],
  ['a: "yes"', { a: 'yes' }],
  ['a: 2026-01-01', { a: '2026-01-01' }],
  ['a: 3', { a: 3 }],
  ['a: 3546343826724305833', { a: 3546343826724305833n }],
  ['a: 1\na: 2', { a: 2 }],
  ['a: [., -., ._, .5, -1.5, 2.]', { a: ['.', '-.', '._', 0.5, -1.5, 2] }],
  ['a: [e0, -E7, .e3, 1e3, .5e1, 2.e2]', { a: ['e0', '-E7', '.e3', 1000, 5, 200] }],
  ['on: x', { true: 'x' }],
  ['# nothing', null],
])('%j', async (text, value) => {
  expect(await parseYaml(text)).toEqual(value)
})

/** The texts are those of kubectl 1.36. */
it.each([
  ['a: b\n  c: d\n', 'line 2: mapping values are not allowed in this context'],
  ['a:\n\t- b\n', 'line 2: found character that cannot start any token'],
  ['a: [1,\nb: 2\n', "line 2: did not find expected ',' or ']'"],
  ['a: "x\nb: 2\n', 'line 3: found unexpected end of stream'],
])('%j is refused', async (text, why) => {
  await expect(parseYaml(text)).rejects.toThrow(`error converting YAML to JSON: yaml: ${why}`)
})
