import type { PodTemplateSpec } from '../../api/generated/types.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../api/json.ts'
import { changeCauseAnnotation, lastAppliedAnnotation } from '../../api/names.ts'
import type { Patch } from '../../api/transport.ts'
import type { Workload } from '../../rollout/workload.ts'
import { lastApplied, lastAppliedText } from '../manifests/last-applied.ts'
import { reviseManifest } from '../manifests/revise-template.ts'
import { provenanceAnnotations, provenanceKeys, type Writing } from '../provenance.ts'
import { rulesOf } from '../workload/rules-of.ts'

export interface TemplateChange {
  readonly template: PodTemplateSpec
  /**
   * The manifest that makes it, where one is known: whatever else it says of the workload goes
   * along.
   */
  readonly manifest: JsonObject | undefined
  readonly writing: Writing
  /** Take the pause away too. */
  readonly resume: boolean
}

type Annotations = { readonly [key: string]: string }

/** What stays as it lives whatever a manifest says: size is an autoscaler's, some never change. */
function staysAsItLives(object: Workload): ReadonlySet<string> {
  return new Set(['template', 'replicas', 'paused', ...rulesOf(object).fixedFields])
}

/**
 * One patch of one version of the workload: exactly this template, the provenance said of it, and
 * last-applied-configuration as if the manifest had been applied, so that the next `kubectl apply`
 * does what it says (kubectl #1297: left stale, it keeps fields that no manifest has).
 */
export function templatePatch(object: Workload, change: TemplateChange): Patch {
  const { metadata } = object
  const body: JsonValue[] = [
    { op: 'replace', path: '/metadata/resourceVersion', value: metadata.resourceVersion ?? '' },
    { op: 'replace', path: '/spec/template', value: change.template as JsonValue },
    {
      op: metadata.annotations ? 'replace' : 'add',
      path: '/metadata/annotations',
      value: annotationsAfter(object, change),
    },
    ...specOperations(object, change.manifest),
    ...(change.resume && rulesOf(object).isPaused(object)
      ? [{ op: 'remove', path: '/spec/paused' }]
      : []),
  ]
  return { type: 'application/json-patch+json', body }
}

function annotationsAfter(object: Workload, change: TemplateChange): Annotations {
  const { annotations = {}, namespace = 'default' } = object.metadata
  const applied = lastApplied(annotations)
  const manifest = manifestAfter(object, change)
  const dropped = new Set([
    ...provenanceKeys,
    changeCauseAnnotation,
    lastAppliedAnnotation,
    ...Object.keys(annotationsOf(applied)),
  ])
  const kept = Object.entries(annotations).filter(([key]) => !dropped.has(key))
  return {
    ...Object.fromEntries(kept),
    ...provenanceAnnotations(change.writing, change.template),
    // A cause that the manifest gives itself goes before ours, or the next apply would change it.
    ...annotationsOf(manifest),
    ...(applied && manifest && { [lastAppliedAnnotation]: lastAppliedText(manifest, namespace) }),
  }
}

/** The manifest to remember: the one that is known, else the last one with the least change. */
function manifestAfter(object: Workload, change: TemplateChange): JsonObject | undefined {
  if (change.manifest) return change.manifest
  const applied = lastApplied(object.metadata.annotations)
  return applied && reviseManifest(applied, change.template)
}

function annotationsOf(manifest: JsonObject | undefined): Annotations {
  const metadata = manifest && isJsonObject(manifest.metadata) ? manifest.metadata : {}
  const annotations = isJsonObject(metadata.annotations) ? metadata.annotations : {}
  return Object.fromEntries(Object.entries(annotations).map(([key, value]) => [key, String(value)]))
}

/** Strategy, deadlines and the like, as the manifest has them; what only the last one had goes. */
function specOperations(object: Workload, manifest: JsonObject | undefined): readonly JsonValue[] {
  if (!manifest) return []
  const specOf = (of: JsonObject | undefined) => (of && isJsonObject(of.spec) ? of.spec : {})
  const wanted = specOf(manifest)
  const before = specOf(lastApplied(object.metadata.annotations))
  const present = object.spec as unknown as JsonObject
  const live = staysAsItLives(object)
  const given = Object.entries(wanted).filter(([key]) => !live.has(key))
  const gone = Object.keys(before).filter(
    (key) => !live.has(key) && !Object.hasOwn(wanted, key) && Object.hasOwn(present, key),
  )
  return [
    ...given.map(([key, value]) => ({ op: 'add', path: `/spec/${key}`, value: value ?? null })),
    ...gone.map((key) => ({ op: 'remove', path: `/spec/${key}` })),
  ]
}
