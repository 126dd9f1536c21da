import { expect, test } from 'vitest'
import { isAtomicMap, isAtomicModel, keyDefaultOf, listTypeOf, patchKeysOf } from './list-types.ts'
import { objectType, type StructType } from './managed-fields/field-type.ts'
import { mergeKeyOf } from './patch/merge-keys.ts'

/** From the extensions that Kubernetes 1.36 publishes in its OpenAPI document. */
test.each([
  ['Container', 'ports', 'containerPort,protocol', 'containerPort'],
  ['ServiceSpec', 'ports', 'port,protocol', 'port'],
  ['PodSpec', 'topologySpreadConstraints', 'topologyKey,whenUnsatisfiable', 'topologyKey'],
  ['Container', 'volumeMounts', 'mountPath', 'mountPath'],
  ['ObjectMeta', 'ownerReferences', 'uid', 'uid'],
  ['ObjectMeta', 'finalizers', 'set', ''],
  ['ResourceRequirements', 'claims', 'name', undefined],
  ['PodStatus', 'hostIPs', 'atomic', 'ip'],
  ['PodStatus', 'podIPs', 'ip', 'ip'],
  ['PodSpec', 'tolerations', 'atomic', undefined],
  ['ServiceAccount', 'imagePullSecrets', 'atomic', undefined],
])('H-13, H-15: %s.%s is applied by %s and patched by %s', (model, field, applied, patched) => {
  const list = listTypeOf(model, field)
  expect(list.type === 'map' ? list.keys.join(',') : list.type).toBe(applied)
  expect(mergeKeyOf(model, field)).toBe(patched)
  expect(patchKeysOf(model, field) === undefined).toBe(patched === undefined)
})

test('atomic structs and maps, and the default of a key', () => {
  expect(isAtomicModel('LabelSelector')).toBe(true)
  expect(isAtomicModel('Container')).toBe(false)
  expect(isAtomicMap('ServiceSpec', 'selector')).toBe(true)
  expect(isAtomicMap('ObjectMeta', 'labels')).toBe(false)
  expect(keyDefaultOf('Container', 'ports', 'protocol')).toBe('TCP')
  expect(keyDefaultOf('Container', 'env', 'name')).toBeUndefined()
})

test('H-15: a member of claimRef is owned by itself, of other references the whole', () => {
  const spec = objectType('PersistentVolume').fields.get('spec') as StructType
  expect(spec.fields.get('claimRef')?.kind).toBe('struct')
  const involved = objectType('Event').fields.get('involvedObject')
  expect(involved?.kind).toBe('leaf')
})
