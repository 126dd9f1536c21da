import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { type EndpointTraffic, latencyBoundsSeconds, type TrafficStats } from '../api/seams.ts'
import { revisionKey, sumBy } from './counters.ts'

const podLabels = ['namespace', 'service', 'pod', 'pod_template_hash'] as const
const codes = ['none', '1xx', '2xx', '3xx', '4xx', '5xx'] as const

export interface Metrics {
  readonly contentType: string
  /** In the text format of Prometheus. */
  text(): Promise<string>
}

/**
 * What the proxy has seen, by Service, pod and revision, and how this process is: read anew for
 * every scrape. Counters of pods that left long ago have no pod; the sum over a revision never
 * falls while the proxy lives.
 */
export function trafficMetrics(stats: TrafficStats): Metrics {
  let opened: ReturnType<typeof open> | undefined
  return {
    contentType: Registry.PROMETHEUS_CONTENT_TYPE,
    async text() {
      // Watching the process costs something: nobody pays who never asks.
      opened ??= open()
      opened.show(await stats.snapshot())
      return opened.registry.metrics()
    },
  }
}

function open() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return { registry, show: proxyMetrics(registry) }
}

function proxyMetrics(registry: Registry): (rows: readonly EndpointTraffic[]) => void {
  const registers = [registry]
  const requests = new Counter({
    name: 'astern_proxy_requests_total',
    help: 'Requests by the class of their answer; none: no endpoint answered.',
    labelNames: [...podLabels, 'code'],
    registers,
  })
  const open = new Gauge({
    name: 'astern_proxy_open_connections',
    help: 'Requests and streams in flight.',
    labelNames: podLabels,
    registers,
  })
  const inTraffic = new Gauge({
    name: 'astern_proxy_endpoint_in_traffic',
    help: '1 while new requests go to this pod.',
    labelNames: podLabels,
    registers,
  })
  const latency = new PodLatency(registry)
  return (rows) => {
    for (const metric of [requests, open, inTraffic]) metric.reset()
    for (const row of rows) {
      const labels = labelsOf(row)
      codes.forEach((code, index) => {
        const count = row.byStatusClass[index] ?? 0
        if (count > 0) requests.inc({ ...labels, code }, count)
      })
      open.inc(labels, row.open)
      if (row.podUid) inTraffic.set(labels, row.inTraffic ? 1 : 0)
    }
    latency.rows = rows
  }
}

const latencyMetric = {
  name: 'astern_proxy_request_duration_seconds',
  help: "From the end of a request's head to the end of its answer's.",
} as const

/**
 * prom-client's histograms observe; this one shows what has been counted elsewhere, by pod while it
 * is in traffic. Those of a revision that are not share one histogram, of no pod: one for each pod
 * that ever was would be more than anybody keeps.
 */
class PodLatency extends Histogram<(typeof podLabels)[number]> {
  rows: readonly EndpointTraffic[] = []

  constructor(registry: Registry) {
    super({
      ...latencyMetric,
      labelNames: podLabels,
      buckets: [...latencyBoundsSeconds],
      registers: [registry],
    })
  }

  /** What the registry asks for; `get` is made of it. */
  async getForPromString() {
    const { name, help } = latencyMetric
    const rows = this.rows.map((row) =>
      isPresent(row) ? row : { ...row, podUid: '', podName: '' },
    )
    const keyOf = (row: EndpointTraffic) => `${revisionKey(row)}/${row.podUid}`
    const values = [...sumBy(rows, keyOf).values()].flatMap(latencyValues)
    return { name, help, type: 'histogram', values, aggregator: 'sum' }
  }
}

/** Buckets as Prometheus wants them: each counts what is in those below it, too. */
function latencyValues(row: EndpointTraffic) {
  const labels = labelsOf(row)
  const { name } = latencyMetric
  let total = 0
  const buckets = row.latency.counts.map((count, bucket) => {
    total += count
    const le = latencyBoundsSeconds[bucket] ?? '+Inf'
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: total }
  })
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: row.latency.sumSeconds },
    { metricName: `${name}_count`, labels, value: total },
  ]
}

function isPresent({ inTraffic, open }: EndpointTraffic): boolean {
  return inTraffic || open > 0
}

function labelsOf(row: EndpointTraffic) {
  const { namespace, service, podName, templateHash } = row
  return { namespace, service, pod: podName, pod_template_hash: templateHash }
}
