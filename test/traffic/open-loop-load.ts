import { LatencyHistogram } from './latency-histogram.ts'
import type { LoadOptions, LoadReport } from './load-process.ts'
import { type Asked, type ConnectionListener, StrictConnection } from './strict-connection.ts'
import { streamBody } from './versioned-program.ts'

/**
 * A process of its own, started by `load-process.ts`: requests come at their times, whether the
 * ones before them have been answered or not (an open loop), and latency counts from when a request
 * was due, so nothing that is slow can hide by holding back what would have come after it.
 */
const tickMs = 2
const sweepMs = 250

const options: LoadOptions = JSON.parse(process.argv[2] ?? '')
const latencies = new LatencyHistogram()
const failures: Record<string, number> = {}
let versions: Record<string, number> = {}
let [requests, streams, cut, sequence] = [0, 0, 0, 0]
/** Due, and no connection is free. */
const waiting: Asked[] = []

const filler = 'x'.repeat(1_000)

function get(dueMs: number): Asked {
  const bytes = Buffer.from('GET / HTTP/1.1\r\nHost: app\r\nAccept: */*\r\n\r\n')
  return { bytes, dueMs, isRight: (body, version) => body === version && version !== '' }
}

function post(dueMs: number): Asked {
  const sent = `${++sequence} ${filler}`
  const head = `POST /echo HTTP/1.1\r\nHost: app\r\nContent-Length: ${sent.length}\r\n\r\n`
  return { bytes: Buffer.from(head + sent), dueMs, isRight: (body) => body === sent }
}

function stream(): Asked {
  const bytes = Buffer.from('GET /stream HTTP/1.1\r\nHost: app\r\n\r\n')
  const isRight = (body: string, version: string) => body === streamBody(version)
  return { bytes, dueMs: performance.now(), isRight }
}

function failed(_: Asked, reason: string): void {
  failures[reason] = (failures[reason] ?? 0) + 1
}

function saw(version: string): void {
  versions[version] = (versions[version] ?? 0) + 1
}

const onKept: ConnectionListener = {
  answered(_connection, { dueMs }, version) {
    latencies.observe(performance.now() - dueMs)
    saw(version)
  },
  failed,
  free(connection) {
    const next = waiting.shift()
    if (next) connection.ask(next)
    else idle.push(connection)
  },
  cut: () => void cut++,
}
/** They take turns: none may rest for long. */
const idle: StrictConnection[] = []

const onStreaming: ConnectionListener = {
  answered: (_connection, _asked, version) => saw(version),
  failed,
  free(connection) {
    requests++
    streams++
    connection.ask(stream())
  },
  cut: () => void cut++,
}

const connections = [
  ...Array.from({ length: options.connections }, () => new StrictConnection(options, onKept)),
  ...Array.from({ length: options.streams }, () => new StrictConnection(options, onStreaming)),
]

function due(dueMs: number): void {
  const asked = ++requests % 4 === 0 ? post(dueMs) : get(dueMs)
  for (;;) {
    const connection = idle.shift()
    if (!connection) break
    if (!connection.isFree) continue
    connection.ask(asked)
    return
  }
  waiting.push(asked)
}

const begunMs = performance.now()
let comeDue = 0
const ticking = setInterval(() => {
  const nowMs = performance.now()
  const dueNow = Math.floor(((nowMs - begunMs) * options.perSecond) / 1_000)
  for (; comeDue < dueNow; comeDue++) due(begunMs + (comeDue * 1_000) / options.perSecond)
}, tickMs)
const sweeping = setInterval(() => {
  for (const connection of connections) connection.sweep()
  while (waiting[0] && performance.now() - waiting[0].dueMs > options.timeoutMs) {
    failed(waiting.shift() as Asked, 'no connection in time')
  }
}, sweepMs)

function report(): LoadReport {
  const failedCount = Object.values(failures).reduce((sum, count) => sum + count, 0)
  const { p50, p99, p999, max } = latencies.percentiles()
  const latencyMs = { p50, p99, p999, max }
  const seen = versions
  versions = {}
  return { requests, streams, failed: failedCount, failures, cut, latencyMs, versions: seen }
}

/** What is under way is answered first, streams too: they are short. */
async function finish(): Promise<void> {
  clearInterval(ticking)
  onStreaming.free = () => {}
  const deadlineMs = performance.now() + options.timeoutMs
  const isBusy = () => waiting.length > 0 || connections.some(({ isFree }) => !isFree)
  while (isBusy() && performance.now() < deadlineMs)
    await new Promise((done) => setTimeout(done, 5))
  clearInterval(sweeping)
  for (const connection of connections) connection.close()
}

process.on('message', async (message: 'report' | 'stop') => {
  if (message === 'stop') await finish()
  process.send?.(report())
  if (message === 'stop') process.disconnect()
})
process.on('disconnect', () => process.exit(0))
