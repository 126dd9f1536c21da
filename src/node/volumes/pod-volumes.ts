import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Container, Pod, Volume, VolumeMount } from '../../api/generated/types.ts'
import type { Clock, Timer } from '../../base/clock.ts'
import { expandVariables } from '../agent/expand.ts'
import type { Isolation, Mount } from '../runtime.ts'
import { type VolumeFile, writeAtomically } from './atomic-files.ts'
import { giveToGroup, groupReadable, volumeGroup } from './group-ownership.ts'
import { emptyDirectory, hostDirectory, subPathOf } from './host-directory.ts'
import {
  type ServiceAccountToken,
  type TokenSource,
  tokenRenewalMs,
  VolumeFailed,
  type VolumeSources,
  volumeContent,
} from './volume-files.ts'

export interface PodVolumesOptions {
  readonly clock: Clock
  readonly isolation: Pick<Isolation, 'volumesDir' | 'hiddenDir'>
  readonly sources: Omit<VolumeSources, 'podIp'>
}

interface HostVolume {
  readonly path: string
  /** Content that comes from the API is never a container's to change. */
  readonly isFromApi: boolean
}

/** The volumes of one pod as directories of this machine, kept as their sources say. */
export class PodVolumes {
  readonly #options: PodVolumesOptions
  #renewal: Timer | undefined
  #isStopped = false
  /** One at a time: two writers of one directory would undo each other. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: PodVolumesOptions) {
    const { clock, sources } = options
    this.#options = {
      ...options,
      sources: { ...sources, token: sources.token && untilRenewal(sources.token, clock) },
    }
  }

  /** Makes all volumes that the pod's containers mount. Rejects with VolumeFailed. */
  async setUp(pod: Pod, podIp: string): Promise<void> {
    for (const volume of usedVolumes(pod)) await this.#setUp(pod, volume, podIp)
  }

  /** What the container is to see where; after `setUp`. Rejects with VolumeFailed. */
  async mounts(
    pod: Pod,
    container: Container,
    env: ReadonlyMap<string, string>,
  ): Promise<readonly Mount[]> {
    const mounts: Mount[] = []
    for (const mount of container.volumeMounts ?? []) {
      const volume = (pod.spec?.volumes ?? []).find(({ name }) => name === mount.name)
      if (volume) mounts.push(await this.#mount(pod, { volume, mount, env }))
    }
    return mounts
  }

  /** The directory of a volume on this machine, for programs that cannot see it elsewhere. */
  directory(pod: Pod, volume: Volume): string {
    return join(this.#options.isolation.volumesDir(pod.metadata.uid ?? ''), volume.name)
  }

  /** What has been set up gets the content that its sources have now; what they lack, it keeps. */
  async refresh(pod: Pod, podIp: string): Promise<void> {
    for (const volume of usedVolumes(pod)) {
      if (!isFromApi(volume) || !existsSync(this.directory(pod, volume))) continue
      await this.#setUp(pod, volume, podIp).catch((error) => {
        if (!(error instanceof VolumeFailed)) throw error
      })
    }
  }

  stop(): void {
    this.#isStopped = true
    this.#renewal?.cancel()
  }

  #setUp(pod: Pod, volume: Volume, podIp: string): Promise<HostVolume> {
    const made = this.#last.then(() => this.#make(pod, volume, podIp)).catch(named(volume))
    this.#last = made.catch(() => {})
    return made
  }

  async #make(pod: Pod, volume: Volume, podIp: string): Promise<HostVolume> {
    const { isolation, sources } = this.#options
    const path = this.directory(pod, volume)
    const content = await volumeContent(pod, volume, { ...sources, podIp })
    const group = volumeGroup(pod)
    if (content) {
      await writeForGroup(path, content.files, group)
      if (content.renewAtMs !== undefined) this.#renewAt(content.renewAtMs, pod, podIp)
      return { path, isFromApi: true }
    }
    if (volume.hostPath) {
      return { path: await hostDirectory(volume.hostPath, isolation.hiddenDir), isFromApi: false }
    }
    if (!volume.emptyDir) throw new VolumeFailed(unserved(volume))
    await emptyDirectory(path, group)
    return { path, isFromApi: false }
  }

  #renewAt(atMs: number, pod: Pod, podIp: string): void {
    const { clock } = this.#options
    this.#renewal?.cancel()
    if (this.#isStopped) return
    const again = () =>
      void this.refresh(pod, podIp).catch(() => this.#renewAt(clock.now() + retryMs, pod, podIp))
    this.#renewal = clock.setTimeout(again, Math.max(atMs - clock.now(), retryMs))
  }

  async #mount(
    pod: Pod,
    {
      volume,
      mount,
      env,
    }: { volume: Volume; mount: VolumeMount; env: ReadonlyMap<string, string> },
  ): Promise<Mount> {
    const hostPath = volume.hostPath
      ? await hostDirectory(volume.hostPath, this.#options.isolation.hiddenDir).catch(named(volume))
      : this.directory(pod, volume)
    const subPath = mount.subPath || expandVariables(mount.subPathExpr ?? '', env)
    const canCreate = !isFromApi(volume)
    return {
      hostPath: subPath
        ? await subPathOf(hostPath, subPath, { canCreate }).catch(named(volume))
        : hostPath,
      containerPath: mount.mountPath,
      isReadOnly: mount.readOnly === true || isFromApi(volume),
    }
  }
}

const retryMs = 10_000

async function writeForGroup(
  dir: string,
  files: readonly VolumeFile[],
  group: number | undefined,
): Promise<void> {
  if (group === undefined) return writeAtomically(dir, files)
  const readable = files.map((file) => ({ ...file, mode: groupReadable(file.mode) }))
  await writeAtomically(dir, readable, (fresh) => giveToGroup(fresh, group))
}

/** One token serves until it is due to be replaced, however often it is asked for. */
function untilRenewal(source: TokenSource, clock: Clock): TokenSource {
  const kept = new Map<string, ServiceAccountToken>()
  return async (pod, projection) => {
    const key = `${projection.audience}/${projection.expirationSeconds}`
    const before = kept.get(key)
    if (before && clock.now() < tokenRenewalMs(before, projection)) return before
    const token = await source(pod, projection)
    kept.set(key, token)
    return token
  }
}

function named(volume: Volume): (error: unknown) => never {
  return (error) => {
    const { message } = error as Error
    throw new VolumeFailed(message, volume.name)
  }
}

function isFromApi({ configMap, secret, downwardAPI, projected }: Volume): boolean {
  return [configMap, secret, downwardAPI, projected].some((source) => source !== undefined)
}

function unserved(volume: Volume): string {
  const [type] = Object.keys(volume).filter((key) => key !== 'name')
  return `volumes of type ${type} are not served here; use emptyDir, hostPath, configMap, secret, projected or downwardAPI`
}

/** Those that some container of the pod mounts. */
function usedVolumes({ spec }: Pod): readonly Volume[] {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]
  const used = new Set(containers.flatMap((c) => (c.volumeMounts ?? []).map(({ name }) => name)))
  return (spec?.volumes ?? []).filter(({ name }) => used.has(name))
}

/** Whether a volume of the pod shows content of this ConfigMap or Secret. */
export function showsObject(pod: Pod, kind: 'configMap' | 'secret', name: string): boolean {
  return usedVolumes(pod).some(({ configMap, secret, projected }) => {
    const projections = projected?.sources ?? []
    return kind === 'configMap'
      ? configMap?.name === name || projections.some((source) => source.configMap?.name === name)
      : secret?.secretName === name || projections.some((source) => source.secret?.name === name)
  })
}

/** The volume that brings a pod its ServiceAccount's token: the system's own, not the user's. */
export function isSystemProjection({ projected }: Volume): boolean {
  return projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken) ?? false
}
