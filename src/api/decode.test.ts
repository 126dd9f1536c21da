import { describe, expect, test } from 'vitest'
import { decodeObject, decodeValue, type FieldValidation, type Source } from './decode.ts'
import type { DeleteOptions, Deployment, Scale } from './generated/types.ts'
import { configMaps, deployments, pods, replicaSets, secrets } from './scheme.ts'
import { isStatusError, type StatusError } from './status-error.ts'

function refusal(run: () => unknown): StatusError {
  try {
    run()
  } catch (error) {
    if (isStatusError(error)) return error
    throw error
  }
  throw new Error('expected a StatusError')
}

function deploymentError(source: Source, validation: FieldValidation = 'Strict'): string {
  const error = refusal(() => decodeObject(deployments, source, validation))
  expect(error).toMatchObject({ reason: 'BadRequest', code: 400 })
  return error.message
}

const cannot = 'Deployment in version "v1" cannot be handled as a Deployment: '

describe('A-25, H-20 unknown and duplicate fields', () => {
  const text = '{"spec":{"foo":1,"paused":true,"paused":true}}'

  test('Strict refuses', () => {
    expect(deploymentError({ text })).toBe(
      `${cannot}strict decoding error: unknown field "spec.foo", duplicate field "spec.paused"`,
    )
  })

  test('Warn reports and drops', () => {
    const { object, warnings } = decodeObject(deployments, { text }, 'Warn')
    expect(warnings).toEqual(['unknown field "spec.foo"', 'duplicate field "spec.paused"'])
    expect(object.spec).not.toHaveProperty('foo')
    expect(object.spec?.paused).toBe(true)
  })

  test('Ignore drops in silence', () => {
    const { object, warnings } = decodeObject(deployments, { text }, 'Ignore')
    expect(warnings).toEqual([])
    expect(object.spec).not.toHaveProperty('foo')
  })

  test('a parsed value is checked as well', () => {
    const value = { spec: { template: { spec: { containers: [{ name: 'a', imagee: 'x' }] } } } }
    expect(deploymentError({ value })).toBe(
      `${cannot}strict decoding error: unknown field "spec.template.spec.containers[0].imagee"`,
    )
  })

  test('members that are undefined are absent, not unknown', () => {
    const value = { spec: { replicas: 2, gone: undefined } }
    expect(decodeObject(deployments, { value }, 'Strict').object.spec?.replicas).toBe(2)
  })

  test('S-1B strategy on a ReplicaSet', () => {
    const text = '{"apiVersion":"apps/v1","kind":"ReplicaSet","spec":{"strategy":{}}}'
    expect(refusal(() => decodeObject(replicaSets, { text }, 'Strict')).message).toBe(
      'ReplicaSet in version "v1" cannot be handled as a ReplicaSet: strict decoding error: unknown field "spec.strategy"',
    )
  })

  test('S-19 a label under metadata is a known field, and null labels are no labels', () => {
    const text = '{"spec":{"template":{"metadata":{"labels":null,"name":"app"}}}}'
    const { object } = decodeObject(deployments, { text }, 'Strict')
    expect(object.spec?.template.metadata).toEqual({ name: 'app' })
  })
})

describe('apiVersion and kind', () => {
  test('absent or empty ones are filled in', () => {
    const { object } = decodeObject(deployments, { text: '{"kind":""}' }, 'Strict')
    expect(object).toMatchObject({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: {} })
  })

  test.each([
    [
      '{"apiVersion":"v1","kind":"Pod"}',
      'Pod in version "v1" cannot be handled as a Deployment: converting (v1.Pod) to (apps.Deployment): unknown conversion',
    ],
    [
      '{"apiVersion":"apps/v1beta1","kind":"Deployment"}',
      'the API version in the data (apps/v1beta1) does not match the expected API version (apps/v1)',
    ],
    [
      '{"apiVersion":"v1","kind":"Deployment"}',
      `${cannot}no kind "Deployment" is registered for version "v1"`,
    ],
    [
      '{"kind":true}',
      'the object provided is unrecognized (must be of type Deployment): couldn\'t get version/kind; json parse error: json: cannot unmarshal bool into Go struct field .kind of type string ({"kind":true})',
    ],
  ])('%s', (text, message) => {
    expect(deploymentError({ text }, 'Ignore')).toBe(message)
  })
})

describe('what is no object', () => {
  test.each([
    '',
    '{',
    '{"a":1,}',
    '[]',
    'null',
    '"x"',
    '12345678901234567890',
    '{"a":1234567890123456',
  ])('%j', (text) => {
    expect(deploymentError({ text }, 'Ignore')).toMatch(
      /^the object provided is unrecognized \(must be of type Deployment\): couldn't get version\/kind; /,
    )
  })

  test('a long body is quoted by its beginning', () => {
    const message = deploymentError({ text: `{"kind":${' '.repeat(100)}` }, 'Ignore')
    expect(message).toMatch(/ ...\)$/)
    expect(message.length).toBeLessThan(300)
  })

  test('nesting beyond any measure is refused, not fatal', () => {
    const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`
    const text = `{"data":${deep},"revision":1}`
    const target = { group: 'apps', version: 'v1', kind: 'ControllerRevision' }
    expect(refusal(() => decodeObject(target, { text }, 'Ignore')).message).toBe(
      'ControllerRevision in version "v1" cannot be handled as a ControllerRevision: exceeded max depth',
    )
  })
})

describe('subobjects and kinds without a resource', () => {
  test('Scale', () => {
    const target = { group: 'autoscaling', version: 'v1', kind: 'Scale' }
    const { object } = decodeObject<Scale>(target, { text: '{"spec":{"replicas":3}}' }, 'Strict')
    expect(object).toEqual({
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: {},
      spec: { replicas: 3 },
      status: { replicas: 0 },
    })
  })

  test('DeleteOptions of any group', () => {
    const text = '{"apiVersion":"apps/v1","kind":"DeleteOptions","gracePeriodSeconds":0}'
    const { object } = decodeValue<DeleteOptions>('DeleteOptions', { text }, 'Warn')
    expect(object.gracePeriodSeconds).toBe(0)
  })

  test('errors name the model', () => {
    const source = { text: '{"gracePeriodSeconds":"now"}' }
    expect(refusal(() => decodeValue('DeleteOptions', source, 'Warn')).message).toBe(
      'DeleteOptions in version "v1" cannot be handled as a DeleteOptions: json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64',
    )
  })
})

describe('the result', () => {
  test('is frozen, and shares nothing with the source', () => {
    const value = { metadata: { name: 'a', labels: { x: 'y' } }, data: { k: 'v' } }
    const { object } = decodeObject(configMaps, { value }, 'Strict')
    value.metadata.labels.x = 'changed'
    value.data.k = 'changed'
    expect(object).toMatchObject({ metadata: { labels: { x: 'y' } }, data: { k: 'v' } })
    for (const part of [object, object.metadata, object.metadata.labels, object.data]) {
      expect(Object.isFrozen(part)).toBe(true)
    }
  })

  test('hostile keys pollute nothing, and are data where data may have any key', () => {
    const text = '{"__proto__":{"polluted":1},"data":{"__proto__":"v","constructor":"w"}}'
    const { object } = decodeObject(configMaps, { text }, 'Warn')
    expect(Object.entries(object.data ?? {})).toEqual([
      ['__proto__', 'v'],
      ['constructor', 'w'],
    ])
    expect(JSON.stringify(object.data)).toBe('{"__proto__":"v","constructor":"w"}')
    expect(object).not.toHaveProperty('polluted')
    expect({}).not.toHaveProperty('polluted')
  })

  test('int64 keeps every digit', () => {
    const text = '{"revision":3546343826724305833,"data":{"n":9007199254740993}}'
    const target = { group: 'apps', version: 'v1', kind: 'ControllerRevision' }
    const { object } = decodeObject(target, { text }, 'Strict')
    expect(object).toMatchObject({ revision: 3546343826724305833n, data: { n: 9007199254740993n } })
  })

  test('a Secret keeps stringData for defaulting', () => {
    const { object } = decodeObject(secrets, { text: '{"stringData":{"a":"b"}}' }, 'Strict')
    expect(object.stringData).toEqual({ a: 'b' })
  })

  test('equal values have equal bytes, whatever the order of their members', () => {
    const a = decodeObject(
      pods,
      { text: '{"spec":{"nodeName":"n","containers":[]},"kind":"Pod"}' },
      'Strict',
    )
    const b = decodeObject(
      pods,
      { text: '{"kind":"Pod","spec":{"containers":[],"nodeName":"n"}}' },
      'Strict',
    )
    expect(JSON.stringify(a.object)).toBe(JSON.stringify(b.object))
  })
})

test('a Deployment comes out as it went in', () => {
  const value: Deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'app', labels: { app: 'x' }, generation: 2 },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: 'x' } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } },
      template: {
        metadata: { labels: { app: 'x' } },
        spec: { containers: [{ name: 'app', image: 'i', resources: {} }] },
      },
    },
    status: { conditions: [{ type: 'Available', status: 'True' }] },
  }
  expect(decodeObject(deployments, { value }, 'Strict').object).toEqual(value)
})
