import { expect, it } from 'vitest'
import { yamlToJson } from './yaml-body.ts'

it.each([
  ['a: yes', '{"a":true}'],
  ['a: off', '{"a":false}'],
  ['a: "yes"', '{"a":"yes"}'],
  ['a: 2026-01-01', '{"a":"2026-01-01"}'],
  ['a: 12:30:45', '{"a":"12:30:45"}'],
  ['a: 3546343826724305833', '{"a":3546343826724305833}'],
  ['a: 1.5', '{"a":1.5}'],
  ['1: x', '{"1":"x"}'],
  ['a: &x {b: 1}\nc: *x', '{"a":{"b":1},"c":{"b":1}}'],
])('%j is %s', async (yaml, json) => {
  expect(await yamlToJson(yaml)).toBe(json)
})

it('names the line of a mistake', async () => {
  await expect(yamlToJson('a: 1\nb: [1,\nc: 2\n')).rejects.toMatchObject({
    reason: 'BadRequest',
    message: expect.stringMatching(/^error converting YAML to JSON: yaml: line \d+: /),
  })
})

it('refuses aliases that explode', async () => {
  const rows = ['a0: &a0 [x, x, x, x, x, x, x, x, x]']
  for (let i = 1; i < 9; i++)
    rows.push(
      `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    )
  await expect(yamlToJson(rows.join('\n'))).rejects.toMatchObject({ reason: 'BadRequest' })
})

it.each([
  ['lists in flow', '['.repeat(1_000_000)],
  ['maps in flow', '{a: '.repeat(100_000)],
  ['lists in a line', `${'- '.repeat(100_000)}x`],
  ['keys in a line', `${'? '.repeat(100_000)}x`],
])('refuses %s that are nested too deep, at once', async (_what, text) => {
  await expect(yamlToJson(text)).rejects.toMatchObject({
    reason: 'BadRequest',
    message: 'error converting YAML to JSON: yaml: exceeded max depth of 500',
  })
})
