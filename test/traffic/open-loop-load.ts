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
/** From the request on the wire to the end of its answer. */
const answering = new LatencyHistogram()
const opening = new LatencyHistogram()
/** How much later than due the ticks of this process came: what it has itself to answer for. */
const lateness = new LatencyHistogram()
let lateMs = 0
const failures: Record<string, number> = {}
let versions: Record<string, number> = {}
let [requests, streams, cut, sequence] = [0, 0, 0, 0]
/** Due, and no connection is free. */
interface Waiting {
  readonly asked: Asked
  /** What this process had been late by until then, in all. */
  readonly lateMs: number
}
const waiting: Waiting[] = []

const filler = 'x'.repeat(1_000)

function get(dueMs: number): Asked {
  const bytes = Buffer.from('GET / HTTP/1.1\r\nHost: app\r\nAccept: */*\r\n\r\n')
  const isRight = (body: string, version: string) => body === version && version !== ''
  return { kind: 'GET', bytes, dueMs, isRight }
}

function post(dueMs: number): Asked {
  const sent = `${++sequence} ${filler}`
  const head = `POST /echo HTTP/1.1\r\nHost: app\r\nContent-Length: ${sent.length}\r\n\r\n`
  const bytes = Buffer.from(head + sent)
  return { kind: 'POST', bytes, dueMs, isRight: (body) => body === sent }
}

function stream(): Asked {
  const bytes = Buffer.from('GET /stream HTTP/1.1\r\nHost: app\r\n\r\n')
  const isRight = (body: string, version: string) => body === streamBody(version)
  return { kind: 'stream', bytes, dueMs: performance.now(), isRight }
}

function failed({ kind }: Asked, reason: string): void {
  const key = `${kind}: ${reason}`
  failures[key] = (failures[key] ?? 0) + 1
}

/** A failure in any case; but whose? */
function failedWaiting({ asked, lateMs: lateMsThen }: Waiting): void {
  const opened = kept.filter(({ isOpen }) => isOpen).length
  const isOwn = lateMs - lateMsThen > options.timeoutMs / 2
  const why = isOwn
    ? 'for more than half of it the client itself did not run'
    : `${opened} of ${kept.length} waited for an answer, the others to be let in`
  failed(asked, `no connection in time: ${why}`)
}

function saw(version: string): void {
  versions[version] = (versions[version] ?? 0) + 1
}

const onKept: ConnectionListener = {
  answered({ askedMs }, { dueMs }, version) {
    const nowMs = performance.now()
    latencies.observe(nowMs - dueMs)
    answering.observe(nowMs - askedMs)
    saw(version)
  },
  opened: (ms) => opening.observe(ms),
  failed,
  free(connection) {
    const next = waiting.shift()
    if (next) connection.ask(next.asked)
    else idle.push(connection)
  },
  cut: () => void cut++,
}
/** They take turns: none may rest for long. */
const idle: StrictConnection[] = []

const onStreaming: ConnectionListener = {
  answered: (_connection, _asked, version) => saw(version),
  opened: (ms) => opening.observe(ms),
  failed,
  free(connection) {
    requests++
    streams++
    connection.ask(stream())
  },
  cut: () => void cut++,
}

const kept = Array.from(
  { length: options.connections },
  () => new StrictConnection(options, onKept),
)
const connections = [
  ...kept,
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
  waiting.push({ asked, lateMs })
}

const begunMs = performance.now()
let comeDue = 0
let tickedMs = begunMs
const ticking = setInterval(() => {
  const nowMs = performance.now()
  const late = Math.max(0, nowMs - tickedMs - tickMs)
  tickedMs = nowMs
  lateMs += late
  lateness.observe(late)
  const dueNow = Math.floor(((nowMs - begunMs) * options.perSecond) / 1_000)
  for (; comeDue < dueNow; comeDue++) due(begunMs + (comeDue * 1_000) / options.perSecond)
}, tickMs)
const sweeping = setInterval(() => {
  for (const connection of connections) connection.sweep()
  while (waiting[0] && performance.now() - waiting[0].asked.dueMs > options.timeoutMs) {
    failedWaiting(waiting.shift() as Waiting)
  }
}, sweepMs)

function report(): LoadReport {
  const failedCount = Object.values(failures).reduce((sum, count) => sum + count, 0)
  const seen = versions
  versions = {}
  return {
    requests,
    streams,
    failed: failedCount,
    failures,
    cut,
    latencyMs: latencies.percentiles(),
    answerMs: answering.percentiles(),
    openMs: opening.percentiles(),
    clientLateMs: lateness.percentiles(),
    versions: seen,
  }
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
