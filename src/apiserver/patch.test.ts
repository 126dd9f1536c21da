import { afterEach, beforeEach, expect, test } from 'vitest'
import { configMaps, deployments } from '../api/scheme.ts'
import type { Patch } from '../api/transport.ts'
import type { RawPatch } from './operations.ts'
import {
  caller,
  configMap,
  deployment,
  type GivenServer,
  givenServer,
  inDefault,
  named,
  refusal,
} from './server.fixture.ts'

let given: GivenServer
beforeEach(async () => {
  given = await givenServer()
})
afterEach(() => given.stop())

const image = 'learnk8s/app:1.1.0'

test.each<[Patch]>([
  [
    {
      type: 'application/json-patch+json',
      body: [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: image }],
    },
  ],
  [
    {
      type: 'application/strategic-merge-patch+json',
      body: { spec: { template: { spec: { containers: [{ name: 'app', image }] } } } },
    },
  ],
  [
    {
      type: 'application/merge-patch+json',
      body: { spec: { template: { spec: { containers: [{ name: 'app', image }] } } } },
    },
  ],
])('H-12: a patch is applied, defaulted and counted as a change (%s)', async (patch) => {
  const { api } = given
  await api.create(deployments, inDefault, deployment('app'))
  const after = await api.patch(deployments, named('app'), patch)
  expect(after.spec?.template.spec?.containers[0]).toMatchObject({
    image,
    imagePullPolicy: 'IfNotPresent',
  })
  expect(after.metadata.generation).toBe(2)
})

test('H-06: patches that race all arrive', async () => {
  const { api } = given
  await api.create(configMaps, inDefault, configMap('a'))
  const names = ['a', 'b', 'c', 'd', 'e']
  await Promise.all(
    names.map((name) =>
      api.patch(configMaps, named('a'), {
        type: 'application/merge-patch+json',
        body: { data: { [name]: 'x' } },
      }),
    ),
  )
  const { data } = await api.get(configMaps, named('a'))
  expect(Object.keys(data ?? {}).sort()).toEqual([...names, 'value'])
})

test('H-06: a patch with a resourceVersion is for that version only', async () => {
  const { api } = given
  const { metadata } = await api.create(configMaps, inDefault, configMap('a'))
  const patch = (value: string): Patch => ({
    type: 'application/merge-patch+json',
    body: { metadata: { resourceVersion: metadata.resourceVersion }, data: { value } },
  })
  await api.patch(configMaps, named('a'), patch('2'))
  const late = await refusal(api.patch(configMaps, named('a'), patch('3')))
  expect(late).toMatchObject({ code: 409, reason: 'Conflict' })
})

test('H-06: of two that race with the same resourceVersion, one wins', async () => {
  const { api } = given
  const { metadata } = await api.create(configMaps, inDefault, configMap('a'))
  const outcomes = await Promise.allSettled(
    ['1', '2'].map((value) =>
      api.patch(configMaps, named('a'), {
        type: 'application/merge-patch+json',
        body: { metadata: { resourceVersion: metadata.resourceVersion }, data: { value } },
      }),
    ),
  )
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
})

test('H-06: a patch that changes nothing returns the same object', async () => {
  const { api } = given
  const first = await api.create(configMaps, inDefault, configMap('a'))
  const body = { data: { value: 'v' } }
  const patch = { type: 'application/merge-patch+json', body } as const
  expect(await api.patch(configMaps, named('a'), patch)).toBe(first)
})

test.each<[string, RawPatch, [code: number, text: string]]>([
  ['H-12: CBOR', { type: 'application/apply-patch+cbor', body: {} }, [415, '']],
  [
    'H-12: a test that fails',
    {
      type: 'application/json-patch+json',
      body: [{ op: 'test', path: '/data/value', value: 'other' }],
    },
    [422, ''],
  ],
  [
    'A-27: another name',
    { type: 'application/merge-patch+json', body: { metadata: { name: 'b' } } },
    [400, 'the name of the object (b) does not match the name on the URL (a)'],
  ],
  [
    'A-26: a wrong type',
    { type: 'application/merge-patch+json', body: { data: { value: 3 } } },
    [
      400,
      'cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
    ],
  ],
])('%s is refused', async (_what, patch, [code, text]) => {
  await given.api.create(configMaps, inDefault, configMap('a'))
  const error = await refusal(given.server.patch(caller, configMaps, named('a'), patch, {}))
  expect(error.code).toBe(code)
  expect(error.message).toContain(text)
})

test('H-20: unknown fields in a patch are refused under Strict, else reported', async () => {
  const { api, server } = given
  await api.create(configMaps, inDefault, configMap('a'))
  const patch = {
    type: 'application/merge-patch+json',
    body: { dta: {}, data: { b: 'c' } },
  } as const
  const strict = api.patch(configMaps, named('a'), patch, { fieldValidation: 'Strict' })
  expect((await refusal(strict)).message).toContain('strict decoding error: unknown field "dta"')
  const { warnings } = await server.patch(caller, configMaps, named('a'), patch, {})
  expect(warnings).toEqual(['unknown field "dta"'])
})

test('a patch of what does not exist is 404', async () => {
  const patch = { type: 'application/merge-patch+json', body: {} } as const
  const error = await refusal(given.api.patch(configMaps, named('a'), patch))
  expect(error.message).toBe('configmaps "a" not found')
})
