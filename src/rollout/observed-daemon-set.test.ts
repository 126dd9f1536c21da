import { expect, test } from 'vitest'
import type { DaemonSet, Pod } from '../api/generated/types.ts'
import { isUpdated } from './observed-daemon-set.ts'

const daemonSet: DaemonSet = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: {
    name: 'agent',
    annotations: { 'deprecated.daemonset.template.generation': '2' },
  },
}

function givenPod(labels: Readonly<Record<string, string>>): Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'agent-x', labels } }
}

test.each([
  ['the present hash', { 'controller-revision-hash': 'now' }, true],
  [
    'another hash, left behind by a former DaemonSet of this name that counted as far',
    { 'controller-revision-hash': 'former', 'pod-template-generation': '2' },
    false,
  ],
  ['no hash, the present count', { 'pod-template-generation': '2' }, true],
  ['no hash, another count', { 'pod-template-generation': '1' }, false],
  ['neither', {}, false],
])('D-38: whether a pod with %s is updated', (_, labels, expected) => {
  const observed = {
    daemonSet,
    nodes: [],
    pods: [],
    hash: 'now',
    backoffMs: new Map<string, number>(),
    canManage: true,
  }
  expect(isUpdated(givenPod(labels), observed)).toBe(expected)
})
