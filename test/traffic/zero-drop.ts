import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { startAstern } from './deployed-subject.ts'
import { type Killed, killUnderLoad } from './kill-under-load.ts'
import type { Percentiles } from './latency-histogram.ts'
import type { LoadReport } from './load-process.ts'
import { startHaproxyReload, startNginxReload, startPm2Reload } from './reload-peers.ts'
import { type Rolled, rollUnderLoad } from './roll-under-load.ts'
import type { Absent, Subject } from './subject.ts'
import { nodeProgram } from './versioned-program.ts'

/**
 * `npm run zero-drop [-- --rollouts N --peer-rollouts N --kills N --per-second N --pm2 PATH]`: N
 * rollouts and N undos of programs that die at once on SIGTERM, under open-loop load of a client
 * that never tries again, then `kill -9` of one of them, N times; then the same, smaller, for who
 * else replaces programs. The exit code is 1 unless Astern has failed no request, by `kill -9` none
 * that could have been asked again. Everything is on 127.0.0.1.
 */
const { values } = parseArgs({
  options: {
    rollouts: { type: 'string', default: '100' },
    'peer-rollouts': { type: 'string', default: '5' },
    kills: { type: 'string', default: '6' },
    'per-second': { type: 'string', default: '2000' },
    pm2: { type: 'string' },
  },
})
const perSecond = Number(values['per-second'])
const programs = { program: nodeProgram, replicas: 3 }
const connections = 64
const streams = 16
/** A million for 100 rollouts and 100 undos. */
const requestsPerRoll = 5_000

interface Measured {
  readonly rolled: Rolled
  readonly killed?: Killed
}

async function measure(subject: Subject, rolls: number): Promise<Measured> {
  const everyMs = (requestsPerRoll * 1_000) / perSecond
  const requestsMin = rolls * requestsPerRoll
  const load = { perSecond, connections, streams, timeoutMs: 5_000 }
  const kills = Number(values.kills)
  try {
    const rolled = await rollUnderLoad(subject, { ...load, rolls, everyMs, requestsMin })
    print(`${subject.name}: ${rolled.rolls} rolls`, rolled)
    if (!subject.kill || kills === 0) return { rolled }
    const killed = await killUnderLoad(subject, { ...load, kills, pauseMs: 500 })
    print(`${subject.name}: ${kills} times kill -9 of one`, killed)
    process.stdout.write(`  ${killed.avoidable} of them could have been asked again\n`)
    return { rolled, killed }
  } finally {
    await subject.end()
  }
}

function print(what: string, report: LoadReport & { readonly seconds: number }): void {
  const { requests, streams: streamed, failed, failures, cut, seconds } = report
  const { latencyMs, answerMs, openMs, clientLateMs } = report
  const reasons = Object.entries(failures).map(([reason, count]) => `${count} ${reason}`)
  const why = reasons.length > 0 ? ` (${reasons.join('; ')})` : ''
  process.stdout.write(
    `${what} in ${seconds.toFixed(0)} s, ${requests} requests (${streamed} streams), ` +
      `${failed} failed${why}, ${cut} idle connections cut; ` +
      `ms from due ${text(latencyMs)}, from sent ${text(answerMs)}, to be let in ${text(openMs)}; ` +
      `the client's own timer was late by ${text(clientLateMs)}\n`,
  )
}

const text = ({ p50, p99, p999, max }: Percentiles) =>
  `p50 ${p50} p99 ${p99} p99.9 ${p999} max ${max}`

async function measurePeers(): Promise<Record<string, Measured | string>> {
  const results: Record<string, Measured | string> = {}
  const starts: readonly (() => Promise<Subject | Absent>)[] = [
    () => startHaproxyReload(programs),
    () => startNginxReload(programs),
    () => startPm2Reload(values.pm2, programs.replicas),
  ]
  for (const start of starts) {
    const peer = await start()
    if ('why' in peer) {
      results[peer.name] = peer.why
      process.stdout.write(`${peer.name}: not measured: ${peer.why}\n`)
      continue
    }
    results[peer.name] = await measure(peer, Number(values['peer-rollouts']) * 2)
  }
  return results
}

const loadBefore = loadavg()
const astern = await measure(await startAstern(), Number(values.rollouts) * 2)
const { rolled, killed } = astern
const peers = Number(values['peer-rollouts']) > 0 ? await measurePeers() : {}
const load = { perSecond, connections, streams, loadBefore, loadAfter: loadavg() }
process.stdout.write(`${JSON.stringify({ ...load, Astern: astern, ...peers })}\n`)
const isClean = rolled.failed === 0 && rolled.cut === 0 && (killed?.avoidable ?? 0) === 0
process.exitCode = isClean ? 0 : 1
