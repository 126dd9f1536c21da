import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Pod } from '../api/generated/types.ts'
import { keyOf, keyText } from '../api/object.ts'
import { Cache } from './cache.ts'

const nodeIndex = (pod: Pod) => (pod.spec?.nodeName ? [pod.spec.nodeName] : [])
const labelIndex = (pod: Pod) =>
  Object.entries(pod.metadata.labels ?? {}).map(([key, value]) => `${key}=${value}`)

const pod = fc.record({
  name: fc.constantFrom('a', 'b', 'c', 'd'),
  namespace: fc.constantFrom('x', 'y'),
  nodeName: fc.constantFrom(undefined, 'n1', 'n2'),
  labels: fc.dictionary(fc.constantFrom('app', 'tier'), fc.constantFrom('1', '2')),
})
const step = fc.record({ pod, isDelete: fc.boolean() })

function objectOf({
  name,
  namespace,
  nodeName,
  labels,
}: typeof pod extends fc.Arbitrary<infer P> ? P : never): Pod {
  const spec = { containers: [], ...(nodeName && { nodeName }) }
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels }, spec }
}

test('every index finds exactly the objects that its function names, after any changes', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.nat(40), (steps, lateAt) => {
      const cache = new Cache<Pod>()
      const model = new Map<string, Pod>()
      cache.addIndex('node', nodeIndex)
      steps.forEach(({ pod, isDelete }, index) => {
        if (index === lateAt) cache.addIndex('label', labelIndex)
        const object = objectOf(pod)
        const key = keyText(keyOf(object))
        expect(cache.replace(key, isDelete ? undefined : object)).toBe(model.get(key))
        if (isDelete) model.delete(key)
        else model.set(key, object)
      })
      cache.addIndex('label', labelIndex)

      const all = [...model.values()]
      expect(new Set(cache.list())).toEqual(new Set(all))
      for (const namespace of ['x', 'y']) {
        const expected = all.filter((object) => object.metadata.namespace === namespace)
        expect(new Set(cache.list(namespace))).toEqual(new Set(expected))
      }
      for (const value of ['n1', 'n2', 'app=1', 'app=2', 'tier=1', 'tier=2']) {
        const [name, valuesOf] = value.startsWith('n')
          ? (['node', nodeIndex] as const)
          : (['label', labelIndex] as const)
        const expected = all.filter((object) => valuesOf(object).includes(value))
        expect(new Set(cache.byIndex(name, value))).toEqual(new Set(expected))
      }
    }),
  )
})

test('a list that has not changed is the same array', () => {
  const cache = new Cache<Pod>()
  const object = objectOf({ name: 'a', namespace: 'x', nodeName: 'n1', labels: {} })
  cache.replace('x/a', object)
  const before = [cache.list(), cache.list('x')]
  expect([cache.list(), cache.list('x')]).toEqual(before)
  expect(cache.list()).toBe(before[0])
  expect(cache.list('x')).toBe(before[1])
  cache.replace('x/b', objectOf({ name: 'b', namespace: 'x', nodeName: 'n1', labels: {} }))
  expect(before[0], 'what was handed out stays as it was').toEqual([object])
  expect(cache.list().length).toBe(2)
})
