import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arbitraryModel, leavesOf, reversed, withOtherLeaf } from './arbitrary-model.fixture.ts'
import { decodeModel } from './decode-model.ts'
import { semanticEqual } from './equality.ts'
import { modelSchema } from './schema.ts'

const kinds = ['PodTemplateSpec', 'Deployment', 'Pod', 'Service', 'Node', 'Lease', 'EndpointSlice']
const decoded = (name: string, value: object) => decodeModel(modelSchema(name), value).value

describe.each(kinds)('B-10 semantic equality of %s', (name) => {
  const values = arbitraryModel(name)

  test('is reflexive, and blind to the order of members and to canonical form', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(semanticEqual(name, value, reversed(value) as object)).toBe(true)
        expect(semanticEqual(name, value, decoded(name, value))).toBe(true)
      }),
    )
  })

  test('is symmetric', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        expect(semanticEqual(name, a, b)).toBe(semanticEqual(name, b, a))
      }),
    )
  })

  test('sees every leaf', () => {
    fc.assert(
      fc.property(values, fc.nat(), (value, pick) => {
        const canonical = decoded(name, value)
        const leaves = leavesOf(modelSchema(name), canonical)
        const leaf = leaves[pick % leaves.length]
        fc.pre(leaf !== undefined)
        const changed = withOtherLeaf(canonical, leaf) as object
        expect(semanticEqual(name, canonical, changed)).toBe(false)
      }),
    )
  })
})
