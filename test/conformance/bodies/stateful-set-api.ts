import { deepStrictEqual as equal } from 'node:assert/strict'
import { controllerRef } from '../../../src/api/object.ts'
import { pods, statefulSets } from '../../../src/api/scheme.ts'
import { suite } from '../body.ts'
import { statefulSetOf, withImage } from '../objects.ts'
import { nameOf, uidOf, type World } from '../world.ts'
import { allReady, imagesAre, statusHas } from './stateful-set-facts.ts'
import { scaleSubresource, statusEndpoints } from './status-endpoints.ts'

async function given(world: World, spec: object = {}): Promise<void> {
  const labels = { e2e: world.namespace }
  const described = { name: 'ss', image: world.images.first, metadata: { labels } }
  await world.create(statefulSetOf(described, { replicas: 1, ...spec }))
  await allReady(world, 1)
  await statusHas(world, 'one replica', { replicas: 1, readyReplicas: 1 })
}

async function scales(world: World): Promise<void> {
  await given(world)
  await scaleSubresource(world, statefulSets, 'ss')
}

async function deletesCollection(world: World): Promise<void> {
  const { second } = world.images
  await given(world)
  const body = { metadata: { labels: { 'test-ss': 'patched' } }, ...withImage(second) }
  await world.patch(statefulSets, 'ss', { ...body, spec: { ...body.spec, replicas: 2 } })
  await imagesAre(world, [second, second])
  const labelSelector = `test-ss=patched,e2e=${world.namespace}`
  equal((await world.api.list(statefulSets, {}, { labelSelector })).items.map(nameOf), ['ss'])
  await world.api.deleteCollection(
    statefulSets,
    { namespace: world.namespace },
    { labelSelector, gracePeriodSeconds: 1 },
  )
  await world.until('no StatefulSet is left', async () => {
    return (await world.list(statefulSets, labelSelector)).length === 0
  })
}

async function validatesStatus(world: World): Promise<void> {
  await given(world)
  await statusEndpoints(world, statefulSets, 'ss')
}

async function identifies(world: World): Promise<void> {
  const labels = { app: 'ss' }
  await world.create(
    statefulSetOf({ name: 'ss', image: world.images.first, labels }, { replicas: 3 }),
  )
  const found = await allReady(world, 3)
  const facts = found.map(({ metadata, spec }) => [
    metadata.name,
    spec?.hostname,
    spec?.subdomain,
    metadata.labels?.['statefulset.kubernetes.io/pod-name'],
    metadata.labels?.['apps.kubernetes.io/pod-index'],
  ])
  const expected = ['0', '1', '2'].map((n) => [`ss-${n}`, `ss-${n}`, 'headless', `ss-${n}`, n])
  equal(facts, expected)
}

async function adoptsAndReleases(world: World): Promise<void> {
  await given(world)
  const set = await world.get(statefulSets, 'ss')
  const ownerOf = async () => controllerRef(await world.get(pods, 'ss-0'))?.uid
  const before = await world.get(pods, 'ss-0')
  await world.merge(pods, 'ss-0', { metadata: { ownerReferences: null } })
  await world.until('the orphan is adopted', async () => (await ownerOf()) === uidOf(set))
  await world.merge(pods, 'ss-0', { metadata: { labels: { app: null } } })
  await world.until('the pod is released', async () => (await ownerOf()) === undefined)
  await world.merge(pods, 'ss-0', { metadata: { labels: { app: 'ss' } } })
  await world.until('the pod is adopted again', async () => (await ownerOf()) === uidOf(set))
  equal(uidOf(await world.get(pods, 'ss-0')), uidOf(before))
}

export const statefulSetApiBodies = suite('StatefulSet', {
  'I-21 should have a working scale subresource': scales,
  'I-21 should list, patch and delete a collection of StatefulSets': deletesCollection,
  'I-21 should validate Statefulset Status endpoints': validatesStatus,
  'I-22 should provide basic identity': identifies,
  'I-22 should adopt matching orphans and release non-matching pods': adoptsAndReleases,
})
