import type { Deployment, ManagedFieldsEntry } from '../../api/generated/types.ts'
import { isJsonObject, parseJson } from '../../api/json.ts'
import { lastAppliedAnnotation, revisionHistoryAnnotation } from '../../api/names.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { ObservedWorkload } from '../observe-workload.ts'
import { type Provenance, writingOf } from '../provenance.ts'
import { digest, isSameTemplate, templateOf } from '../template.ts'
import { positionOf, type Release, type ReleaseData, type ReleaseSource } from './release.ts'

export type Origin = Pick<ReleaseData, 'source' | 'operation' | 'restores' | 'lastApplied'> & {
  readonly provenance: Provenance | undefined
}

/**
 * By what the live state came about, from what it says of itself and from the releases before it
 * (ascending; the last is not the live state).
 */
export function originOf(observed: ObservedWorkload): Origin {
  const { deployment, template, releases } = observed
  const writing = writingOf(deployment.metadata.annotations, template)
  const lastApplied = lastAppliedDigest(deployment)
  if (!writing) {
    const { source, restores } = unsignedOrigin(observed, lastApplied)
    return { source, restores, lastApplied, operation: undefined, provenance: undefined }
  }
  const { operation, provenance } = writing
  const said = { operation, provenance, lastApplied }
  const earlier = releases.find((release) => isSignedBy(release, operation))
  if (!earlier) return { ...said, source: writing.source, restores: writing.restores }
  // The signature has been seen before: it came back with a ReplicaSet, or it never left.
  const last = releases.at(-1)
  const isStill = last !== undefined && isSignedBy(last, operation)
  if (isStill) return { ...said, source: 'edit', restores: undefined }
  return { ...said, source: 'undo', restores: positionOf(earlier) }
}

/** Whether a command wrote this release, or wrote the same template again. */
export function isSignedBy(release: Release, operation: string): boolean {
  return release.operation === operation || release.operations.includes(operation)
}

/** Nobody signed the template, or somebody changed it since. */
function unsignedOrigin(
  observed: ObservedWorkload,
  lastApplied: string | undefined,
): { readonly source: ReleaseSource; readonly restores: number | undefined } {
  const { deployment, template, releases, newReplicaSet } = observed
  const last = releases.at(-1)
  const writer = templateWriter(deployment.metadata.managedFields)
  if (writer?.kind === 'apply') return { source: 'apply', restores: undefined }
  const isOtherText = lastApplied !== undefined && lastApplied !== last?.lastApplied
  if (writer?.kind !== 'rollout' && isOtherText && isAsApplied(deployment)) {
    return { source: 'apply', restores: undefined }
  }
  if (!last) return { source: 'apply', restores: undefined }
  if (isSameTemplate(last.template, template)) return { source: 'edit', restores: undefined }
  const before = newestWith(releases, template)
  const isReused = newReplicaSet?.metadata.annotations?.[revisionHistoryAnnotation] !== undefined
  const isUndo = before !== undefined || isReused
  return { source: isUndo ? 'undo' : 'edit', restores: before && positionOf(before) }
}

function newestWith(
  releases: readonly Release[],
  template: Release['template'],
): Release | undefined {
  return [...releases].reverse().find((release) => isSameTemplate(release.template, template))
}

/** Whether the live template is the one that was applied last on the client's side. */
export function isAsApplied(deployment: Deployment): boolean {
  const applied = lastAppliedTemplate(deployment)
  const live = deployment.spec?.template
  return applied !== undefined && live !== undefined && isSameTemplate(applied, live)
}

/** The defaulted template in last-applied-configuration; undefined without a readable one. */
export function lastAppliedTemplate(deployment: Deployment): Release['template'] | undefined {
  const text = deployment.metadata.annotations?.[lastAppliedAnnotation]
  if (text === undefined) return undefined
  try {
    return templateOf(parseJson(text))
  } catch (error) {
    if (error instanceof SyntaxError || isStatusError(error)) return undefined
    throw error
  }
}

function lastAppliedDigest(deployment: Deployment): string | undefined {
  const text = deployment.metadata.annotations?.[lastAppliedAnnotation]
  return text === undefined ? undefined : digest(text).slice(0, 16)
}

export interface TemplateWriter {
  readonly kind: 'apply' | 'rollout' | 'other'
  readonly manager: string
  readonly at: string | undefined
}

/** Who wrote the template last, where the server keeps managedFields (H-15). */
export function templateWriter(
  managedFields: readonly ManagedFieldsEntry[] = [],
): TemplateWriter | undefined {
  const entries = managedFields.filter(({ subresource, fieldsV1 }) => {
    const spec = isJsonObject(fieldsV1) ? fieldsV1['f:spec'] : undefined
    return !subresource && isJsonObject(spec) && spec['f:template'] !== undefined
  })
  const newest = [...entries].sort((a, b) => ((a.time ?? '') < (b.time ?? '') ? 1 : -1))[0]
  if (!newest) return undefined
  const { manager = '', operation, time } = newest
  const isApply = operation === 'Apply' || manager === 'kubectl-client-side-apply'
  const kind = isApply ? 'apply' : manager === 'kubectl-rollout' ? 'rollout' : 'other'
  return { kind, manager, at: time }
}
