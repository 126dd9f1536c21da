import { parseArgs } from 'node:util'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { required } from '../base/assert.ts'
import { systemClock } from '../base/system-clock.ts'
import { busyMinutes } from './profile.ts'
import { regressionSeeds } from './regression-seeds.ts'
import { type SeedReport, simulate } from './simulation.ts'
import { describeViolation, Tally } from './tally.ts'

const usage =
  'usage: npm run sim -- [--seeds N] [--from N] [--workers N] [--minutes N] [--skip N,N] [--stop] [--quiet]'

interface Options {
  readonly from: number
  readonly seeds: number
  readonly workers: number
  /** Of operations and faults in each seed. */
  readonly minutes: number
  readonly isQuiet: boolean
  /** Of the asked ones, those not to run: their findings are known and open. */
  readonly skipped: ReadonlySet<number>
  /** At the first violation. */
  readonly stops: boolean
}

/**
 * Runs the asked seeds over all workers, after those that have found something; resolves with the
 * exit code.
 */
async function main(options: Options): Promise<number> {
  const { from, seeds, workers, minutes, skipped, isQuiet, stops } = options
  const tally = new Tally(systemClock)
  const asked = Array.from({ length: seeds }, (_, index) => from + index).filter(
    (seed) => !skipped.has(seed),
  )
  // Those that have found something found it in a full run.
  const known = new Set(regressionSeeds.map(([seed]) => seed))
  const waiting = [...new Set([...known, ...asked])]
  const total = waiting.length
  const runner = async () => {
    let thread = new Thread()
    for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
      const report = await thread.run(seed, known.has(seed) ? busyMinutes : minutes)
      if (report.hasDied) thread = new Thread()
      tally.add(report)
      if (report.violation) process.stdout.write(`${describeViolation(report)}\n`)
      if (report.violation && stops) waiting.length = 0
      if (!isQuiet && tally.seeds % 100 === 0) process.stdout.write(`${tally.progress(total)}\n`)
    }
    await thread.end()
  }
  await Promise.all(Array.from({ length: Math.min(workers, total) }, runner))
  process.stdout.write(`${tally.table()}\n`)
  return tally.violations > 0 ? 1 : 0
}

/** Most of what a seed makes is gone a moment later: a wide nursery has less to move. */
const resourceLimits = { maxYoungGenerationSizeMb: 512 }
/** Every revision keeps its bytes, a few thousand each: so they are cut from larger pieces. */
const poolBytes = 2 ** 20

/** One thread that runs a seed at a time. */
class Thread {
  readonly #worker = new Worker(new URL(import.meta.url), { resourceLimits })

  /** An assertion that fails in the engine ends the thread: that is a finding, too. */
  run(seed: number, minutes: number): Promise<SeedReport & { readonly hasDied?: boolean }> {
    return new Promise((resolve) => {
      const died = (error: Error) => {
        const what = error.stack ?? String(error)
        const violation = { invariant: 'no exception', what, revision: 0, last: [] }
        resolve({ ...nothing, seed, violation, hasDied: true })
      }
      this.#worker.once('error', died)
      this.#worker.once('message', (report: SeedReport) => {
        this.#worker.off('error', died)
        resolve(report)
      })
      this.#worker.postMessage({ seed, minutes })
    })
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }
}

const nothing: Omit<SeedReport, 'seed'> = {
  simulatedMs: 0,
  operations: 0,
  revisions: 0,
  checks: 0,
  faults: {},
  digest: '',
}

function readOptions(): Options | undefined {
  const number = (text: string | undefined, byDefault: number) => Number(text ?? byDefault)
  try {
    const { values } = parseArgs({
      options: {
        from: { type: 'string' },
        seeds: { type: 'string' },
        workers: { type: 'string' },
        minutes: { type: 'string' },
        skip: { type: 'string' },
        quiet: { type: 'boolean' },
        stop: { type: 'boolean' },
      },
    })
    const { from, seeds, workers, minutes, skip = '', quiet = false, stop = false } = values
    const options = {
      from: number(from, 1),
      seeds: number(seeds, 100),
      workers: number(workers, 2),
      minutes: number(minutes, busyMinutes),
    }
    return Object.values(options).every((value) => Number.isInteger(value) && value > 0)
      ? { ...options, skipped: new Set(skip.split(',').map(Number)), isQuiet: quiet, stops: stop }
      : undefined
  } catch {
    return undefined
  }
}

if (isMainThread) {
  const options = readOptions()
  if (options) process.exitCode = await main(options)
  else {
    process.stderr.write(`${usage}\n`)
    process.exitCode = 2
  }
} else {
  Buffer.poolSize = poolBytes
  const port = required(parentPort, 'the port of a worker')
  port.on('message', async ({ seed, minutes }: { seed: number; minutes: number }) =>
    port.postMessage(await simulate(seed, minutes)),
  )
}
