import type { ConfigMap, PodTemplateSpec } from '../api/generated/types.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../api/json.ts'
import { changeCauseAnnotation, lastAppliedAnnotation } from '../api/names.ts'
import { required } from '../base/assert.ts'
import type { Workload } from '../rollout/workload.ts'
import { type FieldDifference, fieldDifferences } from './field-differences.ts'
import { type FieldWriter, withoutOthersFields, writersOf } from './field-owners.ts'
import { findManifest, type GitManifest } from './manifests/git-manifests.ts'
import type { ObservedWorkload } from './observe-workload.ts'
import { provenanceKeys } from './provenance.ts'
import { comparableTemplate, defaultedWorkload } from './template.ts'

export interface ObjectDrift {
  /** `Deployment/app`, `ConfigMap/settings`. */
  readonly object: string
  /** `from`: Git, `to`: live. */
  readonly fields: readonly FieldDifference[]
  /** Who wrote what lives there instead, the last one first. */
  readonly writers: readonly FieldWriter[]
}

/**
 * The workload and the configuration it reads, field by field: without what the server defaults and
 * what other managers have for themselves.
 */
export function driftOf(
  { object: live, references, configMaps }: ObservedWorkload,
  manifest: GitManifest,
  manifests: readonly GitManifest[],
): readonly ObjectDrift[] {
  const namespace = live.metadata.namespace ?? ''
  const ofConfiguration = references.configMaps.flatMap((name) => {
    const git = findManifest(manifests, { kind: 'ConfigMap', namespace, name })?.object
    return git ? [configurationDrift(name, git, configMaps.get(name))] : []
  })
  const all = [workloadDrift(manifest.object, live), ...ofConfiguration]
  return all.filter(({ fields }) => fields.length > 0)
}

function configurationDrift(
  name: string,
  manifest: JsonObject,
  configMap: ConfigMap | undefined,
): ObjectDrift {
  const object = `ConfigMap/${name}`
  const content = ({ data, binaryData }: JsonObject): JsonObject => ({
    ...(data && { data }),
    ...(binaryData && { binaryData }),
  })
  if (!configMap) {
    return { object, fields: fieldDifferences(content(manifest), undefined), writers: [] }
  }
  const { git, live } = withoutOthersFields(configMap, manifest)
  const fields = fieldDifferences(content(git), content(live))
  const { data: _data, binaryData: _binaryData, ...rest } = live
  const asGit = { ...rest, ...content(git) }
  return { object, fields, writers: fields.length > 0 ? writersOf(configMap, asGit) : [] }
}

function workloadDrift(manifest: JsonObject, workload: Workload): ObjectDrift {
  const object = `${workload.kind}/${workload.metadata.name}`
  const { git, live } = withoutOthersFields(workload, manifest)
  const defaulted = (each: JsonObject) => required(defaultedWorkload(each), 'a workload')
  const meant = defaulted(git)
  const isSized = isJsonObject(git.spec) && Object.hasOwn(git.spec, 'replicas')
  const of = (each: Workload) => comparedSpec(each, isSized)
  const fields = [
    ...fieldDifferences(of(meant), of(defaulted(live))),
    ...metadataDifferences(git, workload),
  ]
  if (fields.length === 0) return { object, fields, writers: [] }
  const replicas = sizeOf(isSized ? meant : workload)
  const spec = { ...meant.spec, ...(replicas !== undefined && { replicas }) }
  const asGit = { ...workload, spec } as unknown as JsonObject
  return { object, fields, writers: writersOf(workload, asGit) }
}

function sizeOf({ spec }: Workload): number | undefined {
  return spec && 'replicas' in spec ? spec.replicas : undefined
}

function comparedSpec({ spec }: Workload, isSized: boolean): JsonValue {
  const { replicas, template, volumeClaimTemplates, ...rest } = spec as unknown as JsonObject
  const shown: JsonObject = {
    ...rest,
    template: comparableTemplate(template as PodTemplateSpec) as unknown as JsonValue,
    ...(volumeClaimTemplates !== undefined && {
      volumeClaimTemplates: comparedClaims(volumeClaimTemplates),
    }),
  }
  return { spec: isSized && replicas !== undefined ? { ...shown, replicas } : shown }
}

/**
 * Templates of claims without what the server says of them and nobody writes: their kind, and that
 * they are pending. What is no list stays as it is.
 */
export function comparedClaims(claims: JsonValue | undefined): JsonValue {
  return Array.isArray(claims) ? claims.map(comparedClaim) : (claims ?? null)
}

function comparedClaim(claim: JsonValue): JsonValue {
  if (!isJsonObject(claim)) return claim
  const { apiVersion: _, kind: _kind, status: _status, metadata, ...rest } = claim
  if (!isJsonObject(metadata)) return rest
  const { creationTimestamp: _at, ...given } = metadata
  return { ...rest, metadata: given }
}

const ourOwn = new Set([...provenanceKeys, changeCauseAnnotation, lastAppliedAnnotation])

/** Labels and annotations that Git gives; others may have added their own. */
function metadataDifferences(
  manifest: JsonObject,
  { metadata }: Workload,
): readonly FieldDifference[] {
  const git = isJsonObject(manifest.metadata) ? manifest.metadata : {}
  return (['labels', 'annotations'] as const).flatMap((field) => {
    const given = isJsonObject(git[field]) ? git[field] : {}
    const keys = Object.keys(given).filter((key) => !ourOwn.has(key))
    const pick = (from: { readonly [key: string]: JsonValue | undefined }) =>
      Object.fromEntries(keys.map((key) => [key, from[key]]))
    return fieldDifferences(pick(given), pick(metadata[field] ?? {}), `metadata.${field}`)
  })
}
