import type { ExecResult } from '../../runtime.ts'

/** What containers of an image do in a simulation; whatever is left out is the good case. */
export interface ImageBehaviour {
  /** Pulling it fails. */
  readonly isUnavailable?: boolean
  /** From the call to the running container. */
  readonly startDelayMs?: number
  /** From the start to the end by itself; without it the container runs until it is stopped. */
  readonly exitAfterMs?: number
  /** Of that end; 0 by default. */
  readonly exitCode?: number
  /** How long it takes to obey SIGTERM; Infinity: it ignores it. */
  readonly stopAfterMs?: number
  /** What commands in it answer; by default exit code 0 and no output. */
  readonly exec?: (command: readonly string[]) => ExecResult
}

export type ImageBehaviours = (image: string) => ImageBehaviour
