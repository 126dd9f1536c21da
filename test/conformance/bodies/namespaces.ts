import { deepStrictEqual as equal, ok, rejects } from 'node:assert/strict'
import type { ConfigMap, Namespace, Service } from '../../../src/api/generated/types.ts'
import { configMaps, namespaces, pods, services } from '../../../src/api/scheme.ts'
import { isStatusError } from '../../../src/api/status-error.ts'
import { suite } from '../body.ts'
import { podOf } from '../objects.ts'
import { uidOf, type World } from '../world.ts'

/** A namespace of its own beside the body's. */
async function another(world: World): Promise<string> {
  const name = `${world.namespace}-other`
  await world.createNamespace(name)
  return name
}

async function deleteAndWait(world: World, name: string): Promise<void> {
  await world.api.delete(namespaces, { name })
  await world.until(`namespace ${name} is gone`, () => world.isGone(namespaces, name))
}

async function removesPods(world: World): Promise<void> {
  const name = await another(world)
  const pod = podOf({ name: 'test-pod', image: world.images.first })
  await world.api.create(pods, { namespace: name }, pod)
  await world.until('the pod runs', async () => {
    return (await world.find(pods, 'test-pod', name))?.status?.phase === 'Running'
  })
  await deleteAndWait(world, name)
  await world.createNamespace(name)
  equal(await world.find(pods, 'test-pod', name), undefined)
}

async function removesServices(world: World): Promise<void> {
  const name = await another(world)
  const service: Service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'test-service' },
    spec: { selector: { foo: 'bar' }, ports: [{ port: 80, targetPort: 80 }] },
  }
  await world.api.create(services, { namespace: name }, service)
  await deleteAndWait(world, name)
  await world.createNamespace(name)
  equal(await world.find(services, 'test-service', name), undefined)
}

/** Pods go first, so that what they use is there until they have ended. */
async function removesInOrder(world: World): Promise<void> {
  const name = await another(world)
  const finalizers = ['conformance.astern.dev/hold']
  const { metadata, ...pod } = podOf({ name: 'test-pod', image: world.images.first })
  const held = { ...pod, metadata: { ...metadata, finalizers } }
  await world.api.create(pods, { namespace: name }, held)
  const map: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'used' } }
  await world.api.create(configMaps, { namespace: name }, map)
  await world.api.delete(namespaces, { name })
  const condition = async (type: string) => {
    const { status } = await world.api.get<Namespace>(namespaces, { name })
    return status?.conditions?.find((one) => one.type === type && one.status === 'True')
  }
  await world.until('the namespace says that content remains', () =>
    condition('NamespaceContentRemaining'),
  )
  const remaining = await world.until('the namespace says that finalizers remain', () =>
    condition('NamespaceFinalizersRemaining'),
  )
  equal(remaining.reason, 'SomeFinalizersRemain')
  ok(remaining.message?.includes(finalizers[0] ?? ''), remaining.message)
  equal((await world.api.get<Namespace>(namespaces, { name })).status?.phase, 'Terminating')
  ok(await world.find(configMaps, 'used', name), 'the ConfigMap outlives the pod')
  await rejects(world.api.create(configMaps, { namespace: name }, map), (error) =>
    isStatusError(error, 'Forbidden'),
  )
  const patch = {
    type: 'application/merge-patch+json',
    body: { metadata: { finalizers: null } },
  } as const
  await world.api.patch(pods, { namespace: name, name: 'test-pod' }, patch)
  await world.until('the namespace is gone', () => world.isGone(namespaces, name))
}

async function patches(world: World): Promise<void> {
  const body = { metadata: { labels: { testLabel: 'testValue' } } }
  await world.patch(namespaces, world.namespace, body)
  const { metadata } = await world.api.get<Namespace>(namespaces, { name: world.namespace })
  equal(metadata.labels?.testLabel, 'testValue')
  equal(metadata.labels?.['kubernetes.io/metadata.name'], world.namespace)
}

async function updates(world: World): Promise<void> {
  const key = { name: world.namespace }
  const before = await world.api.get<Namespace>(namespaces, key)
  const labels = { ...before.metadata.labels, updated: 'yes' }
  await world.api.update(namespaces, key, { ...before, metadata: { ...before.metadata, labels } })
  const after = await world.api.get<Namespace>(namespaces, key)
  equal([after.metadata.labels?.updated, uidOf(after)], ['yes', uidOf(before)])
}

async function appliesStatus(world: World): Promise<void> {
  const key = { name: world.namespace }
  const conditions = [
    { type: 'StatusPatch', status: 'True', reason: 'E2E', message: 'Patched by an e2e test' },
  ]
  const patch = { type: 'application/merge-patch+json', body: { status: { conditions } } } as const
  const patched = await world.api.patch<Namespace>(namespaces, key, patch, {
    subresource: 'status',
  })
  equal(
    patched.status?.conditions?.map(({ type, reason }) => [type, reason]),
    [['StatusPatch', 'E2E']],
  )
  const update = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Updated' }
  const body = { ...patched, status: { ...patched.status, conditions: [...conditions, update] } }
  await world.api.update(namespaces, key, body, { subresource: 'status' })
  const { status } = await world.api.get<Namespace>(namespaces, key, 'status')
  equal(status?.conditions?.map(({ type }) => type).sort(), ['StatusPatch', 'StatusUpdate'])
}

export const namespaceBodies = suite('Namespaces', {
  'I-30 should ensure that all pods are removed when a namespace is deleted': removesPods,
  'I-30 should ensure that all services are removed when a namespace is deleted': removesServices,
  'I-30 namespace deletion should delete pod first': removesInOrder,
  'I-30 should patch a Namespace': patches,
  'I-30 should apply an update to a Namespace': updates,
  'I-30 should apply changes to a namespace status': appliesStatus,
})
