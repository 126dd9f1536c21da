import { describe, expect, test } from 'vitest'
import { decodeModel, ModelError } from './decode-model.ts'
import { modelSchema } from './schema.ts'

const decode = (model: string, value: unknown) => decodeModel(modelSchema(model), value).value
const inPod = (member: object) => ({ spec: { containers: [{ name: 'a', ...member }] } })

// Go: sigs.k8s.io/json names the innermost struct and the whole path without indices and map keys.
describe('A-26 wrong types in the words of Go', () => {
  const field = 'json: cannot unmarshal'
  test.each([
    [
      'Deployment',
      { spec: { replicas: 'three' } },
      `${field} string into Go struct field DeploymentSpec.spec.replicas of type int32`,
    ],
    [
      'Deployment',
      { spec: { replicas: 1.5 } },
      `${field} number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32`,
    ],
    [
      'Deployment',
      { spec: { replicas: 2147483648 } },
      `${field} number 2147483648 into Go struct field DeploymentSpec.spec.replicas of type int32`,
    ],
    [
      'Deployment',
      { spec: { template: [] } },
      `${field} array into Go struct field DeploymentSpec.spec.template of type v1.PodTemplateSpec`,
    ],
    [
      'Deployment',
      { spec: { strategy: { rollingUpdate: { maxSurge: true } } } },
      `${field} bool into Go struct field RollingUpdateDeployment.spec.strategy.rollingUpdate.maxSurge of type int32`,
    ],
    [
      'Pod',
      inPod({ ports: [{ containerPort: '80' }] }),
      `${field} string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32`,
    ],
    [
      'Pod',
      inPod({ imagePullPolicy: 5 }),
      `${field} number into Go struct field Container.spec.containers.imagePullPolicy of type v1.PullPolicy`,
    ],
    [
      'Pod',
      inPod({ command: 'sh' }),
      `${field} string into Go struct field Container.spec.containers.command of type []string`,
    ],
    [
      'Pod',
      { spec: { containers: {} } },
      `${field} object into Go struct field PodSpec.spec.containers of type []v1.Container`,
    ],
    [
      'Pod',
      { spec: { hostNetwork: 'yes' } },
      `${field} string into Go struct field PodSpec.spec.hostNetwork of type bool`,
    ],
    [
      'Pod',
      { metadata: { labels: { a: 1 } } },
      `${field} number into Go struct field ObjectMeta.metadata.labels of type string`,
    ],
    [
      'Pod',
      { metadata: { labels: ['a'] } },
      `${field} array into Go struct field ObjectMeta.metadata.labels of type map[string]string`,
    ],
    [
      'Pod',
      { metadata: { creationTimestamp: 5 } },
      `${field} number into Go struct field ObjectMeta.metadata.creationTimestamp of type string`,
    ],
    [
      'Pod',
      { metadata: { generation: '1' } },
      `${field} string into Go struct field ObjectMeta.metadata.generation of type int64`,
    ],
    ['Pod', { spec: 'x' }, `${field} string into Go struct field Pod.spec of type v1.PodSpec`],
    ['PodSpec', 7, `${field} number into Go value of type v1.PodSpec`],
    [
      'Pod',
      inPod({ resources: { limits: { cpu: 'lots' } } }),
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    ...[{ toString: {} }, ['1'], true].map((cpu): [string, unknown, string] => [
      'Pod',
      inPod({ resources: { limits: { cpu } } }),
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ]),
    [
      'Pod',
      { metadata: { creationTimestamp: 'now' } },
      'parsing time "now" as "2006-01-02T15:04:05Z07:00": cannot parse "now" as "2006"',
    ],
    ['Secret', { data: { a: 'not base64!' } }, 'illegal base64 data at input byte 3'],
    ['Secret', { data: { a: 'YWI' } }, 'illegal base64 data at input byte 0'],
    [
      'Secret',
      { data: { a: 1 } },
      `${field} number into Go struct field Secret.data of type []uint8`,
    ],
  ])('%s %j', (model, value, message) => {
    expect(() => decode(model, value)).toThrow(new ModelError(message))
  })

  test('an integer beyond int64', () => {
    expect(() => decode('ObjectMeta', { generation: 2n ** 63n })).toThrow(
      `${field} number 9223372036854775808 into Go struct field ObjectMeta.generation of type int64`,
    )
    expect(decode('ObjectMeta', { generation: 2n ** 63n - 1n })).toEqual({
      generation: 9223372036854775807n,
    })
  })
})

describe('canonical form', () => {
  test.each([
    [
      'null is absent',
      'Container',
      { name: 'a', env: null, image: null },
      { name: 'a', resources: {} },
    ],
    [
      'zero that means absent',
      'DeploymentSpec',
      { minReadySeconds: 0, paused: false },
      {
        strategy: {},
        template: { metadata: {}, spec: { containers: [] } },
      },
    ],
    [
      'zero behind a pointer stays',
      'ObjectMeta',
      { deletionGracePeriodSeconds: 0 },
      {
        deletionGracePeriodSeconds: 0,
      },
    ],
    ['empty maps and lists', 'ObjectMeta', { labels: {}, finalizers: [], name: '' }, {}],
    [
      '{} behind a pointer stays',
      'Volume',
      { name: 'v', emptyDir: {} },
      { name: 'v', emptyDir: {} },
    ],
    ['required scalars', 'ContainerPort', {}, { containerPort: 0 }],
    [
      'an empty list that says something',
      'EndpointSlice',
      { ports: [] },
      {
        addressType: '',
        endpoints: [],
        metadata: {},
        ports: [],
      },
    ],
    [
      'null in lists and maps is zero',
      'Container',
      { name: 'a', args: ['x', null], env: [null] },
      {
        name: 'a',
        args: ['x', ''],
        env: [{ name: '' }],
        resources: {},
      },
    ],
    ['null in a map is zero', 'ObjectMeta', { labels: { a: null } }, { labels: { a: '' } }],
    [
      'quantities',
      'ResourceRequirements',
      { limits: { cpu: 1, memory: '1024Mi' } },
      {
        limits: { cpu: '1', memory: '1Gi' },
      },
    ],
    [
      'a quantity held by value',
      'ResourceFieldSelector',
      { resource: 'limits.cpu' },
      {
        divisor: '0',
        resource: 'limits.cpu',
      },
    ],
    [
      'times',
      'ObjectMeta',
      { creationTimestamp: '2026-01-01T02:00:00+02:00' },
      {
        creationTimestamp: '2026-01-01T00:00:00Z',
      },
    ],
    ['no time', 'ObjectMeta', { creationTimestamp: null }, {}],
    [
      'base64 in lines',
      'Secret',
      { data: { a: 'YW\r\nJj' } },
      { metadata: {}, data: { a: 'YWJj' } },
    ],
    [
      'null inside free-form JSON stays',
      'ControllerRevision',
      { revision: 1, data: { a: null } },
      {
        metadata: {},
        revision: 1,
        data: { a: null },
      },
    ],
  ])('%s', (...[, model, value, expected]) => {
    expect(decode(model, value)).toEqual(expected)
  })

  test('a bigint in the safe range is a number', () => {
    expect(decode('ObjectMeta', { generation: 5n })).toEqual({ generation: 5 })
  })

  test('tells of fields it dropped', () => {
    const hasUnknown = (value: object) => decodeModel(modelSchema('Pod'), value).hasUnknown
    expect(hasUnknown({ spec: { containers: [{ name: 'a' }] } })).toBe(false)
    expect(hasUnknown({ spec: { containers: [{ name: 'a', x: 1 }] } })).toBe(true)
    expect(hasUnknown({ spec: { containers: [{ name: 'a', x: undefined }] } })).toBe(false)
  })
})
