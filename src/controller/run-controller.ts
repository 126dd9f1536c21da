import { isNamespaceTerminating, isStatusError } from '../api/status-error.ts'
import { AssertionError } from '../base/assert.ts'
import type { Context } from '../base/context.ts'
import type { Logger } from '../base/log.ts'
import { type Controller, type ControllerOptions, TerminalError } from './reconciler.ts'
import { WorkQueue } from './work-queue.ts'

type Outcome =
  | { readonly type: 'done' }
  | { readonly type: 'requeue'; readonly afterMs: number }
  | { readonly type: 'retry'; readonly error: unknown }
  | { readonly type: 'drop'; readonly error: unknown; readonly why: string }

/** A controller that runs `options.reconciler` over a queue of its own, from `start` on. */
export function createController(context: Context, options: ControllerOptions): Controller {
  return new RunningController(context, options)
}

class RunningController implements Controller {
  readonly name: string
  readonly #options: ControllerOptions
  readonly #log: Logger
  readonly #queue: WorkQueue
  readonly #workers: number
  readonly #retriesMax: number
  readonly #passes = new Set<Promise<void>>()
  #running = false
  #pumpScheduled = false

  constructor(context: Context, options: ControllerOptions) {
    this.name = options.name
    this.#options = options
    this.#log = context.log.with({ controller: options.name })
    this.#queue = new WorkQueue(context.clock, () => this.#schedulePump())
    this.#workers = options.workers ?? 5
    this.#retriesMax = options.retriesMax ?? Number.POSITIVE_INFINITY
  }

  enqueue(key: string, afterMs?: number): void {
    this.#queue.add(key, afterMs)
  }

  start(): void {
    this.#running = true
    this.#schedulePump()
  }

  async stop(): Promise<void> {
    this.#running = false
    this.#queue.stop()
    await Promise.all(this.#passes)
  }

  /** Passes begin in a microtask: the handler that enqueues, and those after it, finish first. */
  #schedulePump(): void {
    if (!this.#running || this.#pumpScheduled) return
    this.#pumpScheduled = true
    // Less than half of what `queueMicrotask` costs, at every change of every object.
    void Promise.resolve().then(() => {
      this.#pumpScheduled = false
      this.#pump()
    })
  }

  #pump(): void {
    while (this.#running && this.#passes.size < this.#workers) {
      const key = this.#queue.take()
      if (key === undefined) return
      const pass = this.#pass(key).then(() => {
        this.#passes.delete(pass)
        this.#schedulePump()
      })
      this.#passes.add(pass)
    }
  }

  async #pass(key: string): Promise<void> {
    const outcome = await this.#reconcile(key)
    this.#settle(key, outcome)
    this.#queue.done(key)
  }

  async #reconcile(key: string): Promise<Outcome> {
    try {
      const result = await this.#options.reconciler.reconcile(key)
      const afterMs = result?.requeueAfterMs
      return afterMs === undefined ? { type: 'done' } : { type: 'requeue', afterMs }
    } catch (error) {
      return this.#failure(key, error)
    }
  }

  #failure(key: string, error: unknown): Outcome {
    if (error instanceof AssertionError) crash(error)
    if (error instanceof TerminalError || isNamespaceTerminating(error)) {
      return { type: 'drop', error, why: 'retrying cannot help' }
    }
    if (this.#queue.failures(key) < this.#retriesMax) return { type: 'retry', error }
    return { type: 'drop', error, why: `the pass failed ${this.#retriesMax + 1} times` }
  }

  #settle(key: string, outcome: Outcome): void {
    switch (outcome.type) {
      case 'done':
        this.#queue.forget(key)
        break
      case 'requeue':
        this.#queue.forget(key)
        this.#queue.add(key, outcome.afterMs)
        break
      case 'retry':
        this.#logRetry(key, outcome.error)
        this.#queue.addRateLimited(key)
        break
      case 'drop': {
        const { why, error } = outcome
        this.#log.warn('dropped a key until its next event', { key, why, error: textOf(error) })
        this.#queue.forget(key)
      }
    }
  }

  #logRetry(key: string, error: unknown): void {
    // A conflict is the ordinary end of a pass on a cache that is a moment behind.
    const level = isStatusError(error, 'Conflict') ? 'debug' : 'warn'
    const failures = this.#queue.failures(key) + 1
    this.#log[level]('a pass failed; trying again', { key, failures, error: textOf(error) })
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Ends the process (an uncaught exception) without leaving the caller's bookkeeping half done. */
function crash(error: AssertionError): void {
  queueMicrotask(() => {
    throw error
  })
}
