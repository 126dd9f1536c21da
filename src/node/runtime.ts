import type {
  AttachOptions,
  ExecOptions,
  LogOptions,
  PortConnection,
  RemoteCommand,
} from '../api/seams.ts'

/** Names one attempt of one container: `restart` 0 is the first start. */
export interface ContainerRef {
  readonly podUid: string
  readonly container: string
  readonly restart: number
}

/** A ref as the key of a map; begins with the pod's uid and a slash. */
export function refKey({ podUid, container, restart }: ContainerRef): string {
  return `${podUid}/${container}/${restart}`
}

/**
 * What a pod gets before its containers: an address and, where pods share the host's network,
 * ports.
 */
export interface SandboxSpec {
  readonly podUid: string
  readonly namespace: string
  readonly name: string
  /** Every declared TCP container port, in order of declaration. */
  readonly ports: readonly ContainerPort[]
  /** The pod has asked for the machine's own network, wherever others have theirs. */
  readonly isHostNetwork?: boolean
  /** What containers of their own need to know of their pod; others take no notice. */
  readonly isolation?: SandboxIsolation
}

export interface SandboxIsolation {
  /** undefined: the pod's name. */
  readonly hostname: string | undefined
  readonly isHostPid: boolean
  readonly isHostIpc: boolean
  /** All containers of the pod see each other's processes. */
  readonly sharesProcesses: boolean
  /** One of its containers is to be privileged. */
  readonly isPrivileged: boolean
  readonly sysctls: Readonly<Record<string, string>>
  readonly hostAliases: readonly HostAlias[]
}

export interface HostAlias {
  readonly ip: string
  readonly hostnames: readonly string[]
}

export interface ContainerPort {
  readonly containerPort: number
  readonly name: string | undefined
  /** Taken as it is when set. */
  readonly hostPort: number | undefined
}

export interface Sandbox {
  readonly podUid: string
  readonly ip: string
  /**
   * Container port -> real port at `ip`. Empty where pods have addresses of their own. Key 0 is
   * the default port of a pod that declares none, which any undeclared numeric targetPort means
   * (design: ports of process pods).
   */
  readonly ports: Readonly<Record<number, number>>
  /**
   * What the runtime puts into every container of the pod and no manifest can override (`PORT`,
   * `PORT_<NAME>`, `PORT_<NUMBER>`). The agent uses it for `$(VAR)` and to say which literals it
   * overrides. Empty where `ports` is.
   */
  readonly env: readonly EnvVar[]
}

export interface EnvVar {
  readonly name: string
  readonly value: string
}

/** A file or directory of this machine that a container sees at a path of its own. */
export interface Mount {
  readonly hostPath: string
  /** Absolute; need not exist anywhere. */
  readonly containerPath: string
  readonly isReadOnly: boolean
}

/** What a container may use at most; undefined: as much as there is. */
export interface ContainerLimits {
  readonly cpuMillis: number | undefined
  readonly memoryBytes: number | undefined
}

/** Whom a container runs as. */
export interface ContainerUser {
  readonly uid: number
  /** undefined: the image's, else 0. */
  readonly gid: number | undefined
  readonly supplementalGroups: readonly number[]
}

/** What a container may do beyond or below what its runtime lets containers do. */
export interface ContainerSecurity {
  readonly isPrivileged: boolean
  readonly isRootReadOnly: boolean
  readonly mayGainPrivileges: boolean
  readonly addCapabilities: readonly string[]
  readonly dropCapabilities: readonly string[]
  /** Of the pod; for a container that runs as whoever its image says. */
  readonly supplementalGroups: readonly number[]
  /** undefined: none. `Localhost` names a file of this machine. */
  readonly seccomp:
    | { readonly type: 'RuntimeDefault' | 'Unconfined' }
    | { readonly type: 'Localhost'; readonly path: string }
    | undefined
}

export interface ContainerSpec extends ContainerRef {
  readonly namespace: string
  readonly podName: string
  readonly image: string
  /** `command` and `args` of the manifest, `$(VAR)` expanded; empty = the image's own. */
  readonly command: readonly string[]
  readonly args: readonly string[]
  readonly workingDir: string | undefined
  /**
   * In order; a later one of the same name wins. The runtime's own (`PORT`, `PORT_<NAME>`, …) win
   * over all.
   */
  readonly env: readonly EnvVar[]
  /** Refused with StartFailed where there is a hindrance (`Isolation`). */
  readonly mounts: readonly Mount[]
  /**
   * What is mounted, too, in a container that has a file tree of its own, and made for such a one
   * only; nothing is refused for want of it.
   */
  readonly systemMounts: () => Promise<readonly Mount[]>
  /** undefined: the image's, else the one who runs the engine. */
  readonly user: ContainerUser | undefined
  /** Held where they can be (`Isolation`). */
  readonly limits: ContainerLimits
  /** Who is attached can write to it; `once`: until the first one has gone. undefined: empty. */
  readonly stdin?: 'kept' | 'once'
  /** It runs on a terminal of its own, whose output is all stdout. */
  readonly tty?: boolean
  /** Its share of the processors when all are busy, in thousandths of one. */
  readonly cpuRequestMillis?: number | undefined
  /** Only where containers are the kernel's own matter (`containerd`). */
  readonly security?: ContainerSecurity
}

export type ContainerState =
  | { readonly phase: 'running'; readonly startedAtMs: number }
  | {
      readonly phase: 'exited'
      readonly startedAtMs: number
      readonly finishedAtMs: number
      /**
       * 128 + signal for a death by signal; undefined when nobody recorded it
       * (ContainerStatusUnknown).
       */
      readonly exitCode: number | undefined
      /** undefined where the runtime cannot tell it from an exit code over 128. */
      readonly signal: number | undefined
      /** The kernel has ended it for want of memory. */
      readonly isOutOfMemory?: boolean
    }

export interface ContainerRecord extends ContainerRef {
  /** `process://<id>`, `simulated://<id>`, …: status.containerStatuses[].containerID. */
  readonly containerId: string
  readonly image: string
  /** The digest of what runs. */
  readonly imageId: string
  readonly state: ContainerState
}

export interface ImageStatus {
  readonly imageId: string
  readonly sizeBytes: number
  /** Whom its containers run as unless told otherwise: a uid, or a name. */
  readonly user?: number | string
}

/** An image that came with a pull, whatever else the machine has. */
export interface PulledImage {
  readonly imageId: string
  /** Full references: all of its names. */
  readonly references: readonly string[]
  readonly sizeBytes: number
  readonly pulledAtMs: number
  /** Some container is made of it, whosever that is. */
  readonly isUsed: boolean
}

export interface PulledImages {
  list(): Promise<readonly PulledImage[]>
  remove(image: PulledImage): Promise<void>
  /** Of the file system that holds images. */
  disk(): Promise<{ readonly freeBytes: number; readonly bytes: number }>
}

/** For one registry, or a part of it; tried one after the other. */
export interface RegistryLogin {
  readonly username: string
  readonly password: string
  readonly identityToken: string
}

export interface PullOptions {
  /** Default: as somebody unknown. */
  readonly logins?: readonly RegistryLogin[]
  /** What `imageStatus` has just said of the image, for who was asked. */
  readonly before?: { readonly status: ImageStatus | undefined }
}

export interface ExecResult {
  /** undefined: it did not end within the time given, and was killed. */
  readonly exitCode: number | undefined
  /** stdout and stderr as they came, at most 10 KiB. */
  readonly output: string
}

export type ExecStreamOptions = Omit<ExecOptions, 'container'>

export type AttachStreamOptions = Omit<AttachOptions, 'container'>

export type ImageFailureReason = 'ErrImagePull' | 'InvalidImageName'

/** The image is not here and cannot be had; the message says how to add it (F-03, F-05). */
export class ImageUnavailable extends Error {
  override readonly name = 'ImageUnavailable'
  readonly reason: ImageFailureReason

  constructor(message: string, reason: ImageFailureReason = 'ErrImagePull') {
    super(message)
    this.reason = reason
  }
}

export type StartFailureReason =
  | 'CreateContainerConfigError'
  | 'CreateContainerError'
  | 'RunContainerError'

/**
 * The container cannot be started as it is described (program missing, not executable, snapshot
 * gone, …).
 */
export class StartFailed extends Error {
  override readonly name = 'StartFailed'
  readonly reason: StartFailureReason

  constructor(reason: StartFailureReason, message: string) {
    super(message)
    this.reason = reason
  }
}

/** How containers come by files, and a user, of their own. */
export interface Isolation {
  /** Where the agent keeps a pod's volumes; gone with the sandbox. Only a `Mount` shows them. */
  volumesDir(podUid: string): string
  /** What no container may see. */
  readonly hiddenDir: string
  /** Why containers can have neither here, and what would help; undefined: they can. */
  hindrance(): Promise<string | undefined>
  /** Every container has a root of its own and its image's user: another mount costs nothing. */
  readonly hasOwnRoots?: true
  /** Why limits are not held here, and what would help; undefined: they are. */
  readonly limitHindrance: string | undefined
}

/**
 * What runs containers. It knows no API objects and takes no decision: the agent decides.
 *
 * Invariants. Every call is idempotent: a second `runSandbox` or `startContainer` for the same ref
 * returns what the first made. Containers outlive the agent's process; a new agent finds them
 * through `sandboxes` and `containers`. A ref, once started, is never started again. Nothing is
 * signalled whose identity (pid, start time, boot) is not the recorded one.
 */
export interface Runtime {
  /**
   * `process`, `containerd`, `simulated`: node.status.nodeInfo.containerRuntimeVersion begins with
   * it.
   */
  readonly name: string
  /** Of the program that runs the containers, if it is not Astern. */
  readonly version?: string
  /** undefined: containers are no programs, so that they lack nothing. */
  readonly isolation: Isolation | undefined
  imageStatus(image: string): Promise<ImageStatus | undefined>
  /** Makes the image present. Rejects with ImageUnavailable. */
  pullImage(image: string, options?: PullOptions): Promise<ImageStatus>
  runSandbox(spec: SandboxSpec): Promise<Sandbox>
  sandboxes(): Promise<readonly Sandbox[]>
  /** Kills what is left in it; then, or soon after, frees its ports and deletes its files. */
  removeSandbox(podUid: string): Promise<void>
  /** Rejects with StartFailed or ImageUnavailable. */
  startContainer(spec: ContainerSpec): Promise<ContainerRecord>
  /**
   * SIGTERM, then SIGKILL after `graceMs` (0: at once). Resolves when the container and all it
   * started are gone. A repeated call may only shorten.
   */
  stopContainer(ref: ContainerRef, graceMs: number): Promise<void>
  /**
   * All that run, and of each container the last one that ended, until their sandbox is removed.
   */
  containers(): Promise<readonly ContainerRecord[]>
  /** Runs a command with the container's env and directory. Rejects if it cannot be started. */
  exec(ref: ContainerRef, command: readonly string[], timeoutMs: number): Promise<ExecResult>
  /**
   * As `exec`, with somebody connected to it: `signal` kills the command and all it has started.
   */
  execStream(
    ref: ContainerRef,
    options: ExecStreamOptions,
    signal: AbortSignal,
  ): Promise<RemoteCommand>
  /**
   * Everything that a running container prints from now on, as it comes; stdin goes to it if it was
   * started with one. `exit` is 0 when the container has ended, `signal` only goes away. undefined:
   * containers are no programs.
   */
  attach?(
    ref: ContainerRef,
    options: AttachStreamOptions,
    signal: AbortSignal,
  ): Promise<RemoteCommand>
  /** A port as programs in the pod see it; else it is reached at the pod's address. */
  connectPort?(podUid: string, port: number, signal: AbortSignal): Promise<PortConnection>
  /** CRI log lines are stored; this yields their content, with timestamps only if asked. */
  readLog(ref: ContainerRef, options: LogOptions, signal: AbortSignal): AsyncIterable<Uint8Array>
  /**
   * Called after a container has ended, its record says so and its log is whole. Returns the
   * unsubscribe function.
   */
  onExit(listener: (record: ContainerRecord) => void): () => void
  /**
   * Called when a pod's sandbox is lost, and what ran in it has ended: a later `runSandbox` makes
   * another. undefined: no sandbox is ever lost. Returns the unsubscribe function.
   */
  onSandboxLost?(listener: (podUid: string) => void): () => void
  /** Why nothing can be started at present; undefined: it can. */
  trouble?(): string | undefined
  /** Images that it has got for its pods, and can get again; undefined: it gets none by itself. */
  readonly pulled?: PulledImages
  /** Takes from the machine what sandboxes have of it, but their files: nothing runs any more. */
  withdraw?(): Promise<void>
  /** Lets go of what runs without stopping it. */
  close(): Promise<void>
}
