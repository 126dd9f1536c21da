import type {
  ConfigMapVolumeSource,
  DownwardAPIVolumeFile,
  KeyToPath,
  Pod,
  ProjectedVolumeSource,
  ServiceAccountTokenProjection,
  Volume,
  VolumeProjection,
} from '../../api/generated/types.ts'
import { podField, type ResourceAmounts, resourceValue } from '../agent/downward.ts'
import type { ReferenceReader } from '../agent/reference-reader.ts'
import type { VolumeFile } from './atomic-files.ts'

/** A volume cannot be set up; the message goes into the Event. */
export class VolumeFailed extends Error {
  override readonly name = 'VolumeFailed'
  /** The volume's name; empty where the caller knows it. */
  readonly volume: string

  constructor(message: string, volume = '') {
    super(message)
    this.volume = volume
  }
}

export interface ServiceAccountToken {
  readonly token: string
  readonly expiresAtMs: number
}

/** A token for the pod's ServiceAccount, bound to the pod. */
export type TokenSource = (
  pod: Pod,
  projection: ServiceAccountTokenProjection,
) => Promise<ServiceAccountToken>

export interface VolumeSources {
  readonly reader: ReferenceReader
  readonly podIp: string
  readonly allocatable: ResourceAmounts
  /** undefined: there are no tokens to be had, and volumes lack them. */
  readonly token: TokenSource | undefined
}

export interface VolumeContent {
  readonly files: readonly VolumeFile[]
  /** When a token among the files has to be renewed (milliseconds since the epoch). */
  readonly renewAtMs: number | undefined
}

const usualMode = 0o644
/** Of a token's life passes before it is renewed, as a kubelet does. */
const renewalShare = 0.8

/**
 * What the volume holds now, for the kinds whose content comes from the API; undefined for any
 * other kind. Rejects with VolumeFailed.
 */
export async function volumeContent(
  pod: Pod,
  volume: Volume,
  sources: VolumeSources,
): Promise<VolumeContent | undefined> {
  const { configMap, secret, downwardAPI, projected } = volume
  const content = new ContentBuilder(pod, sources)
  if (configMap) await content.configMap(configMap, configMap.defaultMode)
  else if (secret) await content.secret({ ...secret, name: secret.secretName }, secret.defaultMode)
  else if (downwardAPI) content.downward(downwardAPI.items ?? [], downwardAPI.defaultMode)
  else if (projected) await content.projected(projected)
  else return undefined
  return content.result()
}

type KeyedSource = Pick<ConfigMapVolumeSource, 'name' | 'items' | 'optional'>

/** Collects the files of one volume; a later source wins over an earlier one's path. */
class ContentBuilder {
  readonly #pod: Pod
  readonly #sources: VolumeSources
  readonly #files = new Map<string, VolumeFile>()
  #renewAtMs: number | undefined

  constructor(pod: Pod, sources: VolumeSources) {
    this.#pod = pod
    this.#sources = sources
  }

  result(): VolumeContent {
    return { files: [...this.#files.values()], renewAtMs: this.#renewAtMs }
  }

  async configMap(source: KeyedSource, mode: number | undefined): Promise<void> {
    const { name = '', optional } = source
    const found = await this.#sources.reader.configMap(this.#namespace, name)
    if (!found && !optional) throw new VolumeFailed(`configmap "${name}" not found`)
    const data = new Map([
      ...Object.entries(found?.data ?? {}).map(([key, text]) => [key, Buffer.from(text)] as const),
      ...decoded(found?.binaryData),
    ])
    this.#addKeys(data, source, { kind: 'config', mode })
  }

  async secret(source: KeyedSource, mode: number | undefined): Promise<void> {
    const { name = '', optional } = source
    const found = await this.#sources.reader.secret(this.#namespace, name)
    if (!found && !optional) throw new VolumeFailed(`secret "${name}" not found`)
    this.#addKeys(new Map(decoded(found?.data)), source, { kind: 'secret', mode })
  }

  downward(items: readonly DownwardAPIVolumeFile[], mode: number | undefined): void {
    for (const item of items) {
      this.#add(item.path, Buffer.from(this.#downwardText(item)), item.mode ?? mode)
    }
  }

  async projected({ sources, defaultMode }: ProjectedVolumeSource): Promise<void> {
    for (const source of sources ?? []) await this.#project(source, defaultMode)
  }

  async #project(source: VolumeProjection, mode: number | undefined): Promise<void> {
    const { configMap, secret, downwardAPI, serviceAccountToken } = source
    if (configMap) await this.configMap(configMap, mode)
    else if (secret) await this.secret(secret, mode)
    else if (downwardAPI) this.downward(downwardAPI.items ?? [], mode)
    else if (serviceAccountToken) await this.#token(serviceAccountToken, mode)
    else throw new VolumeFailed(`projection of ${Object.keys(source).join()} is not served`)
  }

  async #token(projection: ServiceAccountTokenProjection, mode: number | undefined): Promise<void> {
    const got = await this.#sources.token?.(this.#pod, projection)
    if (!got) return
    const renewAtMs = tokenRenewalMs(got, projection)
    this.#renewAtMs = Math.min(this.#renewAtMs ?? renewAtMs, renewAtMs)
    this.#add(projection.path, Buffer.from(got.token), mode)
  }

  #addKeys(
    data: ReadonlyMap<string, Uint8Array>,
    { items, optional }: KeyedSource,
    { kind, mode }: { readonly kind: 'config' | 'secret'; readonly mode: number | undefined },
  ): void {
    const all: readonly KeyToPath[] = [...data.keys()].map((key) => ({ key, path: key }))
    for (const item of items ?? all) {
      const content = data.get(item.key)
      if (content) this.#add(item.path, content, item.mode ?? mode)
      else if (!optional) throw new VolumeFailed(`references non-existent ${kind} key: ${item.key}`)
    }
  }

  #downwardText({ fieldRef, resourceFieldRef, path }: DownwardAPIVolumeFile): string {
    if (fieldRef) {
      const value = podField(this.#pod, fieldRef.fieldPath, this.#sources.podIp)
      if (value === undefined)
        throw new VolumeFailed(`unsupported fieldPath: ${fieldRef.fieldPath}`)
      return value
    }
    const { containers = [], initContainers = [] } = this.#pod.spec ?? {}
    const named = [...containers, ...initContainers].find(
      ({ name }) => name === resourceFieldRef?.containerName,
    )
    if (!resourceFieldRef || !named) throw new VolumeFailed(`nothing is named for the file ${path}`)
    return resourceValue(named, resourceFieldRef, this.#sources.allocatable)
  }

  #add(path: string, content: Uint8Array, mode = usualMode): void {
    this.#files.set(path, { path, content, mode })
  }

  get #namespace(): string {
    return this.#pod.metadata.namespace ?? ''
  }
}

/** When a token is to be replaced (milliseconds since the epoch). */
export function tokenRenewalMs(
  { expiresAtMs }: ServiceAccountToken,
  { expirationSeconds = 3600 }: ServiceAccountTokenProjection,
): number {
  return expiresAtMs - Number(expirationSeconds) * 1000 * (1 - renewalShare)
}

function decoded(
  data: Readonly<Record<string, string>> | undefined,
): (readonly [string, Buffer])[] {
  return Object.entries(data ?? {}).map(
    ([key, text]) => [key, Buffer.from(text, 'base64')] as const,
  )
}
