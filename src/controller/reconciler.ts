/** What to do with the key after a pass without error. */
export interface ReconcileResult {
  /** Look again after this many milliseconds, though nothing has changed. */
  readonly requeueAfterMs?: number
}

/**
 * Level-triggered by type: it gets a key, nothing else, and brings the world one step nearer to
 * what the object wants.
 * Throwing means: again, with back-off. Throwing `TerminalError` means: not again until the next
 * event.
 */
export interface Reconciler {
  // biome-ignore lint/suspicious/noConfusingVoidType: a pass with nothing to add returns nothing
  reconcile(key: string): Promise<ReconcileResult | void>
}

/** Retrying cannot help. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError'
}

/** A running controller: one queue, one reconciler, never two passes of the same key at once. */
export interface Controller {
  readonly name: string
  /** Safe from any handler at any time; duplicates collapse. */
  enqueue(key: string, afterMs?: number): void
  /** Begins to work; the informers it reads must have synced. */
  start(): void
  /** Ends after the passes under way. */
  stop(): Promise<void>
}

export interface ControllerOptions {
  readonly name: string
  readonly reconciler: Reconciler
  /** Passes at once; default 5. */
  readonly workers?: number
  /**
   * Tries with back-off before a key is dropped until its next event, as upstream gives up on
   * Deployments and EndpointSlices (B.1); default: never, so that a quota that is raised an hour
   * later still lets pods come.
   */
  readonly retriesMax?: number
}
