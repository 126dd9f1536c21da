import { expect, test } from 'vitest'
import { Endpoint } from './endpoint.ts'
import { FormerEndpoints } from './former-endpoints.ts'
import { PodActivity } from './pod-activity.ts'

const service = { namespace: 'shop', name: 'web', port: '', listeners: [], endpoints: [] }

function endpointOf(name: string, templateHash: string): Endpoint {
  const conditions = { ready: true, serving: true, terminating: false }
  const place = { ip: '127.0.0.1', port: 1, podUid: name, podName: name, templateHash }
  return new Endpoint(service, { ...place, ...conditions }, new PodActivity(() => {}))
}

test('what a revision has served never becomes less, however many pods it has had', () => {
  const former = new FormerEndpoints()
  for (let index = 0; index < 5_000; index++) {
    const endpoint = endpointOf(`web-${index}`, index % 2 === 0 ? 'even' : 'odd')
    endpoint.count(2, 1)
    former.add([endpoint])
  }
  const rows = former.counters()
  expect(rows.length).toBeLessThanOrEqual(2_002)
  const even = rows.filter(({ templateHash }) => templateHash === 'even')
  expect(even.reduce((sum, { requests }) => sum + requests, 0)).toBe(2_500)
  expect(even.reduce((sum, { byStatusClass }) => sum + byStatusClass[2], 0)).toBe(2_500)
  expect(even.reduce((sum, { latency }) => sum + (latency.counts[0] ?? 0), 0)).toBe(2_500)
  expect(even.find(({ podName }) => podName === '')?.requests).toBe(1_500)
})
