import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ManagedFieldsEntry } from '../api/generated/types.ts'
import type { KubeObject } from '../api/object.ts'
import { configMaps, deployments, pods, services } from '../api/scheme.ts'
import { transportFor } from './in-process-transport.ts'
import {
  caller,
  configMap,
  deployment,
  type GivenServer,
  givenServer,
  inDefault,
  named,
  pod,
  service,
} from './server.fixture.ts'

let given: GivenServer
beforeEach(async () => {
  given = await givenServer()
})
afterEach(() => given.stop())

const managersOf = ({ metadata }: KubeObject) =>
  (metadata.managedFields ?? []).map(({ manager }) => manager)
const merge = (metadata: object) =>
  ({ type: 'application/merge-patch+json', body: { metadata: metadata as never } }) as const

describe('H-15: who writes', () => {
  test.each([
    ['kubectl/v1.36.0 (linux/amd64) kubernetes/abc', 'kubectl'],
    ['', 'unknown'],
    [`caf\u00e9\u0007/1`, 'caf\u00e9'],
    ['x'.repeat(200), 'x'.repeat(128)],
  ])('the user agent %j is the manager %j', async (userAgent, manager) => {
    const api = transportFor(given.server, { ...caller, userAgent })
    expect(managersOf(await api.create(configMaps, inDefault, configMap('a')))).toEqual([manager])
  })

  test('unless the request names one', async () => {
    const options = { fieldManager: 'me' }
    const created = await given.api.create(configMaps, inDefault, configMap('a'), options)
    expect(managersOf(created)).toEqual(['me'])
  })
})

describe('H-15: what every write owns', () => {
  test('a creation: neither status nor what the server adds', async () => {
    const created = await given.api.create(services, inDefault, service('a'))
    expect(created.spec?.clusterIP).toBeDefined()
    const [entry] = created.metadata.managedFields ?? []
    expect(Object.keys(entry?.fieldsV1 as object)).toEqual(['f:spec'])
    expect(JSON.stringify(entry)).not.toContain('clusterIP')
  })

  test('objects of one shape share one set; others do not', async () => {
    const env = (value: string) => ({
      containers: [{ name: 'a', image: 'x', env: [{ name: 'A', value }] }],
    })
    const one = await given.api.create(pods, inDefault, pod('one', env('1')))
    const two = await given.api.create(pods, inDefault, pod('two', env('2')))
    const three = await given.api.create(pods, inDefault, pod('three', env('')))
    const setOf = (object: KubeObject) => object.metadata.managedFields?.[0]?.fieldsV1
    expect(setOf(two)).toBe(setOf(one))
    expect(setOf(three)).not.toEqual(setOf(one))
  })

  test('an update of status: that alone, under the name of the subresource', async () => {
    const created = await given.api.create(deployments, inDefault, deployment('app'))
    const api = transportFor(given.server, { ...caller, userAgent: 'deployment-controller' })
    const changed = {
      ...created,
      metadata: { ...created.metadata, annotations: { 'deployment.kubernetes.io/revision': '1' } },
      spec: { ...created.spec, replicas: 7 },
      status: { replicas: 1 },
    }
    const written = await api.update(deployments, named('app'), changed, { subresource: 'status' })
    expect(written.metadata.managedFields?.[1]).toBe(created.metadata.managedFields?.[0])
    expect(written.metadata.managedFields?.[0]).toMatchObject({
      manager: 'deployment-controller',
      operation: 'Update',
      subresource: 'status',
      fieldsV1: {
        'f:metadata': {
          'f:annotations': { '.': {}, 'f:deployment.kubernetes.io/revision': {} },
        },
        'f:status': { 'f:replicas': {} },
      },
    })
  })

  test('H-06: a write that changes nothing is none, whoever writes it', async () => {
    const created = await given.api.create(configMaps, inDefault, configMap('a'))
    const options = { fieldManager: 'other' }
    expect(await given.api.update(configMaps, named('a'), created, options)).toBe(created)
  })
})

describe('H-15: managedFields in a body', () => {
  const entry: ManagedFieldsEntry = {
    apiVersion: 'v1',
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:data': { 'f:value': {} } },
    manager: 'moved',
    operation: 'Apply',
  }

  test.each<[string, unknown, readonly string[]]>([
    ['none', undefined, ['test']],
    ['an empty list', [], ['test']],
    ['one empty entry', [{}], []],
    ['owners', [entry], ['moved']],
    ['nonsense', [{ ...entry, operation: 'Steal' }], ['test']],
    ['no field set', [{ ...entry, fieldsV1: { data: {} } }], ['test']],
  ])('%s', async (_what, managedFields, expected) => {
    await given.api.create(configMaps, inDefault, configMap('a'))
    const body = configMap(
      'a',
      managedFields === undefined ? {} : { managedFields: managedFields as never },
    )
    expect(managersOf(await given.api.update(configMaps, named('a'), body))).toEqual(expected)
    const text = { text: JSON.stringify(body), contentType: 'application/json' }
    const again = await given.server.update(caller, configMaps, named('a'), text, {})
    expect(managersOf(again.object)).toEqual(expected)
  })

  test('a JSON patch moves them from one owner to another, as kubectl does', async () => {
    await given.api.create(configMaps, inDefault, configMap('a'))
    const body = [{ op: 'replace', path: '/metadata/managedFields', value: [entry] }] as never
    const patch = { type: 'application/json-patch+json', body } as const
    const patched = await given.api.patch(configMaps, named('a'), patch)
    expect(patched.metadata.managedFields).toEqual([entry])
  })

  test('once reset, updates do not bring them back, and subresources cannot reset them', async () => {
    await given.api.create(deployments, inDefault, deployment('app'))
    const through = { subresource: 'status' } as const
    const reset = merge({ managedFields: [{}] })
    const kept = await given.api.patch(deployments, named('app'), reset, through)
    expect(managersOf(kept)).toEqual(['test'])
    expect(managersOf(await given.api.patch(deployments, named('app'), reset))).toEqual([])
    const patch = merge({ labels: { a: 'b' } })
    expect(managersOf(await given.api.patch(deployments, named('app'), patch))).toEqual([])
  })
})
