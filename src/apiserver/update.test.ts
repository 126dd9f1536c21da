import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Deployment, ObjectMeta, Scale } from '../api/generated/types.ts'
import type { JsonObject } from '../api/json.ts'
import type { KubeObject } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'
import {
  configMaps,
  deployments,
  leases,
  namespaces,
  pods,
  replicaSets,
  services,
} from '../api/scheme.ts'
import {
  configMap,
  deployment,
  type GivenServer,
  givenServer,
  inDefault,
  named,
  pod,
  refusal,
  service,
  versionOf,
  watched,
} from './server.fixture.ts'

let given: GivenServer
beforeEach(async () => {
  given = await givenServer()
})
afterEach(() => given.stop())

const created = <T extends KubeObject>(object: T, metadata: ObjectMeta): T => ({
  ...object,
  metadata: { ...object.metadata, ...metadata },
})

describe('H-06: resourceVersion', () => {
  test('a PUT of an older version is a conflict', async () => {
    const { api } = given
    const first = await api.create(configMaps, inDefault, configMap('a'))
    await api.update(configMaps, named('a'), { ...first, data: { value: '2' } } as KubeObject)
    const late = api.update(configMaps, named('a'), {
      ...first,
      data: { value: '3' },
    } as KubeObject)
    expect(await refusal(late)).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message:
        'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    })
  })

  test('of conditional PUTs that race, one wins; unconditional ones all do', async () => {
    const { api } = given
    const first = await api.create(configMaps, inDefault, configMap('a'))
    const values = ['1', '2', '3']
    const put = (metadata: ObjectMeta) => (value: string) =>
      api.update(configMaps, named('a'), { ...configMap('a', {}, value), metadata })
    const conditional = await Promise.allSettled(values.map(put(first.metadata)))
    expect(conditional.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
    const blind = await Promise.all(values.map(put({ name: 'a' })))
    expect(new Set(blind.map(versionOf)).size).toBe(3)
  })

  test('a PUT that changes nothing returns the same object and emits nothing', async () => {
    const { api, store } = given
    const first = await api.create(deployments, inDefault, deployment('app'))
    const watch = await watched(api, deployments, { resourceVersion: versionOf(first) })
    const revision = store.revision
    expect(await api.update(deployments, named('app'), first)).toBe(first)
    expect(await api.update(deployments, named('app'), deployment('app'))).toBe(first)
    expect([store.revision, watch.lines]).toEqual([revision, []])
    watch.stop()
  })
})

test.each([
  [
    'a name that is not that of the URL',
    () => given.api.update(configMaps, named('a'), configMap('b')),
    { code: 400, message: 'the name of the object (b) does not match the name on the URL (a)' },
  ],
  [
    'no name',
    () => given.api.update(configMaps, named('a'), { ...configMap('a'), metadata: {} }),
    {
      code: 400,
      message: 'the name of the object (a based on URL) was undeterminable: name must be provided',
    },
  ],
  [
    'another namespace',
    () => given.api.update(configMaps, named('a'), configMap('a', { namespace: 'x' })),
    {
      code: 400,
      message:
        'the namespace of the provided object does not match the namespace sent on the request',
    },
  ],
  [
    'an object that does not exist (H-24)',
    () => given.api.update(deployments, named('x'), deployment('x')),
    { code: 404, message: 'deployments.apps "x" not found' },
  ],
  [
    'a Lease without resourceVersion',
    () => given.api.update(leases, named('l'), lease),
    {
      code: 422,
      message:
        'leases.coordination.k8s.io "l" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    },
  ],
])('A-27: a PUT with %s is refused', async (_what, call, expected) => {
  await given.api.create(configMaps, inDefault, configMap('a'))
  await given.api.create(leases, inDefault, lease)
  expect(await refusal(call())).toMatchObject(expected)
})

const lease = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'l' },
  spec: { holderIdentity: 'me' },
}

test('a PUT meant for another object of that name is a conflict', async () => {
  const { api } = given
  const { metadata } = await api.create(configMaps, inDefault, configMap('a'))
  const error = await refusal(
    api.update(configMaps, named('a'), configMap('a', { uid: 'other' }, 'new')),
  )
  expect(error.reason).toBe('Conflict')
  expect(error.message).toContain(
    `Precondition failed: UID in precondition: other, UID in object meta: ${metadata.uid}`,
  )
})

describe('A-38: what /status and the main resource change', () => {
  const status = { observedGeneration: 1, replicas: 3 }

  test('a Deployment: /status changes status and annotations, not spec, labels or generation', async () => {
    const { api } = given
    const first = await api.create(deployments, inDefault, deployment('app', { replicas: 3 }))
    const body = created(
      { ...first, spec: { ...first.spec, replicas: 9 }, status },
      { labels: { x: 'y' }, annotations: { a: 'b' } },
    ) as Deployment
    const after = await api.update(deployments, named('app'), body, { subresource: 'status' })
    expect(after).toMatchObject({ spec: { replicas: 3 }, status })
    expect(after.metadata).toMatchObject({ annotations: { a: 'b' }, generation: 1 })
    expect(after.metadata.labels).toBeUndefined()
  })

  test('a Deployment: the main resource keeps status', async () => {
    const { api } = given
    await api.create(deployments, inDefault, deployment('app'))
    const body = { ...deployment('app', { replicas: 2 }), status }
    const after = await api.update(deployments, named('app'), body as KubeObject)
    expect(after).toMatchObject({ spec: { replicas: 2 }, status: {} })
    expect(after.status).toEqual({})
  })

  test('a Pod: /status keeps spec and owners', async () => {
    const { api } = given
    const first = await api.create(pods, inDefault, pod('p'))
    const owner = { apiVersion: 'v1', kind: 'X', name: 'x', uid: 'u' }
    const body = created({ ...first, status: { phase: 'Running' } }, { ownerReferences: [owner] })
    const after = await api.update(pods, named('p'), body, { subresource: 'status' })
    expect(after.status).toEqual({ phase: 'Running', qosClass: 'BestEffort' })
    expect(after.spec).toEqual(first.spec)
    expect(after.metadata.ownerReferences).toBeUndefined()
  })

  test('a ConfigMap has no /status', async () => {
    const { api } = given
    await api.create(configMaps, inDefault, configMap('a'))
    const call = api.update(configMaps, named('a'), configMap('a'), { subresource: 'status' })
    expect(await refusal(call)).toMatchObject({
      code: 404,
      message: 'the server could not find the requested resource',
    })
  })
})

const template = deployment('app').spec?.template
const replicaSet = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'app' },
  spec: { selector: { matchLabels: { app: 'app' } }, template },
} as KubeObject

const annotations = { annotations: { a: 'b' } }
const labels = { labels: { a: 'b' } }

test.each<[string, readonly [Resource, KubeObject], JsonObject, number | undefined]>([
  ['H-70: annotations of a Deployment', [deployments, deployment('app')], annotations, 2],
  ['H-70: labels of a Deployment', [deployments, deployment('app')], labels, 1],
  ['H-71: annotations of a ReplicaSet', [replicaSets, replicaSet], annotations, 1],
  ['H-73: labels of a Pod', [pods, pod('app')], labels, 1],
  ['H-73: labels of a Service', [services, service('app')], labels, undefined],
])('%s and the generation', async (...[_what, [resource, object], metadata, generation]) => {
  await given.api.create(resource, inDefault, object)
  const patch = { type: 'application/merge-patch+json', body: { metadata } } as const
  const after = await given.api.patch(resource, named('app'), patch)
  expect(after.metadata.generation).toBe(generation)
})

test.each<[string, Resource, KubeObject]>([
  ['H-70', deployments, deployment('app')],
  ['H-71', replicaSets, replicaSet],
])('%s: a change of spec raises the generation', async (_id, resource, object) => {
  await given.api.create(resource, inDefault, object)
  const patch = { type: 'application/merge-patch+json', body: { spec: { replicas: 5 } } } as const
  const after = await given.api.patch(resource, named('app'), patch)
  expect(after.metadata.generation).toBe(2)
  expect((await given.api.patch(resource, named('app'), patch)).metadata.generation).toBe(2)
})

describe('H-16, G-07: /scale', () => {
  test('shows replicas and selector, and writes replicas', async () => {
    const { api } = given
    const first = await api.create(deployments, inDefault, deployment('app', { replicas: 3 }))
    const scale: unknown = await api.get(deployments, named('app'), 'scale')
    expect(scale).toMatchObject({
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name: 'app', namespace: 'default', uid: first.metadata.uid },
      spec: { replicas: 3 },
      status: { replicas: 0, selector: 'app=app' },
    })
    const wanted = { ...(scale as Scale), spec: { replicas: 2 } }
    const put = await api.update(deployments, named('app'), wanted, { subresource: 'scale' })
    expect(put).toMatchObject({ kind: 'Scale', spec: { replicas: 2 } })
    const after = await api.get(deployments, named('app'))
    expect(after.spec?.replicas).toBe(2)
    expect(after.metadata.generation).toBe(2)
    const late = api.update(deployments, named('app'), wanted, { subresource: 'scale' })
    expect((await refusal(late)).reason).toBe('Conflict')
  })

  test('refuses less than none', async () => {
    await given.api.create(deployments, inDefault, deployment('app'))
    const patch = {
      type: 'application/merge-patch+json',
      body: { spec: { replicas: -1 } },
    } as const
    const call = given.api.patch(deployments, named('app'), patch, { subresource: 'scale' })
    expect(await refusal(call)).toMatchObject({
      code: 422,
      message:
        'Scale.autoscaling "app" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    })
  })
})

test('E-20: /finalize empties spec.finalizers, and frees a namespace that is going away', async () => {
  const { api } = given
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } }
  await api.create(namespaces, {}, body)
  const going = await api.delete(namespaces, { name: 'n' })
  expect(going).toMatchObject({ kind: 'Namespace', status: { phase: 'Terminating' } })
  const kept = await api.update(namespaces, { name: 'n' }, { ...body, spec: {} } as KubeObject)
  expect(kept).toMatchObject({ spec: { finalizers: ['kubernetes'] } })
  await api.update(namespaces, { name: 'n' }, body, { subresource: 'finalize' })
  expect((await refusal(api.get(namespaces, { name: 'n' }))).reason).toBe('NotFound')
})

test('H-19: a dry run shows the result and writes nothing', async () => {
  const { api } = given
  const first = await api.create(configMaps, inDefault, configMap('a'))
  const shown = await api.update(configMaps, named('a'), configMap('a', {}, 'new'), {
    dryRun: true,
  })
  expect(shown.data).toEqual({ value: 'new' })
  expect(await api.get(configMaps, named('a'))).toBe(first)
})
