import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  arbitraryModel,
  isDeepFrozen,
  leavesOf,
  reversed,
  withOtherLeaf,
} from './arbitrary-model.fixture.ts'
import { decodeModel } from './decode-model.ts'
import { fieldFindings } from './field-findings.ts'
import { parseJson, stringifyJson } from './json.ts'
import { modelSchema } from './schema.ts'

const kinds = ['Deployment', 'Pod', 'Service', 'Node', 'Event', 'Lease', 'ControllerRevision']

describe.each(kinds)('decoding %s', (name) => {
  const schema = modelSchema(name)
  const values = arbitraryModel(name)

  test('is idempotent, frozen, and has one text for one value', () => {
    fc.assert(
      fc.property(values, (value) => {
        const { value: once, hasUnknown } = decodeModel(schema, value)
        expect(hasUnknown).toBe(false)
        expect(isDeepFrozen(once)).toBe(true)
        expect(decodeModel(schema, once).value).toEqual(once)
        const again = decodeModel(schema, reversed(value)).value
        fc.pre(!stringifyJson(value).includes('__proto__'))
        expect(canonicalMaps(again)).toBe(canonicalMaps(once))
      }),
    )
  })

  test('takes what it knows as it is, and makes of the rest what it would have made anyway', () => {
    const changes = values.chain((value) => {
      const known = decodeModel(schema, value).value
      const leaves = leavesOf(schema, known)
      const place = leaves.length === 0 ? fc.constant(undefined) : fc.constantFrom(...leaves)
      return place.map((leaf) => [known, leaf ? withOtherLeaf(known, leaf) : { ...known }] as const)
    })
    fc.assert(
      fc.property(changes, ([known, changed]) => {
        const { value, hasUnknown } = decodeModel(schema, changed, known)
        expect(hasUnknown).toBe(false)
        expect(isDeepFrozen(value)).toBe(true)
        expect(stringifyJson(value)).toBe(stringifyJson(decodeModel(schema, changed).value))
        const same = decodeModel(schema, { ...known }, known).value as typeof known
        for (const [name, member] of Object.entries(known)) {
          expect((same as Record<string, unknown>)[name]).toBe(member)
        }
      }),
    )
  })

  test('survives the wire with every digit', () => {
    fc.assert(
      fc.property(values, (value) => {
        const { value: once } = decodeModel(schema, value)
        const text = stringifyJson(once)
        expect(decodeModel(schema, parseJson(text)).value).toEqual(once)
        expect(fieldFindings(schema, text)).toEqual([])
      }),
    )
  })
})

/** Text with the user's own maps sorted: only the model's members have an order of their own. */
function canonicalMaps(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalMaps).join()}]`
  if (typeof value !== 'object' || value === null) return stringifyJson(value)
  const members = Object.entries(value).map(([key, member]) => `${key}:${canonicalMaps(member)}`)
  return `{${members.sort().join()}}`
}
