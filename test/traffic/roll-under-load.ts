import { setTimeout as wait } from 'node:timers/promises'
import { type LoadOptions, LoadProcess, type LoadReport } from './load-process.ts'
import { type Subject, versions } from './subject.ts'

export interface RollOptions extends Omit<LoadOptions, 'host' | 'port'> {
  readonly rolls: number
  /** From the begin of one to the begin of the next, at least. */
  readonly everyMs: number
  /** The load goes on until this many. */
  readonly requestsMin: number
  /** Whether enough has been seen. */
  readonly isEnough?: (report: LoadReport) => boolean
}

export interface Rolled extends LoadReport {
  readonly rolls: number
  readonly seconds: number
}

/** Rolls back and forth under load. A roll counts when both versions have answered during it. */
export async function rollUnderLoad(subject: Subject, options: RollOptions): Promise<Rolled> {
  const { host, port, name } = subject
  const { rolls, everyMs, requestsMin, isEnough } = options
  const load = new LoadProcess({ ...options, host, port })
  const begunMs = performance.now()
  let rolled = 0
  try {
    await answered(load)
    for (; rolled < rolls; rolled++) {
      const nextMs = performance.now() + everyMs
      const before = await load.report()
      if (isEnough?.(before)) break
      await subject.roll()
      await answeredByAll(load, name)
      await wait(Math.max(0, nextMs - performance.now()))
    }
    while ((await load.report()).requests < requestsMin) await wait(50)
    const report = await load.stop()
    return { ...report, rolls: rolled, seconds: (performance.now() - begunMs) / 1_000 }
  } finally {
    load.kill()
  }
}

/** Until both versions have answered since the last report: on a busy machine answers come late. */
async function answeredByAll(load: LoadProcess, name: string): Promise<void> {
  const seen = new Set<string>()
  const deadlineMs = performance.now() + 30_000
  while (!versions.every((version) => seen.has(version))) {
    if (performance.now() > deadlineMs)
      throw new Error(`${name}: only ${[...seen]} answered a roll`)
    for (const version of Object.keys((await load.report()).versions)) seen.add(version)
    await wait(20)
  }
}

/** What has been answered since the last report, when it is something. */
async function answered(load: LoadProcess): Promise<LoadReport> {
  for (;;) {
    const report = await load.report()
    if (Object.keys(report.versions).length > 0 || report.failed > 0) return report
    await wait(20)
  }
}
