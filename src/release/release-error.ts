/**
 * What Astern's own commands cannot or will not do; the message says why, `hint` what to do next.
 */
export class ReleaseError extends Error {
  override readonly name: string = 'ReleaseError'
  readonly hint: string | undefined

  constructor(message: string, hint?: string) {
    super(message)
    this.hint = hint
  }
}

export type GuardName =
  | 'image'
  | 'shared-configuration'
  | 'missing-reference'
  | 'owner'
  | 'paused'
  | 'fixed-field'
  | 'under-way'
  | 'no-target'
  | 'dirty'

/** One reason not to begin. */
export interface Refusal {
  readonly guard: GuardName
  readonly message: string
  readonly hint?: string
}

/** Nothing was touched (exit code 4). */
export class RefusedByGuard extends ReleaseError {
  override readonly name = 'RefusedByGuard'
  readonly refusals: readonly Refusal[]

  constructor(refusals: readonly Refusal[]) {
    super(
      refusals.map(({ message }) => message).join('\n'),
      refusals.flatMap(({ hint }) => hint ?? []).join('\n') || undefined,
    )
    this.refusals = refusals
  }
}

/** The workload is not there. */
export class NoWorkload extends ReleaseError {
  override readonly name = 'NoWorkload'
}

/** Git could not be moved and nothing else was: the cluster is as it was. */
export class GitNotMoved extends ReleaseError {
  override readonly name = 'GitNotMoved'
}
