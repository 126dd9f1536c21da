import type { EndpointTraffic, LatencyHistogram } from '../api/seams.ts'

/** Rows of the same key become one, which is called as the first of them. */
export function sumBy(
  rows: Iterable<EndpointTraffic>,
  keyOf: (row: EndpointTraffic) => string,
): ReadonlyMap<string, EndpointTraffic> {
  const sums = new Map<string, EndpointTraffic>()
  for (const row of rows) {
    const key = keyOf(row)
    const sum = sums.get(key)
    sums.set(key, sum ? add(sum, row) : row)
  }
  return sums
}

/** A key of a Service's revision: of its pods of one template. */
export function revisionKey({ namespace, service, templateHash }: EndpointTraffic): string {
  return [namespace, service, templateHash].join('/')
}

function add(a: EndpointTraffic, b: EndpointTraffic): EndpointTraffic {
  const [none, info, ok, moved, client, server] = a.byStatusClass
  const other = b.byStatusClass
  return {
    ...a,
    requests: a.requests + b.requests,
    byStatusClass: [
      none + other[0],
      info + other[1],
      ok + other[2],
      moved + other[3],
      client + other[4],
      server + other[5],
    ],
    latency: addLatency(a.latency, b.latency),
    open: a.open + b.open,
    inTraffic: a.inTraffic || b.inTraffic,
  }
}

function addLatency(a: LatencyHistogram, b: LatencyHistogram): LatencyHistogram {
  return {
    counts: a.counts.map((count, bucket) => count + (b.counts[bucket] ?? 0)),
    sumSeconds: a.sumSeconds + b.sumSeconds,
  }
}
