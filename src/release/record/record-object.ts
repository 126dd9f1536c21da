import type {
  ConfigMap,
  ObjectMeta,
  OwnerReference,
  PodTemplateSpec,
  Secret,
} from '../../api/generated/types.ts'
import { deepFreeze, isJsonObject, parseJson, stringifyJson } from '../../api/json.ts'
import {
  gitOwedAnnotation,
  healthAnnotation,
  healthAtAnnotation,
  healthWhyAnnotation,
  imageIdsAnnotation,
  operationsAnnotation,
  pinnedAnnotation,
  ranAsRevisionAnnotation,
  recordLabel,
  workloadUidLabel,
} from '../../api/names.ts'
import type { KubeObject } from '../../api/object.ts'
import { oncePerFrozen } from '../../base/memo.ts'
import { digest } from '../template.ts'
import { type ConfigContent, contentDigest, contentOf } from './configuration.ts'
import type { GitDebt, Health, Release, ReleaseData, ReleaseFacts } from './release.ts'

export type RecordKind = 'release' | 'configuration' | 'journal'

const formatVersion = 1

/** Selects the records of a workload, of one kind. */
export function recordSelector(workload: KubeObject, kind: RecordKind): string {
  return `${recordLabel}=${kind},${workloadUidLabel}=${workload.metadata.uid}`
}

/** At most 253 characters, and another workload's never: the uid is in it. */
export function recordName(workload: KubeObject, suffix: string): string {
  const { name = '', uid = '' } = workload.metadata
  return `astern-${name.slice(0, 180)}-${digest(uid).slice(0, 8)}-${suffix}`
}

/** Owned, so that it goes with the workload, but not controlled; its labels are no workload's. */
export function recordMeta(workload: KubeObject, kind: RecordKind, suffix: string): ObjectMeta {
  return {
    name: recordName(workload, suffix),
    namespace: workload.metadata.namespace,
    labels: { [recordLabel]: kind, [workloadUidLabel]: workload.metadata.uid ?? '' },
    ownerReferences: [ownerReference(workload)],
  }
}

function ownerReference(workload: KubeObject): OwnerReference {
  const { name = '', uid = '' } = workload.metadata
  return { apiVersion: workload.apiVersion, kind: workload.kind, name, uid }
}

export function releaseObject(workload: KubeObject, data: ReleaseData): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: recordMeta(workload, 'release', `r${data.number}`),
    immutable: true,
    data: { version: String(formatVersion), release: stringifyJson(data) },
  }
}

/** Content under the name of its digest, shared by all releases of the workload that have it. */
export function configurationObject(workload: KubeObject, content: ConfigContent): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: recordMeta(workload, 'configuration', `c${contentDigest(content)}`),
    immutable: true,
    ...contentOf(content),
  }
}

export function configurationName(workload: KubeObject, contentDigest: string): string {
  return recordName(workload, `c${contentDigest}`)
}

/**
 * The content of a Secret that asks to be kept; a Secret itself, so that nobody reads it who may
 * not.
 */
export function keptSecretObject(workload: KubeObject, { data, type }: Secret): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: recordMeta(workload, 'configuration', `s${keptDigest(data)}`),
    immutable: true,
    ...(type && { type }),
    ...(data && { data }),
  }
}

export function keptDigest(data: Secret['data']): string {
  return digest(data ?? {}).slice(0, 16)
}

export function keptSecretName(workload: KubeObject, kept: string): string {
  return recordName(workload, `s${kept}`)
}

/**
 * undefined for what is no release that this version can read. A frozen object is read once: all
 * releases of a workload are looked at whenever anything about it changes.
 */
export const parseRelease = oncePerFrozen((object: ConfigMap) => deepFreeze(readRelease(object)))

function readRelease(object: ConfigMap): Release | undefined {
  const { metadata, data } = object
  if (metadata.labels?.[recordLabel] !== 'release' || data?.version !== String(formatVersion)) {
    return undefined
  }
  const read = readJson(data.release)
  if (!isJsonObject(read) || typeof read.number !== 'number') return undefined
  const written = read as unknown as ReleaseData
  return {
    ...written,
    template: written.template as PodTemplateSpec,
    ...factsOf(metadata.annotations ?? {}),
    name: metadata.name ?? '',
  }
}

function readJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : parseJson(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function factsOf(annotations: { readonly [key: string]: string }): ReleaseFacts {
  const health = annotations[healthAnnotation]
  const imageIds = readJson(annotations[imageIdsAnnotation])
  const gitOwed = readJson(annotations[gitOwedAnnotation])
  return {
    health: health === 'healthy' || health === 'failed' ? health : 'unknown',
    healthAt: annotations[healthAtAnnotation],
    why: annotations[healthWhyAnnotation],
    imageIds: isJsonObject(imageIds) ? (imageIds as { readonly [key: string]: string }) : {},
    revision: annotations[ranAsRevisionAnnotation],
    operations: annotations[operationsAnnotation]?.split(',') ?? [],
    isPinned: annotations[pinnedAnnotation] === 'true',
    gitOwed: isJsonObject(gitOwed) ? (gitOwed as unknown as GitDebt) : undefined,
  }
}

export interface Verdict {
  readonly health: Health
  readonly at: string
  readonly why?: string
}

/** What to merge into a record's annotations; null takes away. */
export type FactChanges = { readonly [annotation: string]: string | null }

export function verdictChanges({ health, at, why }: Verdict): FactChanges {
  return {
    [healthAnnotation]: health,
    [healthAtAnnotation]: at,
    [healthWhyAnnotation]: why ?? null,
  }
}

export function debtChanges(debt: GitDebt | undefined): FactChanges {
  return { [gitOwedAnnotation]: debt === undefined ? null : stringifyJson(debt) }
}
