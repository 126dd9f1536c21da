import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Ingress, PersistentVolumeClaim } from '../../api/generated/types.ts'
import {
  ingressClasses,
  ingresses,
  persistentVolumeClaims,
  storageClasses,
} from '../../api/scheme.ts'
import { type GivenServer, givenServer, inDefault } from '../server.fixture.ts'

let given: GivenServer
beforeEach(async () => {
  given = await givenServer()
})
afterEach(() => given.stop())

function createClass(kind: 'StorageClass' | 'IngressClass', name: string, isDefault: boolean) {
  const isStorage = kind === 'StorageClass'
  const annotation = `${kind.toLowerCase()}.kubernetes.io/is-default-class`
  const object = {
    apiVersion: isStorage ? 'storage.k8s.io/v1' : 'networking.k8s.io/v1',
    kind,
    metadata: { name, annotations: { [annotation]: `${isDefault}` } },
    ...(isStorage ? { provisioner: 'a/b' } : { spec: { controller: 'a.example/b' } }),
  }
  return given.api.create((isStorage ? storageClasses : ingressClasses) as never, {}, object)
}

async function claimClass(storageClassName?: string) {
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
  const claim = await given.api.create<PersistentVolumeClaim>(persistentVolumeClaims, inDefault, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { generateName: 'c-' },
    spec: { ...spec, ...(storageClassName !== undefined && { storageClassName }) },
  } as never)
  return claim.spec?.storageClassName
}

async function ingressClass(annotations: Record<string, string> = {}) {
  const ingress = await given.api.create<Ingress>(ingresses, inDefault, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { generateName: 'i-', annotations },
    spec: { defaultBackend: { service: { name: 'a', port: { number: 80 } } } },
  } as never)
  return ingress.spec?.ingressClassName
}

test('without a default class, none is given', async () => {
  await createClass('StorageClass', 'plain', false)
  await createClass('IngressClass', 'plain', false)
  expect([await claimClass(), await ingressClass()]).toEqual([undefined, undefined])
})

test('a claim that names no class gets the newest default; one that wants none gets none', async () => {
  await createClass('StorageClass', 'old', true)
  given.clock.advance(5_000)
  await createClass('StorageClass', 'new', true)
  expect(await claimClass()).toBe('new')
  expect(await claimClass('old')).toBe('old')
  expect(await claimClass('')).toBe('')
})

test('an Ingress that names no class, in neither way, gets the default', async () => {
  await createClass('IngressClass', 'usual', true)
  expect(await ingressClass()).toBe('usual')
  expect(await ingressClass({ 'kubernetes.io/ingress.class': 'own' })).toBeUndefined()
})
