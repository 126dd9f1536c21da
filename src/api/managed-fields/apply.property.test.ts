import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JsonObject } from '../json.ts'
import { deployments } from '../scheme.ts'
import { checkConfig } from './applied-config.ts'
import { Shared } from './appliers.fixture.ts'
import { difference, emptySet, isEmptySet, pathTexts, union } from './field-set.ts'
import { objectType } from './field-type.ts'
import { fieldsOf } from './fields-of.ts'
import { mergeObjects } from './merge.ts'

const type = objectType('Deployment')
const identity = { apiVersion: 'apps/v1', kind: 'Deployment' }

const names = ['a', 'b', 'c']
const quantity = fc.constantFrom('1000m', '1', '2')

/** A config that names only things that begin with `prefix`, and the container that all share. */
function configs(prefix: string, least = 0): fc.Arbitrary<JsonObject> {
  const value = least === 0 ? fc.constantFrom('1', '2', '') : fc.constantFrom('1', '2')
  const name = fc.constantFrom(...names.map((letter) => `${prefix}${letter}`))
  const texts = fc.dictionary(name, value, {
    minKeys: least,
    maxKeys: 2,
    noNullPrototype: true,
  })
  const variable = fc.record({ name, value })
  const byName = { selector: (item: { name: string }) => item.name, maxLength: 3 }
  const base = prefix === '' ? 0 : prefix.charCodeAt(0) * 100
  const port = fc.record({ containerPort: fc.integer({ min: base + 1, max: base + 9 }) })
  const byPort = { selector: (item: { containerPort: number }) => item.containerPort }
  const container = fc.record(
    {
      name: fc.constant('app'),
      env: fc.uniqueArray(variable, byName),
      ports: fc.uniqueArray(port, { ...byPort, maxLength: 2 }),
      resources: fc.record({
        limits: fc.dictionary(name, quantity, { minKeys: least, noNullPrototype: true }),
      }),
    },
    { requiredKeys: ['name'] },
  )
  const metadata = fc.record(
    { annotations: texts, labels: texts, finalizers: fc.uniqueArray(name) },
    { requiredKeys: [] },
  )
  const spec = fc.record(
    { containers: fc.tuple(container), volumes: fc.uniqueArray(fc.record({ name }), byName) },
    { requiredKeys: [] },
  )
  return fc.record({ metadata, spec: fc.record({ template: fc.record({ spec }) }) })
}

const any = configs('')
/** What is empty is lost in storing, and with it who owns it. */
const whole = configs('', 1)
const force = { force: true }
const setBy = (config: JsonObject) =>
  fieldsOf(type, checkConfig('Deployment', { ...identity, ...config }))

/** Whether the object already says all that the config says. */
function says(shared: Shared, config: JsonObject): void {
  const checked = checkConfig('Deployment', { ...identity, ...config })
  expect(shared.complete(mergeObjects(type, shared.object, checked))).toEqual(shared.object)
}

const runs = { numRuns: 60 }

test('an apply says what its config says, and again changes neither object nor owners', () => {
  fc.assert(
    fc.property(any, any, any, (first, second, third) => {
      const shared = new Shared(deployments).apply('x', first).apply('y', second, force)
      shared.apply('x', third, force)
      says(shared, third)
      const { object, managers } = shared
      shared.apply('x', third)
      expect(shared.object).toEqual(object)
      expect(shared.managers).toEqual(managers)
    }),
    runs,
  )
})

test('managers of different things never conflict', () => {
  const [lefts, rights] = [configs('l'), configs('r')]
  fc.assert(
    fc.property(lefts, rights, lefts, rights, (left, right, left2, right2) => {
      const shared = new Shared(deployments)
      shared.apply('x', left).apply('y', right).apply('x', left2).apply('y', right2)
      says(shared, left2)
      says(shared, right2)
    }),
    runs,
  )
})

test('all that was applied has an owner, and its applier owns it', () => {
  fc.assert(
    fc.property(whole, whole, whole, (first, second, updated) => {
      const shared = new Shared(deployments).apply('x', first)
      shared.update('u', (object) => mergeObjects(type, object, updated))
      shared.apply('y', second, force)
      expect(pathTexts(difference(setBy(second), shared.owned('y')))).toEqual([])
      const owned = union(shared.owned('x'), union(shared.owned('y'), shared.owned('u', 'Update')))
      expect(pathTexts(difference(setBy(first), owned))).toEqual([])
    }),
    runs,
  )
})

test('who applies less takes nothing away from what others own', () => {
  fc.assert(
    fc.property(whole, whole, whole, (first, second, less) => {
      const shared = new Shared(deployments).apply('x', first).apply('y', second, force)
      shared.apply('x', less, force)
      const contested = setBy(less)
      const before = shared.owned('y')
      shared.apply('x', {})
      expect(shared.owned('y')).toEqual(before)
      expect(shared.owned('x')).toEqual(emptySet)
      if (isEmptySet(contested)) says(shared, second)
    }),
    runs,
  )
})

test('an apply of nothing by the only manager leaves what was there before it', () => {
  fc.assert(
    fc.property(any, (config) => {
      const bare = new Shared(deployments).apply('x', {})
      const shared = new Shared(deployments).apply('x', config).apply('x', {})
      expect(shared.object).toEqual(bare.object)
      expect(shared.managers).toEqual([])
    }),
    runs,
  )
})
