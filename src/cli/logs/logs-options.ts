import type { Pod } from '../../api/generated/types.ts'

/** What `logs` was asked for. */
export interface LogsOptions {
  /** `POD` or `TYPE/NAME`; undefined with a selector. */
  readonly what: string | undefined
  readonly selector: string
  /** '' : the default one. */
  readonly container: string
  readonly isAllContainers: boolean
  readonly isPrefixed: boolean
  readonly isFollowing: boolean
  readonly followersMax: number
  readonly podTimeoutMs: number
  readonly query: Readonly<Record<string, string | number | boolean | undefined>>
}

/** One container's log. */
export interface LogTarget {
  readonly pod: Pod
  readonly container: string
}
