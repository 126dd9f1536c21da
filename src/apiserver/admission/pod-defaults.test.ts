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

test('A-11: a bare pod gets account and tolerations', () => {
  expect(admitted({})).toMatchObject({
    serviceAccountName: 'default',
    serviceAccount: 'default',
    tolerations: [evicted('not-ready'), evicted('unreachable')],
  })
})

test('A-11: what is given stays', () => {
  const given = { serviceAccountName: 'ci' }
  expect(admitted(given)).toMatchObject({ ...given, serviceAccount: 'ci' })
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
