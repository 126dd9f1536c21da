import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { KubeObject } from '../api/object.ts'
import { configMaps, deployments, namespaces, pods, secrets } from '../api/scheme.ts'
import { seededIds } from '../base/ids.ts'
import { seededPrng } from '../base/prng.ts'
import { objectBytesMax } from './encode.ts'
import {
  caller,
  configMap,
  deployment,
  type GivenServer,
  givenServer,
  inDefault,
  named,
  pod,
  refusal,
} from './server.fixture.ts'

let given: GivenServer
beforeEach(async () => {
  given = await givenServer()
})
afterEach(() => given.stop())

test('A-13: the server writes uid, time, revision and generation', async () => {
  const { api, clock } = given
  const sent = deployment('app', { replicas: 0 })
  const status = { replicas: 7 }
  const created = await api.create(deployments, inDefault, { ...sent, status } as KubeObject)
  expect(created.metadata).toMatchObject({
    name: 'app',
    namespace: 'default',
    generation: 1,
    creationTimestamp: new Date(clock.now()).toISOString().replace('.000', ''),
  })
  expect(created.metadata.uid).toMatch(/^[0-9a-f-]{36}$/)
  expect(created.metadata.resourceVersion).toBe(String(given.store.revision))
  expect(created.status).toEqual({})
  expect(await api.get(deployments, named('app'))).toBe(created)
})

test('H-73: a ConfigMap has no generation', async () => {
  const created = await given.api.create(configMaps, inDefault, configMap('a'))
  expect(created.metadata).not.toHaveProperty('generation')
})

test('what the caller passes in is neither changed nor aliased, what it gets is frozen', async () => {
  const sent = configMap('a', { labels: { app: 'a' } })
  const created = await given.api.create(configMaps, inDefault, sent)
  expect(Object.isFrozen(sent)).toBe(false)
  expect(sent.metadata).toEqual({ name: 'a', labels: { app: 'a' } })
  expect(created.metadata.labels).not.toBe(sent.metadata.labels)
  expect(Object.isFrozen(created.metadata.labels)).toBe(true)
})

test('fields that only the server writes are not taken from a body', async () => {
  const metadata = {
    uid: 'mine',
    generation: 9,
    creationTimestamp: '2001-01-01T00:00:00Z',
    deletionTimestamp: '2001-01-01T00:00:00Z',
    deletionGracePeriodSeconds: 5,
    managedFields: [{ manager: 'me' }],
    selfLink: '/x',
  }
  const created = await given.api.create(configMaps, inDefault, configMap('a', metadata))
  expect(Object.keys(created.metadata).sort()).toEqual(
    ['creationTimestamp', 'managedFields', 'name', 'namespace', 'resourceVersion', 'uid'].sort(),
  )
  expect(created.metadata.managedFields).toEqual([expect.objectContaining({ manager: 'test' })])
  expect(created.metadata.uid).not.toBe('mine')
})

describe('C-04, V-12: generateName', () => {
  const generated = (generateName: string) => ({
    ...configMap(''),
    metadata: { generateName },
  })

  test('adds five characters that spell no word', async () => {
    const created = await given.api.create(configMaps, inDefault, generated('app-'))
    expect(created.metadata.name).toMatch(/^app-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
    expect(created.metadata.generateName).toBe('app-')
  })

  test('cuts the base so that the name has 63 characters', async () => {
    const created = await given.api.create(configMaps, inDefault, generated('a'.repeat(80)))
    expect(created.metadata.name).toMatch(/^a{58}[a-z0-9]{5}$/)
  })

  test.each([
    ['another name when one is taken', 7, undefined],
    [
      'eight names, then gives up',
      8,
      'configmaps "x-taken" already exists, the server was not able to generate a unique name for the object',
    ],
  ])('tries %s', async (_what, timesTaken, message) => {
    let calls = 0
    const suffix = () => (calls++ <= timesTaken ? 'taken' : 'other')
    const own = await givenServer({ ids: { ...seededIds(seededPrng(1)), suffix } })
    await own.api.create(configMaps, inDefault, generated('x-'))
    const second = own.api.create(configMaps, inDefault, generated('x-'))
    if (message === undefined) expect((await second).metadata.name).toBe('x-other')
    else expect(await refusal(second)).toMatchObject({ reason: 'AlreadyExists', message })
    await own.stop()
  })
})

test.each([
  [
    'H-24: another namespace in the body',
    () => given.api.create(configMaps, inDefault, configMap('a', { namespace: 'other' })),
    {
      code: 400,
      message:
        'the namespace of the provided object does not match the namespace sent on the request',
    },
  ],
  [
    'E-21: a namespace that does not exist',
    () => given.api.create(configMaps, { namespace: 'x' }, configMap('a')),
    { code: 404, message: 'namespaces "x" not found' },
  ],
  [
    'a body with a resourceVersion',
    () => given.api.create(configMaps, inDefault, configMap('a', { resourceVersion: '3' })),
    { code: 400, message: 'resourceVersion should not be set on objects to be created' },
  ],
  [
    'A-11: an unknown priority class',
    () => given.api.create(pods, inDefault, pod('a', { priorityClassName: 'high' })),
    { code: 403, message: 'pods "a" is forbidden: no PriorityClass with name high was found' },
  ],
  [
    'H-16: a subresource that the kind does not have',
    () => given.api.create(configMaps, inDefault, configMap('a'), { subresource: 'binding' }),
    { code: 404, message: 'the server could not find the requested resource' },
  ],
])('refuses %s', async (_what, call, expected) => {
  expect(await refusal(call())).toMatchObject(expected)
})

test('A-24: refuses a name that is taken', async () => {
  await given.api.create(deployments, inDefault, deployment('x'))
  const error = await refusal(given.api.create(deployments, inDefault, deployment('x')))
  expect(error).toMatchObject({
    code: 409,
    reason: 'AlreadyExists',
    message: 'deployments.apps "x" already exists',
    details: { name: 'x', group: 'apps', kind: 'deployments' },
  })
})

test('of two that race for a name, one gets it', async () => {
  const race = ['1', '2'].map((value) =>
    given.api.create(configMaps, inDefault, configMap('a', {}, value)),
  )
  const outcomes = await Promise.allSettled(race)
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
})

test('E-21: refuses new content in a namespace that is going away', async () => {
  const { api } = given
  await api.create(namespaces, {}, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } })
  await api.delete(namespaces, { name: 'n' })
  const error = await refusal(api.create(configMaps, { namespace: 'n' }, configMap('a')))
  expect(error).toMatchObject({
    code: 403,
    message:
      'configmaps "a" is forbidden: unable to create new content in namespace n because it is being terminated',
  })
  expect(error.details?.causes?.[0]).toMatchObject({
    reason: 'NamespaceTerminating',
    field: 'metadata.namespace',
  })
})

test('E-20: a namespace is held by its own finalizer and labelled with its name', async () => {
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } }
  const created = await given.api.create(namespaces, {}, body)
  expect(created).toMatchObject({
    metadata: { labels: { 'kubernetes.io/metadata.name': 'n' } },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  })
})

test('H-19: a dry run does everything but the write', async () => {
  const { api, store } = given
  const before = store.revision
  const body = { ...pod(''), metadata: { generateName: 'app-' } }
  const created = await api.create(pods, inDefault, body, { dryRun: true })
  expect(created.metadata.name).toMatch(/^app-/)
  expect(created.spec?.serviceAccountName).toBe('default')
  expect(created.metadata.resourceVersion).toBeUndefined()
  expect(store.revision).toBe(before)
  await api.create(pods, inDefault, pod('a'))
  const again = await refusal(api.create(pods, inDefault, pod('a'), { dryRun: true }))
  expect(again.reason).toBe('AlreadyExists')
})

test('an object over 1.5 MiB is refused and leaves no trace', async () => {
  const annotations = { big: 'x'.repeat(objectBytesMax) }
  const { metadata: _metadata, ...rest } = configMap('a')
  const big = { ...rest, metadata: { name: 'a' }, binaryData: {}, data: annotations }
  const error = await refusal(given.api.create(configMaps, inDefault, big))
  expect(error.code).toBeGreaterThanOrEqual(413)
  expect((await given.api.list(configMaps, inDefault)).items).toEqual([])
})

test('stringData of a Secret becomes data and is not kept', async () => {
  const body = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's' },
    data: { a: 'b2xk', b: 'Yg==' },
    stringData: { a: 'new' },
  }
  const created = await given.api.create(secrets, inDefault, body as KubeObject)
  expect(created.data).toEqual({ a: 'bmV3', b: 'Yg==' })
  expect(created).not.toHaveProperty('stringData')
})

test('A-20, S-19: what is invalid is refused, cause by cause, and nothing is stored', async () => {
  const template = { spec: deployment('x').spec?.template.spec }
  const body = deployment('example-deployment', { template })
  const error = await refusal(given.api.create(deployments, inDefault, body))
  expect(error).toMatchObject({
    code: 422,
    message:
      'Deployment.apps "example-deployment" is invalid: spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`',
  })
  expect(error.details?.causes).toHaveLength(1)
  expect((await given.api.list(deployments, inDefault)).items).toEqual([])
})

test('A-39, H-20, H-21: advice and unknown fields come as warnings', async () => {
  const body = { ...deployment('a.b'), speck: {} }
  const { warnings, code } = await given.server.create(
    caller,
    deployments,
    inDefault,
    { object: body },
    {},
  )
  expect(code).toBe(201)
  expect(warnings[0]).toBe('unknown field "speck"')
  expect(warnings[1]).toMatch(/^metadata.name: this is used in Pod names and hostnames/)
})
