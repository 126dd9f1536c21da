import { loadavg } from 'node:os'
import { HeadParser } from '../../src/proxy/process/http/head.ts'
import { bulk, keepAlive, type Measure, newConnections, type Round } from './measures.ts'
import {
  bulkRequestBytesMin,
  type Peer,
  startCopier,
  startHaproxy,
  startNginx,
  startProxy,
  startServer,
} from './peers.ts'

/**
 * `npm run bench [-- ROUNDS MS]`: requests per second and 99th percentile through the proxy's
 * process as it is built, and through its peers in turn, round by round; the client is the same, 32
 * connections on 127.0.0.1, or one for answers of 64 MiB, which are counted in MiB per second. Only
 * ratios within one round count. Prints a line for each pair, then all as JSON.
 * The exit code is 1 when a peer was not steady: then the ratios say nothing.
 */
const [rounds = 5, roundMs = 1_500] = process.argv.slice(2).map(Number)

const httpRequest = Buffer.from(
  'GET /some/path?query=1 HTTP/1.1\r\nHost: web.default.svc\r\nUser-Agent: bench/1\r\n' +
    'Accept: */*\r\nAccept-Encoding: gzip, br\r\nConnection: keep-alive\r\n\r\n',
)
/** Of the same length, and no HTTP: a stream of bytes to every proxy. */
const opaqueRequest = Buffer.alloc(httpRequest.length, 0x16)
/** The server knows by the length which answer is meant. */
const httpBulkRequest = Buffer.from(
  `GET /${'x'.repeat(bulkRequestBytesMin)} HTTP/1.1\r\nHost: web.default.svc\r\n\r\n`,
)
const opaqueBulkRequest = Buffer.alloc(httpBulkRequest.length, 0x16)

function spread(values: readonly number[]) {
  const sorted = [...values].sort((a, b) => a - b).map((value) => Number(value.toFixed(3)))
  return { median: sorted[Math.floor(sorted.length / 2)], min: sorted[0], max: sorted.at(-1) }
}

interface Pair {
  readonly name: string
  readonly peerName: string
  readonly peer: Peer | undefined
  readonly measure: Measure
  readonly request: Buffer
}

/** The proxy and one peer, ABAB. */
async function compare(proxy: Peer, { name, peerName, peer, measure, request }: Pair) {
  const ours: Round[] = []
  const theirs: Round[] = []
  for (let round = 0; round < rounds; round++) {
    ours.push(await measure(proxy.port, request, roundMs))
    if (peer) theirs.push(await measure(peer.port, request, roundMs))
  }
  const ratios = (of: (round: Round) => number) =>
    theirs.map((their, round) => of(ours[round] as Round) / of(their))
  const result = {
    name,
    peer: peer ? peerName : `${peerName}: not installed`,
    proxyPerSecond: spread(ours.map(({ perSecond }) => perSecond)),
    proxyP99Ms: spread(ours.map(({ p99Ms }) => p99Ms)),
    ...(peer && {
      peerPerSecond: spread(theirs.map(({ perSecond }) => perSecond)),
      perSecondRatio: spread(ratios(({ perSecond }) => perSecond)),
      p99Ratio: spread(ratios(({ p99Ms }) => p99Ms)),
      isPeerSteady: isSteady(theirs),
    }),
  }
  console.log(`${name} beside ${result.peer}: ${JSON.stringify(result)}`)
  return result
}

/** A peer that is more than twice off its own median says that the machine was not quiet. */
function isSteady(rounds: readonly Round[]): boolean {
  const { median = 0, min = 0, max = 0 } = spread(rounds.map(({ perSecond }) => perSecond))
  return max <= 2 * median && min >= median / 2
}

function parserNanoseconds(): number {
  const parser = new HeadParser('request')
  const times = 500_000
  const from = performance.now()
  for (let turn = 0; turn < times; turn++) {
    parser.reset()
    parser.parse(httpRequest)
  }
  return Math.round(((performance.now() - from) * 1e6) / times)
}

const peers: Peer[] = []
const started = <T extends Peer | undefined>(peer: T): T => {
  if (peer) peers.push(peer)
  return peer
}

try {
  const server = started(await startServer())
  const proxy = started(await startProxy(server.port))
  const copier = started(await startCopier(server.port))
  const tcp = started(await startHaproxy(server.port, 'tcp'))
  const http = started(await startHaproxy(server.port, 'http'))
  const nginx = started(await startNginx(server.port))
  const bytes = { request: opaqueRequest, peer: tcp, peerName: 'haproxy, one thread, tcp' }
  const messages = { request: httpRequest, peer: http, peerName: 'haproxy, one thread, http' }
  const worked = { request: httpRequest, peer: nginx, peerName: 'nginx, one worker, http' }
  const copied = { request: httpRequest, peer: copier, peerName: 'a copier in Node' }
  const pairs: readonly Pair[] = [
    { name: 'stream keep-alive', measure: keepAlive, ...bytes },
    { name: 'stream new connections', measure: newConnections, ...bytes },
    { name: 'stream bulk', measure: bulk, ...bytes, request: opaqueBulkRequest },
    { name: 'http keep-alive', measure: keepAlive, ...messages },
    { name: 'http new connections', measure: newConnections, ...messages },
    { name: 'http bulk', measure: bulk, ...messages, request: httpBulkRequest },
    { name: 'http keep-alive', measure: keepAlive, ...worked },
    { name: 'http new connections', measure: newConnections, ...worked },
    { name: 'http keep-alive', measure: keepAlive, ...copied },
    { name: 'http new connections', measure: newConnections, ...copied },
  ]
  parserNanoseconds()
  const results = []
  const loadBefore = loadavg()
  for (const pair of pairs) results.push(await compare(proxy, pair))
  const unsteady = results.filter(({ isPeerSteady }) => isPeerSteady === false)
  for (const { name, peer } of unsteady) {
    console.log(`${peer}, ${name}: more than twice off its own median: the machine was not quiet`)
    process.exitCode = 1
  }
  const parserNs = parserNanoseconds()
  console.log(
    JSON.stringify({ rounds, roundMs, loadBefore, loadAfter: loadavg(), parserNs, results }),
  )
} finally {
  for (const peer of peers.reverse()) await peer.end()
}
