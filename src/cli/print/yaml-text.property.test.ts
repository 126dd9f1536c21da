import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { JsonValue } from '../../api/json.ts'
import { parseYaml } from '../../api/manifest-yaml.ts'
import { yamlText } from './yaml-text.ts'

/** Texts of the kind that need quotes, folds and blocks. */
const text = fc.oneof(
  fc.string({ unit: 'binary-ascii' }),
  fc
    .array(fc.constantFrom('a', ' ', '\n', ':', '#', '-', "'", '"', '?', '\\', 'é', '1'), {
      maxLength: 8,
    })
    .map((parts) => parts.join('')),
  fc.constantFrom('yes', 'n', '~', '0x1F', '1e3', '12:30', '.inf', '2026-01-01', '---', '<<'),
  fc
    .array(fc.constantFrom('word', 'x:', "it's", '  '), { minLength: 20, maxLength: 40 })
    .map((words) => words.join(' ')),
)

const value = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(text, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value

it('what is printed is read back as it was', async () => {
  await fc.assert(
    fc.asyncProperty(value, async (before) => {
      expect(await parseYaml(yamlText({ value: before }))).toEqual({ value: before })
    }),
    { numRuns: 500 },
  )
})
