import { setTimeout as wait } from 'node:timers/promises'
import { type LoadOptions, LoadProcess, type LoadReport } from './load-process.ts'
import { inAnswer } from './strict-connection.ts'
import type { Subject } from './subject.ts'

export interface KillOptions extends Omit<LoadOptions, 'host' | 'port'> {
  readonly kills: number
  /** From when a program is back to the next kill. */
  readonly pauseMs: number
}

export interface Killed extends LoadReport {
  readonly kills: number
  readonly seconds: number
  /** Of the failures, those of requests that could have been asked again: nobody need see them. */
  readonly avoidable: number
}

/** `kill -9` of one program after the other under load, each when the one before it is back. */
export async function killUnderLoad(subject: Subject, options: KillOptions): Promise<Killed> {
  const { host, port, kill } = subject
  if (!kill) throw new Error(`${subject.name}: nobody brings a program back that was killed`)
  const load = new LoadProcess({ ...options, host, port })
  const begunMs = performance.now()
  try {
    let { requests } = await load.report()
    for (let kills = 0; kills < options.kills; kills++) {
      // Every kill finds requests in flight.
      while ((await load.report()).requests < requests + options.perSecond / 5) await wait(20)
      await kill()
      await wait(options.pauseMs)
      requests = (await load.report()).requests
    }
    const report = await load.stop()
    const seconds = (performance.now() - begunMs) / 1_000
    return { ...report, kills: options.kills, seconds, avoidable: avoidableIn(report) }
  } finally {
    load.kill()
  }
}

/**
 * A POST may have been acted on, and an answer that has begun cannot be taken back. All else can be
 * asked of somebody else.
 */
function avoidableIn({ failures }: LoadReport): number {
  return Object.entries(failures)
    .filter(([reason]) => !reason.startsWith('POST: ') && !reason.endsWith(inAnswer))
    .reduce((sum, [, count]) => sum + count, 0)
}
