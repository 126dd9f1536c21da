import { expect, test } from 'vitest'
import type { PodSpec, Toleration } from '../../api/generated/types.ts'
import { pod } from '../server.fixture.ts'
import { admitPod } from './pod-defaults.ts'

const admitted = (spec: Partial<PodSpec>) => admitPod(pod('p', spec)).spec
const evicted = (key: string) => ({
  key: `node.kubernetes.io/${key}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 300,
})

test('A-11: a bare pod gets account, priority and tolerations', () => {
  expect(admitted({})).toMatchObject({
    serviceAccountName: 'default',
    serviceAccount: 'default',
    priority: 0,
    preemptionPolicy: 'PreemptLowerPriority',
    tolerations: [evicted('not-ready'), evicted('unreachable')],
  })
})

test('A-11: what is given stays', () => {
  const given = { serviceAccountName: 'ci', preemptionPolicy: 'Never' }
  expect(admitted(given)).toMatchObject({ ...given, serviceAccount: 'ci' })
})

test.each([
  ['system-cluster-critical', 2_000_000_000],
  ['system-node-critical', 2_000_001_000],
])('priority class %s', (priorityClassName, priority) => {
  expect(admitted({ priorityClassName })?.priority).toBe(priority)
})

test('a priority class is found by its own name only', () => {
  expect(() => admitted({ priorityClassName: 'constructor' })).toThrow(
    'no PriorityClass with name constructor was found',
  )
})

test.each<[Toleration, readonly string[]]>([
  [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists' }, ['unreachable']],
  [{ key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' }, ['unreachable']],
  [{ operator: 'Exists' }, []],
  [
    { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoSchedule' },
    ['not-ready', 'unreachable'],
  ],
  [{ key: 'node.kubernetes.io/not-ready', value: 'x' }, ['not-ready', 'unreachable']],
  [{ key: 'dedicated', operator: 'Exists' }, ['not-ready', 'unreachable']],
])('A-11: beside %j', (own, added) => {
  expect(admitted({ tolerations: [own] })?.tolerations).toEqual([own, ...added.map(evicted)])
})
