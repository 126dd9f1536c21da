import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { startAstern } from './deployed-subject.ts'
import { startHaproxyReload, startNginxReload, startPm2Reload } from './reload-peers.ts'
import { type Rolled, rollUnderLoad } from './roll-under-load.ts'
import type { Absent, Subject } from './subject.ts'
import { nodeProgram } from './versioned-program.ts'

/**
 * `npm run zero-drop [-- --rollouts N --peer-rollouts N --per-second N --pm2 PATH]`: N rollouts and
 * N undos of programs that die at once on SIGTERM, under open-loop load of a client that never
 * tries again; then the same, smaller, for who else replaces programs. The exit code is 1 unless
 * Astern has failed no request. Everything is on 127.0.0.1.
 */
const { values } = parseArgs({
  options: {
    rollouts: { type: 'string', default: '100' },
    'peer-rollouts': { type: 'string', default: '5' },
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

async function measure(subject: Subject, rolls: number): Promise<Rolled> {
  const everyMs = (requestsPerRoll * 1_000) / perSecond
  const requestsMin = rolls * requestsPerRoll
  const load = { perSecond, connections, streams, timeoutMs: 5_000 }
  try {
    return await rollUnderLoad(subject, { ...load, rolls, everyMs, requestsMin })
  } finally {
    await subject.end()
  }
}

function print(name: string, rolled: Rolled): void {
  const { rolls, requests, streams: streamed, failed, failures, cut, latencyMs, seconds } = rolled
  const { p50, p99, p999, max } = latencyMs
  const reasons = Object.entries(failures).map(([reason, count]) => `${count} ${reason}`)
  const why = reasons.length > 0 ? ` (${reasons.join(', ')})` : ''
  process.stdout.write(
    `${name}: ${rolls} rolls in ${seconds.toFixed(0)} s, ${requests} requests (${streamed} streams), ` +
      `${failed} failed${why}, ${cut} idle connections cut; ` +
      `latency ms p50 ${p50} p99 ${p99} p99.9 ${p999} max ${max}\n`,
  )
}

async function measurePeers(): Promise<Record<string, Rolled | string>> {
  const results: Record<string, Rolled | string> = {}
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
    const rolled = await measure(peer, Number(values['peer-rollouts']) * 2)
    print(peer.name, rolled)
    results[peer.name] = rolled
  }
  return results
}

const loadBefore = loadavg()
const rolled = await measure(await startAstern(), Number(values.rollouts) * 2)
print('Astern', rolled)
const peers = Number(values['peer-rollouts']) > 0 ? await measurePeers() : {}
const load = { perSecond, connections, streams, loadBefore, loadAfter: loadavg() }
process.stdout.write(`${JSON.stringify({ ...load, Astern: rolled, ...peers })}\n`)
process.exitCode = rolled.failed === 0 && rolled.cut === 0 ? 0 : 1
