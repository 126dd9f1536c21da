/** What an OCI image says of how its containers run. */
export interface ImageConfig {
  readonly entrypoint: readonly string[]
  readonly cmd: readonly string[]
  /** `NAME=value` */
  readonly env: readonly string[]
  readonly workingDir: string
  /** `uid`, `uid:gid`, `name`, `name:group`, or empty: root. */
  readonly user: string
  /** `SIGTERM`, `15`, or empty. */
  readonly stopSignal: string
}

/** The parts of the configuration object that matter (OCI image-spec, config.md). */
export interface ConfigObject {
  readonly config?: {
    readonly Entrypoint?: readonly string[] | null
    readonly Cmd?: readonly string[] | null
    readonly Env?: readonly string[] | null
    readonly WorkingDir?: string
    readonly User?: string
    readonly StopSignal?: string
  }
  readonly rootfs?: { readonly diff_ids?: readonly string[] }
}

export function imageConfig({ config = {} }: ConfigObject): ImageConfig {
  return {
    entrypoint: config.Entrypoint ?? [],
    cmd: config.Cmd ?? [],
    env: config.Env ?? [],
    workingDir: config.WorkingDir ?? '',
    user: config.User ?? '',
    stopSignal: config.StopSignal ?? '',
  }
}
