import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { JsonObject } from '../../api/json.ts'
import { applyPatch } from '../../api/patch/apply-patch.ts'
import { modelSchema } from '../../api/schema.ts'
import { threeWayPatch } from './three-way-patch.ts'

const small = fc.constantFrom('a', 'b', 'c')
const env = fc.uniqueArray(fc.record({ name: small, value: small }), {
  selector: ({ name }) => name,
})
const container = fc.record(
  { name: small, image: small, args: fc.array(small, { maxLength: 2 }), env },
  { requiredKeys: ['name', 'image'] },
)
const volume = fc.oneof(
  fc.record({ name: small, emptyDir: fc.constant({}) }),
  fc.record({ name: small, configMap: fc.record({ name: small }) }),
)
const strategy = fc.oneof(
  fc.constant({ type: 'Recreate' }),
  fc.record({
    type: fc.constant('RollingUpdate'),
    rollingUpdate: fc.record({ maxSurge: fc.nat(2) }),
  }),
)
const byName = { selector: ({ name }: { readonly name: string }) => name }
const spec = fc.record(
  {
    replicas: fc.nat(3),
    strategy,
    template: fc.record({
      metadata: fc.record({ labels: fc.dictionary(small, small, { noNullPrototype: true }) }),
      spec: fc.record(
        {
          containers: fc.uniqueArray(container, { ...byName, minLength: 1 }),
          volumes: fc.uniqueArray(volume, byName),
        },
        { requiredKeys: ['containers'] },
      ),
    }),
  },
  { requiredKeys: ['template'] },
)
const manifest = fc.record({ spec }) as fc.Arbitrary<JsonObject>
const resource = { kind: 'Deployment' }
const model = modelSchema('Deployment')
const type = 'application/strategic-merge-patch+json'

it('where nobody else wrote, the live object becomes the new manifest', () => {
  fc.assert(
    fc.property(manifest, manifest, (original, modified) => {
      const body = threeWayPatch({ original, modified, current: original }, model)
      const after = applyPatch(resource, original, { type, body })
      expect(withoutEmpty(after)).toEqual(withoutEmpty(modified))
    }),
  )
})

it('the same manifest again is no patch', () => {
  fc.assert(
    fc.property(manifest, (same) => {
      const versions = { original: same, modified: same, current: same }
      expect(threeWayPatch(versions, model)).toEqual({})
    }),
  )
})

it('what neither manifest has is left alone', () => {
  const original = { spec: { replicas: 1, template: { spec: { containers: [{ name: 'a' }] } } } }
  const modified = { spec: { template: { spec: { containers: [{ name: 'a', image: 'x' }] } } } }
  const injected = { name: 'sidecar', image: 's' }
  const current = {
    metadata: { uid: '1' },
    spec: {
      replicas: 1,
      paused: true,
      template: { spec: { containers: [{ name: 'a', tty: true }, injected] } },
    },
  }
  const body = threeWayPatch({ original, modified, current }, model)
  expect(applyPatch(resource, current, { type, body })).toEqual({
    metadata: { uid: '1' },
    spec: {
      paused: true,
      template: { spec: { containers: [{ name: 'a', tty: true, image: 'x' }, injected] } },
    },
  })
})

it('custom resources: a JSON merge patch, lists whole', () => {
  const versions = {
    original: { spec: { a: 1, list: [{ name: 'x' }] } },
    modified: { spec: { b: 2, list: [{ name: 'y' }] } },
    current: { spec: { a: 1, c: 3, list: [{ name: 'x' }] } },
  }
  const expected = { spec: { a: null, b: 2, list: [{ name: 'y' }] } }
  expect(threeWayPatch(versions, undefined)).toEqual(expected)
})

/** A list or map that lost its last element is as good as none. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, member]) => [name, withoutEmpty(member)])
  return Object.fromEntries(
    members.filter(([, member]) => !(Array.isArray(member) && member.length === 0)),
  )
}
