import type { PodTemplateSpec } from '../api/generated/types.ts'
import type { JsonValue } from '../api/json.ts'
import type { KubeObject } from '../api/object.ts'
import { configMaps } from '../api/scheme.ts'
import type { Transport } from '../api/transport.ts'
import { type FieldDifference, fieldDifferences } from './field-differences.ts'
import { type AppPaths, findManifest, manifestsAt } from './manifests/git-manifests.ts'
import { found, type ObservedWorkload } from './observe-workload.ts'
import {
  type ConfigContent,
  contentOf,
  manifestContent,
  referencesOf,
} from './record/configuration.ts'
import { configurationName } from './record/record-object.ts'
import type { RecordedSecret, Release, WorkloadKey } from './record/release.ts'
import { ReleaseError } from './release-error.ts'
import { releaseLabel } from './release-label.ts'
import { comparableTemplate, templateOf } from './template.ts'

/** Anything that can be compared: what a workload is made of at one point. */
export interface Snapshot {
  /** `r3`, `commit 1f2e3d4c5b6a`, `live`. */
  readonly label: string
  readonly template: PodTemplateSpec
  /** By name; undefined: there is none, or its content is not known here. */
  readonly configuration: ReadonlyMap<string, ConfigContent | undefined>
  /** Name -> hash; undefined: not known. Never content. */
  readonly secrets: ReadonlyMap<string, string | undefined>
}

export interface SnapshotDiff {
  readonly from: string
  readonly to: string
  readonly template: readonly FieldDifference[]
  readonly configuration: readonly {
    readonly name: string
    readonly fields: readonly FieldDifference[]
  }[]
  readonly secrets: readonly { readonly name: string; readonly change: SecretChange }[]
}

export type SecretChange = 'changed' | 'unchanged' | 'added' | 'removed' | 'unknown'

/** What differs; nothing of a Secret but whether it does. */
export function diffSnapshots(from: Snapshot, to: Snapshot): SnapshotDiff {
  const names = (a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>) =>
    [...new Set([...a.keys(), ...b.keys()])].sort()
  return {
    from: from.label,
    to: to.label,
    template: fieldDifferences(json(from.template), json(to.template)),
    configuration: names(from.configuration, to.configuration).flatMap((name) => {
      const [before, after] = [from.configuration.get(name), to.configuration.get(name)]
      const fields = fieldDifferences(before as JsonValue, after as JsonValue)
      return fields.length > 0 ? [{ name, fields }] : []
    }),
    secrets: names(from.secrets, to.secrets).map((name) => ({
      name,
      change: secretChange(name, from, to),
    })),
  }
}

function json(template: PodTemplateSpec): JsonValue {
  return comparableTemplate(template) as unknown as JsonValue
}

function secretChange(name: string, from: Snapshot, to: Snapshot): SecretChange {
  if (!from.secrets.has(name)) return 'added'
  if (!to.secrets.has(name)) return 'removed'
  const [before, after] = [from.secrets.get(name), to.secrets.get(name)]
  if (before === undefined || after === undefined) return 'unknown'
  return before === after ? 'unchanged' : 'changed'
}

function hashes(secrets: readonly RecordedSecret[]): Snapshot['secrets'] {
  return new Map(secrets.map(({ name, hash }) => [name, hash]))
}

export async function snapshotOfRelease(
  transport: Transport,
  workload: KubeObject,
  release: Release,
): Promise<Snapshot> {
  const { namespace } = workload.metadata
  const configuration = new Map<string, ConfigContent | undefined>()
  for (const { name, digest } of release.configMaps) {
    const key = digest && { namespace, name: configurationName(workload, digest) }
    const kept = key ? await found(transport.get(configMaps, key)) : undefined
    configuration.set(name, kept && contentOf(kept))
  }
  const { template, secrets, number } = release
  return { label: releaseLabel(number), template, configuration, secrets: hashes(secrets) }
}

/** `secrets`: hashed, as a record has them (see `planRecord`). */
export function snapshotOfLive(
  { template, references, configMaps: live }: ObservedWorkload,
  secrets: readonly RecordedSecret[],
): Snapshot {
  const configuration = new Map(
    references.configMaps.map((name) => {
      const configMap = live.get(name)
      return [name, configMap && contentOf(configMap)] as const
    }),
  )
  return { label: 'live', template, configuration, secrets: hashes(secrets) }
}

/** Rejects with ReleaseError when the commit has no such workload. */
export async function snapshotOfCommit(
  app: AppPaths,
  commit: string,
  workload: WorkloadKey,
): Promise<Snapshot> {
  const manifests = await manifestsAt(app, commit)
  const manifest = findManifest(manifests, workload)
  const template = manifest && templateOf(manifest.object)
  if (!template) throw new ReleaseError(`the commit ${commit.slice(0, 12)} has no ${workload.name}`)
  const { namespace } = workload
  const references = referencesOf(template)
  const configuration = new Map(
    references.configMaps.map((name) => {
      const object = findManifest(manifests, { kind: 'ConfigMap', namespace, name })?.object
      return [name, object && manifestContent(object)] as const
    }),
  )
  const secrets = new Map(references.secrets.map((name) => [name, undefined] as const))
  return { label: `commit ${commit.slice(0, 12)}`, template, configuration, secrets }
}
