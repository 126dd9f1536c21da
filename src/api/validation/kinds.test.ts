import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../json.ts'
import type { Resource } from '../resource.ts'
import {
  configMaps,
  endpointSlices,
  events,
  leases,
  namespaces,
  nodes,
  secrets,
  serviceAccounts,
} from '../scheme.ts'
import { createErrors, prepared, statusErrors, updateErrors } from './errors-of.fixture.ts'
import { validateNamespaceFinalize } from './namespace.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const slice = (endpoints: readonly JsonObject[], changes: JsonObject = {}): JsonObject => ({
  addressType: 'IPv4',
  endpoints,
  ...changes,
})
const key =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
const sealed = 'field is immutable when `immutable` is set'
const involvedObject = { kind: 'Pod', name: 'p', namespace: 'default' }

describe('on create', () => {
  const cases: readonly (readonly [string, Resource, JsonObject, readonly string[]])[] = [
    [
      'the keys of a ConfigMap',
      configMaps,
      { data: { 'a b': 'x', '..': '', both: '' }, binaryData: { both: '' } },
      [
        `data[a b]: Invalid value: "a b": ${key}`,
        `data[..]: Invalid value: "..": must not be '..'`,
        'data[both]: Invalid value: "both": duplicate of key present in binaryData',
      ],
    ],
    [
      'a ConfigMap of more than 1 MiB',
      configMaps,
      { data: { a: 'x'.repeat(1_048_577) } },
      ['[]: Too long: may not be more than 1048576 bytes'],
    ],
    ['a ConfigMap of 1 MiB', configMaps, { data: { a: 'x'.repeat(1_048_576) } }, []],
    [
      'a Secret of more than 1 MiB, counted as what it decodes to',
      secrets,
      { data: { a: base64('x'.repeat(1_048_577)) } },
      ['data: Too long: may not be more than 1048576 bytes'],
    ],
    ['a Secret of 1 MiB', secrets, { data: { a: base64('x'.repeat(1_048_576)) } }, []],
    [
      'a TLS Secret without a key',
      secrets,
      { type: 'kubernetes.io/tls', data: { 'tls.crt': base64('x') } },
      ['data[tls.key]: Required value'],
    ],
    [
      'a Secret whose JSON is none, without showing it',
      secrets,
      { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': base64('s3cret') } },
      [
        'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": must be a JSON document',
      ],
    ],
    [
      'a Secret with neither user nor password',
      secrets,
      { type: 'kubernetes.io/basic-auth' },
      ['data[username]: Required value', 'data[password]: Required value'],
    ],
    ['a Secret of a type of its own', secrets, { type: 'helm.sh/release.v1' }, []],
    [
      'a ServiceAccount with a bad name',
      serviceAccounts,
      { metadata: { name: '-' } },
      [expect.stringContaining('metadata.name: Invalid value: "-"')],
    ],
    [
      'a Lease for no time',
      leases,
      { spec: { leaseDurationSeconds: 0, leaseTransitions: -1 } },
      [
        'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
        'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0',
      ],
    ],
    ['an Event', events, { involvedObject, reason: 'Why' }, []],
    [
      'an Event away from its object',
      events,
      { involvedObject: { ...involvedObject, namespace: 'other' } },
      ['involvedObject.namespace: Invalid value: "other": does not match event.namespace'],
    ],
    [
      'an Event of the new form without what it needs',
      events,
      { involvedObject, eventTime: '2026-01-01T00:00:00.000000Z', reportingComponent: 'a.b/c' },
      ['reportingInstance: Required value', 'action: Required value', 'reason: Required value'],
    ],
    [
      'taints',
      nodes,
      {
        spec: {
          taints: [
            { key: 'a', effect: 'NoSchedule' },
            { key: 'a', effect: 'NoSchedule' },
            { key: 'b', effect: 'Go' },
          ],
        },
      },
      [
        'metadata.taints[1]: Duplicate value: {"Key":"a","Value":"","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair',
        'metadata.taints[2].effect: Unsupported value: "Go": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
      ],
    ],
    [
      'endpoints',
      endpointSlices,
      slice([{ addresses: [] }, { addresses: ['a'] }, { addresses: ['127.0.0.1'] }], {
        ports: [
          { name: 'a', port: 1, protocol: 'TCP' },
          { name: 'a', port: 2, protocol: 'TCP' },
        ],
      }),
      [
        'endpoints[0].addresses: Required value: must contain at least 1 address',
        'endpoints[1].addresses[0]: Invalid value: "a": must be a valid IPv4 address',
        'ports[1].name: Duplicate value: "a"',
      ],
    ],
    [
      'too many endpoints',
      endpointSlices,
      slice(Array.from({ length: 1001 }, () => ({ addresses: ['10.0.0.1'] }))),
      ['endpoints: Too many: 1001: must have at most 1000 items'],
    ],
    [
      'an address type that does not exist',
      endpointSlices,
      slice([], { addressType: 'IP' }),
      ['addressType: Unsupported value: "IP": supported values: "FQDN", "IPv4", "IPv6"'],
    ],
  ]
  test.each(cases)('%s', (...[, resource, manifest, expected]) => {
    expect(createErrors(resource, manifest)).toEqual(expected)
  })
})

describe('on update', () => {
  const fixed = { data: { a: base64('1') }, immutable: true }
  const cases: readonly (readonly [string, Resource, JsonObject, JsonObject, readonly string[]])[] =
    [
      [
        'an immutable ConfigMap',
        configMaps,
        { data: { a: '2' } },
        { data: { a: '1' }, immutable: true },
        [`immutable: Forbidden: ${sealed}`, `data: Forbidden: ${sealed}`],
      ],
      ['made immutable', configMaps, { immutable: true }, {}, []],
      [
        'an immutable Secret',
        secrets,
        { ...fixed, data: {} },
        fixed,
        [`data: Forbidden: ${sealed}`],
      ],
      [
        'the type of a Secret',
        secrets,
        { type: 'a' },
        { type: 'b' },
        ['type: Invalid value: "a": field is immutable'],
      ],
      [
        'the addresses of a slice',
        endpointSlices,
        slice([], { addressType: 'IPv6' }),
        slice([]),
        ['addressType: Invalid value: "IPv6": field is immutable'],
      ],
      [
        'what a Node keeps once it has it',
        nodes,
        { spec: { providerID: 'b', podCIDRs: ['10.0.0.0/24'] } },
        { spec: { providerID: 'a' } },
        [
          'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
        ],
      ],
    ]
  test.each(cases)('%s', (...[, resource, next, previous, expected]) => {
    expect(updateErrors(resource, next, previous)).toEqual(expected)
  })
})

test('E-20: a Namespace is Active until it is being deleted', () => {
  const terminating = { status: { phase: 'Terminating' } }
  expect(statusErrors(namespaces, terminating, {})).toEqual([
    'status.Phase: Invalid value: "Terminating": may only be \'Active\' if `deletionTimestamp` is empty',
  ])
  const metadata = { deletionTimestamp: '2026-01-01T00:00:00Z' }
  const deleted = { ...terminating, metadata }
  expect(statusErrors(namespaces, deleted, deleted)).toEqual([])
})

test('a Namespace is finalized by names that are known', () => {
  const metadata = { resourceVersion: '1' }
  const namespace = prepared(namespaces, { metadata, spec: { finalizers: ['kubernetes', 'x'] } })
  expect(validateNamespaceFinalize(namespace, namespace).map(({ field }) => field)).toEqual([
    'spec.finalizers[1]',
  ])
})
