import { describe, expect, test } from 'vitest'
import { compileFieldSelector } from './field-selector.ts'
import type { KubeObject } from './object.ts'
import type { Resource } from './resource.ts'
import * as scheme from './scheme.ts'

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', namespace: 'ns' },
  spec: { nodeName: 'n1', containers: [] },
  status: { phase: 'Running' },
}
const replicaSet = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'r', namespace: 'ns' },
  status: { replicas: 3 },
}
const event = {
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: 'e', namespace: 'ns' },
  involvedObject: { kind: 'Pod', name: 'a,b=c' },
  reportingComponent: 'node',
}
const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' }, spec: {} }

describe('H-10: what a field selector selects', () => {
  const cases: readonly (readonly [Resource, KubeObject, string, boolean])[] = [
    [scheme.pods, pod, '', true],
    [scheme.pods, pod, 'metadata.name=a', true],
    [scheme.pods, pod, 'metadata.name==a,metadata.namespace=ns', true],
    [scheme.pods, pod, 'metadata.name!=a', false],
    [scheme.pods, pod, 'spec.nodeName=n1,status.phase!=Succeeded', true],
    [scheme.pods, pod, 'spec.host=n1', true],
    [scheme.pods, pod, 'status.podIP=', true],
    [scheme.pods, pod, 'spec.hostNetwork=false', true],
    [scheme.replicaSets, replicaSet, 'status.replicas=3', true],
    [scheme.replicaSets, replicaSet, 'status.replicas!=3', false],
    [scheme.events, event, 'involvedObject.name=a\\,b\\=c', true],
    [scheme.events, event, 'source=node,reportingComponent=node', true],
    [scheme.nodes, node, 'spec.unschedulable=false', true],
    [scheme.deployments, replicaSet, 'metadata.name=r', true],
  ]
  test.each(cases)('%o', (...[resource, object, text, expected]) => {
    expect(compileFieldSelector(resource, text).matches(object)).toBe(expected)
  })
})

describe('H-10: what cannot be selected on is refused', () => {
  const cases: readonly (readonly [Resource, string, string])[] = [
    [scheme.pods, 'spec.foo=1', 'field label not supported: spec.foo'],
    [scheme.nodes, 'metadata.namespace=x', 'field label not supported: metadata.namespace'],
    [scheme.pods, 'constructor=1', 'field label not supported: constructor'],
    [
      scheme.deployments,
      'status.replicas=1',
      '"status.replicas" is not a known field selector: only "metadata.name", "metadata.namespace"',
    ],
    [scheme.pods, 'oops', "invalid selector: 'oops'; can't understand 'oops'"],
    [scheme.pods, 'metadata.name=a\\b', 'invalid field selector: invalid escape sequence: \\b'],
    [scheme.pods, 'metadata.name=a=b', 'invalid field selector: unescaped character in value: 61'],
  ]
  test.each(cases)('%o', (resource, text, message) => {
    expect(() => compileFieldSelector(resource, text)).toThrow(
      expect.objectContaining({ reason: 'BadRequest', message }),
    )
  })
})

test('the value that a selector demands of a field', () => {
  const matcher = compileFieldSelector(scheme.pods, 'metadata.name=a,spec.nodeName!=n')
  expect(matcher.exactValue('metadata.name')).toBe('a')
  expect(matcher.exactValue('spec.nodeName')).toBeUndefined()
})
