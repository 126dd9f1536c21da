import type {
  ContainerLimits,
  ContainerRecord,
  ContainerRef,
  ExecResult,
  StartFailureReason,
} from '../../runtime.ts'

/** A container as the shim starts it: nothing left to look up. */
export interface Launch extends ContainerRef {
  /** Also the marker in the environment of all its processes (`ASTERN_CONTAINER_ID`). */
  readonly id: string
  readonly image: string
  readonly imageId: string
  /**
   * The program's absolute path, then its arguments; path and directory as the container sees them.
   */
  readonly argv: readonly string[]
  readonly cwd: string
  /** bwrap and its options; undefined: the container sees the machine's own file tree. */
  readonly confinement?: readonly string[]
  /** What has to stand before a command for it to run as the container's user. */
  readonly asUser?: readonly string[]
  readonly limits?: ContainerLimits
  /** A file that holds the pod's network namespace; undefined: the machine's. */
  readonly namespacePath?: string
  /** `SIGQUIT`, `3`; undefined: SIGTERM. */
  readonly stopSignal?: string
  /** See ContainerSpec. */
  readonly stdin?: 'kept' | 'once'
  /** The container has a terminal of its own. */
  readonly tty?: boolean
  /** A directory that goes with this start. */
  readonly scratch?: string
  readonly env: Readonly<Record<string, string>>
}

/** The environment variable that marks all processes of a container. */
export const containerIdVariable = 'ASTERN_CONTAINER_ID'

/** Marks what a command in a container has started, to find it when its client goes. */
export const execIdVariable = 'ASTERN_EXEC_ID'

export function containerIdOf(launch: Launch): string {
  return `process://${launch.id}`
}

/** What the shim can be asked, and what it answers. All but `exec` may safely be asked twice. */
export interface ShimMethods {
  hello: { params: Record<string, never>; result: ShimGreeting }
  start: { params: { readonly launch: Launch }; result: ContainerRecord }
  find: { params: { readonly ref: ContainerRef }; result: ContainerRecord | null }
  stop: {
    params: { readonly ref: ContainerRef; readonly graceMs: number }
    result: Record<string, never>
  }
  /** Kills all that is left in a pod and forgets it; its files may be deleted then. */
  remove: { params: { readonly podUid: string }; result: Record<string, never> }
  exec: {
    params: {
      readonly ref: ContainerRef
      readonly command: readonly string[]
      readonly timeoutMs: number
    }
    result: ExecResult
  }
}

export type ShimMethod = keyof ShimMethods

export interface ShimGreeting {
  readonly pid: number
  readonly containers: readonly ContainerRecord[]
}

export type ShimRequest = {
  [M in ShimMethod]: {
    readonly id: number
    readonly method: M
    readonly params: ShimMethods[M]['params']
  }
}[ShimMethod]

export interface ShimFailure {
  readonly message: string
  /** Set for a StartFailed. */
  readonly reason?: StartFailureReason
}

export type ShimAnswer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly failure: ShimFailure }

/** One line from the shim: an answer, or the news that a container has ended. */
export type ShimMessage = ShimAnswer | { readonly exited: ContainerRecord }
