import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../json.ts'
import type { Resource } from '../resource.ts'
import { configMaps, deployments, leases, namespaces, services } from '../scheme.ts'
import { createErrors, updateErrors, workload } from './errors-of.fixture.ts'
import { validateCreate } from './validate.ts'

const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const dns1035 =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
const qualified =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const value =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
const long = 'a'.repeat(254)
const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u', controller: true }

const on = (metadata: JsonObject) => ({ metadata })

describe('A-27, A-48: metadata on create', () => {
  const cases: readonly (readonly [string, Resource, JsonObject, readonly string[]])[] = [
    ['a good name', configMaps, on({ name: 'a.b-c' }), []],
    [
      'a name that is no subdomain',
      configMaps,
      on({ name: 'A' }),
      [`metadata.name: Invalid value: "A": ${subdomain}`],
    ],
    [
      'a name that is too long',
      configMaps,
      on({ name: long }),
      [`metadata.name: Invalid value: "${long}": must be no more than 253 characters`],
    ],
    [
      'A-47 a Service is named by a DNS-1035 label',
      services,
      { ...on({ name: '1a' }), spec: { ports: [{ port: 80 }] } },
      [`metadata.name: Invalid value: "1a": ${dns1035}`],
    ],
    [
      'a Namespace by a label',
      namespaces,
      on({ name: 'a.b' }),
      ['metadata.name: Invalid value: "a.b": must not contain dots'],
    ],
    [
      'no name at all',
      configMaps,
      on({ name: '' }),
      ['metadata.name: Required value: name or generateName is required'],
    ],
    [
      'a prefix that cannot begin a name',
      configMaps,
      on({ name: 'a', generateName: 'AB-' }),
      [`metadata.generateName: Invalid value: "AB-": ${subdomain}`],
    ],
    ['a prefix that ends in a dash', configMaps, on({ name: 'a', generateName: 'a-' }), []],
    [
      'a namespace where there is none',
      namespaces,
      on({ namespace: 'x' }),
      ['metadata.namespace: Forbidden: not allowed on this type'],
    ],
    [
      'labels',
      configMaps,
      on({ labels: { '-': '-', 'a/b/c': '', 'Up.com/x': 'ok' } }),
      [
        `metadata.labels: Invalid value: "-": ${qualified}`,
        `metadata.labels: Invalid value: "-": ${value}`,
        `metadata.labels: Invalid value: "a/b/c": a valid label key ${qualified.slice('name part '.length)} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
        `metadata.labels: Invalid value: "Up.com/x": prefix part ${subdomain}`,
      ],
    ],
    ['annotations may have capitals', configMaps, on({ annotations: { 'Up.com/x': '' } }), []],
    [
      'more than 256 KiB of annotations',
      configMaps,
      on({ annotations: { a: 'x'.repeat(262_144) } }),
      ['metadata.annotations: Too long: may not be more than 262144 bytes'],
    ],
    ['256 KiB of annotations', configMaps, on({ annotations: { a: 'x'.repeat(262_143) } }), []],
    [
      'both kinds of deletion at once',
      configMaps,
      on({ finalizers: ['orphan', 'foregroundDeletion'] }),
      [
        'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set',
      ],
    ],
    [
      'a finalizer without a domain',
      configMaps,
      on({ finalizers: ['mine', 'example.com/mine'] }),
      [
        'metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
      ],
    ],
    [
      'an owner that says nothing',
      configMaps,
      on({ ownerReferences: [{ apiVersion: 'a/b/c', kind: '', name: '', uid: '' }] }),
      [
        'metadata.ownerReferences[0].apiVersion: Invalid value: "a/b/c": must be <group>/<version> or <version>',
        'metadata.ownerReferences[0].kind: Required value: must not be empty',
        'metadata.ownerReferences[0].name: Required value: must not be empty',
        'metadata.ownerReferences[0].uid: Required value: must not be empty',
      ],
    ],
  ]
  test.each(cases)('%s', (...[, resource, manifest, expected]) => {
    expect(createErrors(resource, manifest)).toEqual(expected)
  })

  test('two controllers', () => {
    const [error] = createErrors(configMaps, on({ ownerReferences: [owner, owner] }))
    expect(error).toMatch(/^metadata\.ownerReferences: Invalid value: \[.*\]: /)
    const detail =
      'Only one reference can have Controller set to true. Found "true" in references for ConfigMap/o and ConfigMap/o'
    expect(error?.endsWith(detail)).toBe(true)
  })

  test('no namespace where there must be one', () => {
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }
    expect(validateCreate(configMaps, configMap)).toEqual([
      { reason: 'FieldValueRequired', field: 'metadata.namespace', body: 'Required value' },
    ])
  })
})

describe('A-27: metadata on update', () => {
  const before = { uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z', generation: 2 }
  const deleted = { deletionTimestamp: '2026-01-02T00:00:00Z', deletionGracePeriodSeconds: 0 }
  const cases: readonly (readonly [string, JsonObject, JsonObject, readonly string[]])[] = [
    ['no change', before, before, []],
    [
      'no resourceVersion',
      { ...before, resourceVersion: '' },
      before,
      ['metadata.resourceVersion: Invalid value: "": must be specified for an update'],
    ],
    [
      'what stays',
      { name: 'y', uid: 'v', generation: 2 },
      before,
      [
        'metadata.name: Invalid value: "y": field is immutable',
        'metadata.uid: Invalid value: "v": field is immutable',
        'metadata.creationTimestamp: Invalid value: null: field is immutable',
      ],
    ],
    [
      'a generation that goes back',
      { ...before, generation: 1 },
      before,
      ['metadata.generation: Invalid value: 1: must not be decremented'],
    ],
    [
      'a finalizer added to what is being deleted',
      { ...before, ...deleted, finalizers: ['a/b', 'a/c'] },
      { ...before, ...deleted, finalizers: ['a/b'] },
      [
        'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"a/c"}',
      ],
    ],
    [
      'a finalizer taken from it',
      { ...before, ...deleted },
      { ...before, ...deleted, finalizers: ['a/b'] },
      [],
    ],
  ]
  test.each(cases)('%s', (...[, next, previous, expected]) => {
    const errors = updateErrors(
      deployments,
      { ...workload(), ...on(next) },
      {
        ...workload(),
        ...on(previous),
      },
    )
    expect(errors).toEqual(expected)
  })

  test('a mistake that two rules find is told once', () => {
    const bad = on({ labels: { a: '-' } })
    expect(updateErrors(configMaps, bad, bad)).toEqual([
      `metadata.labels: Invalid value: "-": ${value}`,
    ])
  })

  test('a kind without rules of its own is checked for its metadata', () => {
    expect(updateErrors(leases, on({ uid: 'v' }), on({ uid: 'u' }))).toEqual([
      'metadata.uid: Invalid value: "v": field is immutable',
    ])
  })
})
