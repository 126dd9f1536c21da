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

const slow = { counts: [0, 1, ...none.slice(2), 1], sumSeconds: 12.5 }
const latencyName = 'astern_proxy_request_duration_seconds'

test('latency by pod, in buckets that hold all that is below', async () => {
  const lines = await scrape([row('a'), row('b', { latency: slow })])
  const b = `${web},pod="b",pod_template_hash="6ff88c4474"`
  expect(lines).toContain(`${latencyName}_bucket{${a},le="0.001"} 2`)
  expect(lines).toContain(`${latencyName}_bucket{${b},le="0.001"} 0`)
  expect(lines).toContain(`${latencyName}_bucket{${b},le="0.0025"} 1`)
  expect(lines).toContain(`${latencyName}_bucket{${b},le="10"} 1`)
  expect(lines).toContain(`${latencyName}_bucket{${b},le="+Inf"} 2`)
  expect(lines).toContain(`${latencyName}_count{${b}} 2`)
  expect(lines).toContain(`${latencyName}_sum{${b}} 12.5`)
})

test('the latency of pods that have left is one histogram for each revision', async () => {
  const left = { open: 0, inTraffic: false }
  const lines = await scrape([row('a', left), row('b', { ...left, latency: slow }), row('c')])
  const revision = `${web},pod="",pod_template_hash="6ff88c4474"`
  expect(lines).toContain(`${latencyName}_count{${revision}} 4`)
  expect(lines).toContain(`${latencyName}_sum{${revision}} 12.501`)
  const pods = lines.filter((line) => line.startsWith(`${latencyName}_count`))
  expect(pods).toHaveLength(2)
})

test('a scrape says what is, not what was at an earlier one', async () => {
  const lines = await scrape([row('a')], [row('b')])
  expect(lines.join()).toContain('pod="b"')
  expect(lines.join()).not.toContain('pod="a"')
})
