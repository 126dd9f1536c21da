import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ConfigMap, Deployment, ManagedFieldsEntry, Scale } from '../api/generated/types.ts'
import type { JsonObject } from '../api/json.ts'
import type { KubeObject } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'
import { configMaps, deployments, pods } from '../api/scheme.ts'
import type { WriteOptions } from '../api/transport.ts'
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

const type = 'application/apply-patch+yaml'
const me = { fieldManager: 'me' }

function apply<T extends KubeObject>(
  resource: Resource<T>,
  config: object,
  options: WriteOptions = me,
): Promise<T> {
  const name = (config as KubeObject).metadata.name ?? ''
  return given.api.patch(resource, named(name), { type, body: config as JsonObject }, options)
}

const owners = (object: KubeObject) =>
  (object.metadata.managedFields ?? []).map(({ manager, operation, subresource = '-' }) =>
    [manager, operation, subresource].join(' '),
  )
const entryOf = (object: KubeObject, manager: string): ManagedFieldsEntry | undefined =>
  object.metadata.managedFields?.find((entry) => entry.manager === manager)

describe('H-15: an apply', () => {
  test('creates with 201, then answers 200 and writes nothing when nothing changes', async () => {
    const patch = { type, body: configMap('a') as unknown as JsonObject }
    const created = await given.server.patch(caller, configMaps, named('a'), patch, me)
    expect(created.code).toBe(201)
    expect(created.object.metadata.managedFields).toEqual([
      {
        apiVersion: 'v1',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { 'f:value': {} } },
        manager: 'me',
        operation: 'Apply',
        time: created.object.metadata.creationTimestamp,
      },
    ])
    await given.clock.advance(5000)
    const again = await given.server.patch(caller, configMaps, named('a'), patch, me)
    expect(again.code).toBe(200)
    expect(again.object).toBe(created.object)
  })

  test('writes nothing for values that are stored otherwise than they are said', async () => {
    const resources = { requests: { cpu: '1000m', memory: '1024Mi' } }
    const containers = [{ name: 'app', image: 'x', resources, stdin: false }]
    const config = pod('a', { containers, hostNetwork: false })
    const created = await apply(pods, config)
    await given.clock.advance(5000)
    expect(await apply(pods, config)).toBe(created)
    const other = await apply(pods, config, { fieldManager: 'other' })
    expect(owners(other)).toEqual(['me Apply -', 'other Apply -'])
  })

  test('at the same time as others is tried again', async () => {
    const config = (key: string) => ({ ...configMap('a'), data: { [key]: 'v' } })
    const keys = ['x', 'y', 'z']
    await Promise.all(keys.map((key) => apply(configMaps, config(key), { fieldManager: key })))
    const { data } = await given.api.get<ConfigMap>(configMaps, named('a'))
    expect(data).toEqual({ x: 'v', y: 'v', z: 'v' })
  })

  test('with dryRun shows the outcome and stores nothing', async () => {
    const shown = await apply(configMaps, configMap('a'), { ...me, dryRun: true })
    expect(owners(shown)).toEqual(['me Apply -'])
    expect((await refusal(given.api.get(configMaps, named('a')))).reason).toBe('NotFound')
  })

  test('of an object that nobody owns sees what was there as one update', async () => {
    await given.api.create(configMaps, inDefault, configMap('a'))
    await given.api.patch(configMaps, named('a'), {
      type: 'application/merge-patch+json',
      body: { metadata: { managedFields: [{}] } },
    })
    const error = await refusal(apply(configMaps, configMap('a', {}, 'w')))
    expect(error.message).toBe(
      'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.value',
    )
    const forced = await apply(configMaps, configMap('a', {}, 'w'), { ...me, force: true })
    expect(owners(forced)).toEqual(['me Apply -', 'before-first-apply Update -'])
  })
})

describe('H-15: an apply is refused', () => {
  test.each<[string, object, WriteOptions, [code: number, text: string]]>([
    [
      'without a field manager',
      configMap('a'),
      {},
      [
        422,
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
      ],
    ],
    ['of another kind', pod('a'), me, [400, 'invalid object type: /v1, Kind=Pod']],
    [
      'that says who owns what',
      configMap('a', { managedFields: [] }),
      me,
      [400, 'metadata.managedFields must be nil'],
    ],
    [
      'for a uid where there is nothing',
      configMap('a', { uid: 'u' }),
      me,
      [
        409,
        'Operation cannot be fulfilled on configmaps "a": uid mismatch: the provided object specified uid u, and no existing object was found',
      ],
    ],
    [
      'to a subresource of nothing',
      deployment('a'),
      { ...me, subresource: 'status' },
      [404, 'deployments.apps "a" not found'],
    ],
  ])('%s', async (_what, config, options, [code, text]) => {
    const resource = options.subresource ? deployments : configMaps
    const error = await refusal(apply(resource as Resource, config, options))
    expect(error.message).toBe(text)
    expect(error.code).toBe(code)
  })

  test('under another name than the URL’s', async () => {
    const patch = { type, body: configMap('b') as unknown as JsonObject } as const
    const error = await refusal(given.api.patch(configMaps, named('a'), patch, me))
    expect(error.message).toBe('the name of the object (b) does not match the name on the URL (a)')
  })
})

describe('H-15: subresources are owned apart', () => {
  test('status', async () => {
    await apply(deployments, deployment('app', { replicas: 2 }))
    const status = { replicas: 2, observedGeneration: 1 }
    const whole = { ...deployment('app', { replicas: 9 }), status }
    const written = await apply(deployments, whole, { ...me, subresource: 'status' })
    expect(owners(written)).toEqual(['me Apply -', 'me Apply status'])
    expect(written.spec?.replicas).toBe(2)
    expect(written.metadata.managedFields?.[1]?.fieldsV1).toEqual({
      'f:status': { 'f:observedGeneration': {}, 'f:replicas': {} },
    })
    const main = await apply(deployments, { ...whole, spec: deployment('app').spec })
    expect(main.status).toEqual(status)
    expect(entryOf(main, 'me')?.fieldsV1).not.toHaveProperty('f:status')
  })

  test('scale, by patch, update and apply', async () => {
    await apply(deployments, deployment('app', { replicas: 2 }))
    const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'app' } }
    const options = { subresource: 'scale', fieldManager: 'hpa' } as const
    const body = { ...scale, spec: { replicas: 5 } }
    const patch = { type, body } as const
    const error = await refusal(given.api.patch(deployments, named('app'), patch, options))
    expect(error.message).toBe('Apply failed with 1 conflict: conflict with "me": .spec.replicas')
    const forced = await given.api.patch(deployments, named('app'), patch, {
      ...options,
      force: true,
    })
    expect((forced as unknown as Scale).spec?.replicas).toBe(5)
    const app = await given.api.get<Deployment>(deployments, named('app'))
    expect(owners(app)).toEqual(['hpa Apply scale', 'me Apply -'])
    expect(entryOf(app, 'hpa')?.fieldsV1).toEqual({ 'f:spec': { 'f:replicas': {} } })
    const updated = { ...options, fieldManager: 'kubectl' }
    await given.api.update(
      deployments,
      named('app'),
      { ...body, spec: { replicas: 6 } } as KubeObject,
      updated,
    )
    expect(owners(await given.api.get(deployments, named('app')))).toEqual([
      'me Apply -',
      'kubectl Update scale',
    ])
  })
})

test('H-15: a body whose name or kind is no text is refused, whatever it is', async () => {
  const hostile = { toString: { polluted: true } }
  const patch = (config: object) =>
    refusal(given.api.patch(configMaps, named('a'), { type, body: config as JsonObject }, me))
  expect(await patch({ ...configMap('a'), kind: hostile })).toMatchObject({
    code: 400,
    message: 'invalid object type: /v1, Kind=',
  })
  const { message } = await patch({ ...configMap('a'), metadata: { name: hostile } })
  expect(message).toMatch(/^failed to create typed patch object \(\/; \/v1, Kind=ConfigMap\): /)
})
