import { expect, test } from 'vitest'
import { type EndpointTraffic, latencyBoundsSeconds } from '../api/seams.ts'
import { trafficMetrics } from './metrics.ts'

const none = latencyBoundsSeconds.map(() => 0)

function row(podName: string, more: Partial<EndpointTraffic> = {}): EndpointTraffic {
  return {
    namespace: 'shop',
    service: 'web',
    podUid: `uid-${podName}`,
    podName,
    templateHash: '6ff88c4474',
    requests: 3,
    byStatusClass: [1, 0, 2, 0, 0, 0],
    latency: { counts: [2, ...none], sumSeconds: 0.001 },
    open: 1,
    inTraffic: true,
    ...more,
  }
}

async function scrape(...snapshots: readonly (readonly EndpointTraffic[])[]): Promise<string[]> {
  const left = [...snapshots]
  const metrics = trafficMetrics({ snapshot: async () => left.shift() ?? [] })
  let text = ''
  for (const _ of snapshots) text = await metrics.text()
  return text.split('\n').filter((line) => line.startsWith('astern_proxy_'))
}

const web = 'namespace="shop",service="web"'
const a = `${web},pod="a",pod_template_hash="6ff88c4474"`

test('requests by pod and class of the answer, and what is open', async () => {
  const lines = await scrape([row('a')])
  expect(lines).toContain(`astern_proxy_requests_total{${a},code="2xx"} 2`)
  expect(lines).toContain(`astern_proxy_requests_total{${a},code="none"} 1`)
  expect(lines).toContain(`astern_proxy_open_connections{${a}} 1`)
  expect(lines).toContain(`astern_proxy_endpoint_in_traffic{${a}} 1`)
  expect(lines.join()).not.toContain('code="5xx"')
})

test('latency by revision, over its pods, in buckets that hold all that is below', async () => {
  const slow = { counts: [0, 1, ...none.slice(2), 1], sumSeconds: 12.5 }
  const lines = await scrape([row('a'), row('b', { latency: slow })])
  const name = 'astern_proxy_request_duration_seconds'
  const revision = `${web},pod_template_hash="6ff88c4474"`
  expect(lines).toContain(`${name}_bucket{${revision},le="0.001"} 2`)
  expect(lines).toContain(`${name}_bucket{${revision},le="0.0025"} 3`)
  expect(lines).toContain(`${name}_bucket{${revision},le="10"} 3`)
  expect(lines).toContain(`${name}_bucket{${revision},le="+Inf"} 4`)
  expect(lines).toContain(`${name}_count{${revision}} 4`)
  expect(lines.find((line) => line.startsWith(`${name}_sum`))).toBe(
    `${name}_sum{${revision}} 12.501`,
  )
})

test('a scrape says what is, not what was at an earlier one', async () => {
  const lines = await scrape([row('a')], [row('b')])
  expect(lines.join()).toContain('pod="b"')
  expect(lines.join()).not.toContain('pod="a"')
})
