import type { ConfigMap, Deployment } from '../api/generated/types.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../api/json.ts'
import { changeCauseAnnotation, lastAppliedAnnotation } from '../api/names.ts'
import { type FieldDifference, fieldDifferences } from './field-differences.ts'
import { type FieldWriter, withoutOthersFields, writersOf } from './field-owners.ts'
import { findManifest, type GitManifest } from './manifests/git-manifests.ts'
import type { ObservedWorkload } from './observe-workload.ts'
import { provenanceKeys } from './provenance.ts'
import { comparableTemplate, defaultedDeployment } from './template.ts'

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
  { deployment, references, configMaps }: ObservedWorkload,
  manifest: GitManifest,
  manifests: readonly GitManifest[],
): readonly ObjectDrift[] {
  const namespace = deployment.metadata.namespace ?? ''
  const ofConfiguration = references.configMaps.flatMap((name) => {
    const git = findManifest(manifests, { kind: 'ConfigMap', namespace, name })?.object
    return git ? [configurationDrift(name, git, configMaps.get(name))] : []
  })
  const all = [workloadDrift(manifest.object, deployment), ...ofConfiguration]
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

function workloadDrift(manifest: JsonObject, deployment: Deployment): ObjectDrift {
  const object = `Deployment/${deployment.metadata.name}`
  const { git, live } = withoutOthersFields(deployment, manifest)
  const meant = defaultedDeployment(git)
  const isSized = isJsonObject(git.spec) && Object.hasOwn(git.spec, 'replicas')
  const of = (each: Deployment) => comparedSpec(each, isSized)
  const fields = [
    ...fieldDifferences(of(meant), of(defaultedDeployment(live))),
    ...metadataDifferences(git, deployment),
  ]
  if (fields.length === 0) return { object, fields, writers: [] }
  const { replicas } = (isSized ? meant.spec : deployment.spec) ?? {}
  const spec = { ...meant.spec, replicas }
  const asGit = { ...deployment, spec } as unknown as JsonObject
  return { object, fields, writers: writersOf(deployment, asGit) }
}

function comparedSpec({ spec }: Deployment, isSized: boolean): JsonValue {
  const { replicas, template, ...rest } = spec as NonNullable<Deployment['spec']>
  const shown = { ...rest, template: comparableTemplate(template) }
  return { spec: isSized ? { ...shown, replicas } : shown } as unknown as JsonValue
}

const ourOwn = new Set([...provenanceKeys, changeCauseAnnotation, lastAppliedAnnotation])

/** Labels and annotations that Git gives; others may have added their own. */
function metadataDifferences(
  manifest: JsonObject,
  { metadata }: Deployment,
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
