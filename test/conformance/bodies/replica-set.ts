import { deepStrictEqual as equal, ok } from 'node:assert/strict'
import type { ReplicaSet, ResourceQuota, Service } from '../../../src/api/generated/types.ts'
import { controllerRef } from '../../../src/api/object.ts'
import { pods, replicaSets } from '../../../src/api/scheme.ts'
import { suite } from '../body.ts'
import { servingPort } from '../images.ts'
import { imageOf, podOf, replicaSetOf, withImage } from '../objects.ts'
import { nameOf, uidOf, type World } from '../world.ts'
import { scaleSubresource, statusEndpoints } from './status-endpoints.ts'

function ready(world: World, name: string, count: number): Promise<ReplicaSet> {
  return world.until(`${count} of ReplicaSet ${name} are ready`, async () => {
    const found = await world.get(replicaSets, name)
    const { replicas = 0, readyReplicas = 0 } = found.status ?? {}
    return replicas === count && readyReplicas === count && found
  })
}

async function serves(world: World): Promise<void> {
  const { image, ...container } = world.programs.serveHostname()
  await world.create(replicaSetOf({ name: 'app', image: image ?? '', container }, { replicas: 2 }))
  const service: Service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'app' },
    spec: { selector: { app: 'app' }, ports: [{ port: 80, targetPort: servingPort }] },
  }
  const { spec } = await world.create(service)
  await ready(world, 'app', 2)
  const names = (await world.list(pods)).map(nameOf)
  equal(names.length, 2)
  const asker = world.programs.hears(`http://${spec?.clusterIP}:80/`, names)
  const pod = { restartPolicy: 'Never' }
  const described = { name: 'asker', image: asker.image ?? '', container: asker, pod }
  await world.create(podOf(described))
  await world.until('each replica has answered with its own name', async () => {
    return (await world.get(pods, 'asker')).status?.phase === 'Succeeded'
  })
}

async function adoptsAndReleases(world: World): Promise<void> {
  const labels = { name: 'pod-adoption-release' }
  const described = { name: 'app', image: world.images.first, labels }
  const orphan = await world.create(podOf({ ...described, name: 'orphan' }))
  const owner = await world.create(replicaSetOf(described, { replicas: 1 }))
  await world.until('the orphan is adopted', async () => {
    return controllerRef(await world.get(pods, 'orphan'))?.uid === uidOf(owner)
  })
  const adopted = await world.list(pods)
  equal(adopted.map(uidOf), [uidOf(orphan)])
  await world.patch(pods, 'orphan', { metadata: { labels: { name: 'not-matching-name' } } })
  await world.until('the pod is released', async () => {
    return controllerRef(await world.get(pods, 'orphan')) === undefined
  })
  await world.until('a replacement is made', async () => {
    const owned = (await world.list(pods)).filter((pod) => controllerRef(pod)?.uid === uidOf(owner))
    return owned.length === 1
  })
}

async function scales(world: World): Promise<void> {
  await world.create(replicaSetOf({ name: 'app', image: world.images.first }, { replicas: 1 }))
  await ready(world, 'app', 1)
  await scaleSubresource(world, replicaSets, 'app')
}

async function replacesAndPatches(world: World): Promise<void> {
  const { first, second } = world.images
  await world.create(replicaSetOf({ name: 'app', image: first }, { replicas: 1 }))
  await ready(world, 'app', 1)
  const heard = world.watch(replicaSets)
  await world.replace(replicaSets, 'app', (found) => ({
    ...found,
    ...(found.spec && { spec: { ...found.spec, replicas: 2 } }),
  }))
  await ready(world, 'app', 2)
  const body = { metadata: { labels: { 'test-rs': 'patched' } }, ...withImage(second) }
  const patched = await world.patch(replicaSets, 'app', {
    ...body,
    spec: { ...body.spec, replicas: 3 },
  })
  equal(patched.metadata.labels?.['test-rs'], 'patched')
  await world.hears(heard, 'three replicas and the label', ({ object }) => {
    return object.metadata.labels?.['test-rs'] === 'patched' && object.status?.readyReplicas === 3
  })
  // A new template is for new pods only.
  const images = (await world.list(pods)).map(imageOf)
  equal(images.sort(), [first, first, second].sort())
}

async function deletesCollection(world: World): Promise<void> {
  const labelled = { labels: { e2e: world.namespace } }
  const described = { name: 'app', image: world.images.first, metadata: labelled }
  await world.create(replicaSetOf(described, { replicas: 3 }))
  await ready(world, 'app', 3)
  const labelSelector = `e2e=${world.namespace}`
  equal((await world.api.list(replicaSets, {}, { labelSelector })).items.map(nameOf), ['app'])
  await world.api.deleteCollection(replicaSets, { namespace: world.namespace }, { labelSelector })
  await world.until('no ReplicaSet is left', async () => {
    return (await world.list(replicaSets, labelSelector)).length === 0
  })
  await world.until('no pod is left', async () => (await world.list(pods)).length === 0)
}

async function validatesStatus(world: World): Promise<void> {
  await world.create(replicaSetOf({ name: 'app', image: world.images.first }, { replicas: 1 }))
  await ready(world, 'app', 1)
  await statusEndpoints(world, replicaSets, 'app')
}

async function surfacesFailure(world: World): Promise<void> {
  const quota: ResourceQuota = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'condition-test' },
    spec: { hard: { pods: '2' } },
  }
  await world.create(quota)
  await world.create(replicaSetOf({ name: 'app', image: world.images.first }, { replicas: 3 }))
  const failure = async () => {
    const { status } = await world.get(replicaSets, 'app')
    return status?.conditions?.find(({ type }) => type === 'ReplicaFailure')
  }
  const surfaced = await world.until('the failure is a condition', failure)
  equal([surfaced.status, surfaced.reason], ['True', 'FailedCreate'])
  ok(surfaced.message?.includes('exceeded quota: condition-test'), surfaced.message)
  await world.patch(replicaSets, 'app', { spec: { replicas: 2 } })
  await world.until('the condition is gone', async () => {
    const { metadata, status } = await world.get(replicaSets, 'app')
    const hasSeen = (status?.observedGeneration ?? 0) >= Number(metadata.generation)
    return hasSeen && (await failure()) === undefined
  })
  equal((await world.list(pods)).length, 2)
}

export const replicaSetBodies = suite('ReplicaSet', {
  'I-12 should serve a basic image on each replica with a public image': {
    needsPrograms: true,
    run: serves,
  },
  'I-13 should adopt matching pods on creation and release no longer matching pods':
    adoptsAndReleases,
  'I-14 Replicaset should have a working scale subresource': scales,
  'I-14 Replace and Patch ReplicaSet': replacesAndPatches,
  'I-14 should list and delete a collection of ReplicaSets': deletesCollection,
  'I-14 should validate Replicaset Status endpoints': validatesStatus,
  'I-15 should surface a failure condition on a common issue like exceeded quota': surfacesFailure,
})
