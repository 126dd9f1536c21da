import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arbitraryModel, isDeepFrozen } from '../arbitrary-model.fixture.ts'
import { decodeObject } from '../decode.ts'
import { scheme } from '../scheme.ts'
import { applyDefaults } from './apply-defaults.ts'

describe.each(scheme)('A-14 defaults of $kind', (resource) => {
  const objects = arbitraryModel(resource.kind).map(
    (value) => decodeObject(resource, { value }, 'Strict').object,
  )

  test('are idempotent to the reference, and leave a canonical object', () => {
    fc.assert(
      fc.property(objects, (object) => {
        const once = applyDefaults(resource, object)
        expect(applyDefaults(resource, once)).toBe(once)
        expect(isDeepFrozen(once)).toBe(true)
        expect(decodeObject(resource, { value: once }, 'Strict').object).toStrictEqual(once)
      }),
    )
  })

  test('overwrite nothing that was given, but for stringData', () => {
    fc.assert(
      fc.property(objects, (object) => {
        const { stringData: _moved, ...given } = object as { stringData?: unknown }
        const defaulted = applyDefaults(resource, given as typeof object)
        expect(defaulted).toMatchObject(withoutMirrors(given) as object)
      }),
    )
  })
})

/**
 * Without what one field takes from another even if both were given, the account's old name; and
 * without an empty group, which is the same as none.
 */
function withoutMirrors(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMirrors)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(
    ([key, member]) => !key.startsWith('serviceAccount') && !(key === 'apiGroup' && member === ''),
  )
  return Object.fromEntries(entries.map(([key, member]) => [key, withoutMirrors(member)]))
}
