import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Percentiles } from './latency-histogram.ts'

export interface LoadOptions {
  readonly host: string
  readonly port: number
  readonly perSecond: number
  /** Kept alive, for GET and POST. */
  readonly connections: number
  /** Connections that ask for one streamed answer after the other. */
  readonly streams: number
  /** To wait for a connection that is free, and again for the answer, before it is a failure. */
  readonly timeoutMs: number
}

export interface LoadReport {
  /** All that were due, streams among them. */
  readonly requests: number
  readonly streams: number
  readonly failed: number
  /** Why, how often. */
  readonly failures: Readonly<Record<string, number>>
  /** Connections closed under the client between two requests, unannounced. */
  readonly cut: number
  /** From when a request was due to the end of its answer; streams not counted. */
  readonly latencyMs: Percentiles
  /** The same from when it was sent: without the wait for a connection that is free. */
  readonly answerMs: Percentiles
  /** From the wish for a connection to the connection. */
  readonly openMs: Percentiles
  /** How late the load's own timer was: what is not the fault of whom it asks. */
  readonly clientLateMs: Percentiles
  /** Which versions have answered since the last report. */
  readonly versions: Readonly<Record<string, number>>
}

const program = fileURLToPath(new URL('open-loop-load.ts', import.meta.url))

/** Clients in a process of their own, so that nothing here keeps them waiting. */
export class LoadProcess {
  readonly #child: ChildProcess
  /** Never resolves; rejects when it has ended. */
  readonly #ended: Promise<never>

  constructor(options: LoadOptions) {
    const execArgv = ['--import', 'tsx']
    this.#child = fork(program, [JSON.stringify(options)], { execArgv, stdio: 'inherit' })
    this.#ended = once(this.#child, 'exit').then(([code]) => {
      throw new Error(`the load ended with ${code}`)
    })
    this.#ended.catch(() => {})
  }

  report(): Promise<LoadReport> {
    return this.#ask('report')
  }

  /** Resolves when it has ended. */
  async stop(): Promise<LoadReport> {
    const gone = once(this.#child, 'exit')
    const report = await this.#ask('stop')
    await gone
    return report
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  async #ask(what: 'report' | 'stop'): Promise<LoadReport> {
    const answer = once(this.#child, 'message')
    this.#child.send(what)
    const [report] = await Promise.race([answer, this.#ended])
    return report as LoadReport
  }
}
