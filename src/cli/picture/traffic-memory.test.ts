import { expect, test } from 'vitest'
import type { EndpointTraffic } from '../../api/seams.ts'
import { podOf } from './rollout.fixture.ts'
import { noTraffic, rememberTraffic } from './traffic-memory.ts'

function counted(
  podUid: string,
  service: string,
  byStatusClass: EndpointTraffic['byStatusClass'],
): EndpointTraffic {
  const requests = byStatusClass.reduce((sum, count) => sum + count)
  const where = { service, namespace: 'default', podUid, podName: podUid }
  const latency = { counts: [], sumSeconds: 0 }
  return { ...where, templateHash: '', requests, byStatusClass, latency, open: 0, inTraffic: true }
}

const pod = podOf('1.0.0', 'a')
const uid = 'app-1.0.0-a'

test('5xx and no answer are failures; Services are added up', () => {
  const memory = rememberTraffic(
    noTraffic,
    [pod],
    [counted(uid, 'one', [1, 0, 10, 2, 3, 4]), counted(uid, 'two', [0, 0, 5, 0, 0, 0])],
  )
  expect(memory.get(uid)).toEqual({ replicaSetUid: 'rs-1.0.0', requests: 25, failures: 5 })
})

test('what a pod has served stays when it is gone, and a later count is still its ReplicaSet', () => {
  const first = rememberTraffic(noTraffic, [pod], [counted(uid, 'one', [0, 0, 10, 0, 0, 0])])
  expect(rememberTraffic(first, [], [])).toEqual(first)
  const last = rememberTraffic(first, [], [counted(uid, 'one', [0, 0, 12, 0, 0, 0])])
  expect(last.get(uid)).toEqual({ replicaSetUid: 'rs-1.0.0', requests: 12, failures: 0 })
})

test('endpoints that are nobody’s pods are left out', () => {
  expect(rememberTraffic(noTraffic, [], [counted('x', 'one', [0, 0, 1, 0, 0, 0])])).toEqual(
    noTraffic,
  )
})
