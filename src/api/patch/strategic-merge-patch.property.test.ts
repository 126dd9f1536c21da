import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deepFreeze, type JsonObject } from '../json.ts'
import { modelSchema } from '../schema.ts'
import { strategicMergePatch } from './strategic-merge-patch.ts'

const name = fc.constantFrom('a', 'b', 'c', 'd')
const text = fc.constantFrom('1', '2', '3')
const named = { selector: (item: { name: string }) => item.name, maxLength: 4 }
const variable = fc.record({ name, value: text })
const container = fc.record(
  {
    name,
    image: text,
    args: fc.array(text, { maxLength: 2 }),
    env: fc.uniqueArray(variable, named),
  },
  { requiredKeys: ['name'] },
)
const spec = fc.record(
  {
    containers: fc.uniqueArray(container, named),
    volumes: fc.uniqueArray(fc.record({ name }), named),
    nodeSelector: fc.dictionary(name, text, { noNullPrototype: true }),
    hostNetwork: fc.boolean(),
  },
  { requiredKeys: [] },
)
const metadata = fc.record({ finalizers: fc.uniqueArray(text) }, { requiredKeys: [] })
const pods = fc.record({ metadata, spec })

const removal = fc.record({ name, $patch: fc.constant('delete') })
const change = fc.oneof(container, removal)
const patchSpec = fc.record(
  {
    containers: fc.uniqueArray(change, named),
    volumes: fc.uniqueArray(removal, named),
    nodeSelector: fc.dictionary(name, fc.option(text), { noNullPrototype: true }),
    hostNetwork: fc.option(fc.boolean()),
  },
  { requiredKeys: [] },
)
const patches = fc.record({ metadata, spec: patchSpec }, { requiredKeys: [] })

const apply = (object: JsonObject, patch: JsonObject) =>
  strategicMergePatch(deepFreeze(object), deepFreeze(patch), modelSchema('Pod'))

test('the same patch twice is the patch once', () => {
  fc.assert(
    fc.property(pods, patches, (pod, patch) => {
      // What is new to the object keeps its directives only until it is decoded: start from a list
      // that is there.
      const known = { ...pod, spec: { containers: [], volumes: [], ...pod.spec } }
      const once = apply(known, patch as JsonObject)
      expect(apply(once, patch as JsonObject)).toEqual(once)
    }),
  )
})

test('an empty patch, and one that says what is there already, return the object itself', () => {
  fc.assert(
    fc.property(pods, (pod) => {
      expect(apply(pod, {})).toBe(pod)
      expect(apply(pod, { spec: {} })).toBe(pod)
      const { args: _, ...withoutArgs } = pod.spec.containers?.[0] ?? { name: 'none' }
      if (pod.spec.containers?.length) {
        expect(apply(pod, { spec: { containers: [withoutArgs] } })).toBe(pod)
      }
    }),
  )
})

test('what a patch does not name is shared', () => {
  const pod = { metadata: { labels: { a: '1' } }, spec: { containers: [{ name: 'a' }] } }
  const patched = apply(pod, { metadata: { labels: { a: '2' } } })
  expect(patched.spec).toBe(pod.spec)
  expect(patched.metadata).toEqual({ labels: { a: '2' } })
})

test('merge lists of a template are found through every kind', () => {
  const object = (image: string): JsonObject => ({
    spec: {
      template: {
        spec: {
          containers: [
            { name: 'a', image },
            { name: 'b', image: 'b' },
          ],
        },
      },
    },
  })
  const patch = { spec: { template: { spec: { containers: [{ name: 'a', image: '2' }] } } } }
  for (const kind of ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet']) {
    expect(strategicMergePatch(object('1'), patch, modelSchema(kind))).toEqual(object('2'))
  }
})
