import type { ManagedFieldsEntry } from '../../api/generated/types.ts'
import { isJsonObject, parseJson } from '../../api/json.ts'
import { lastAppliedAnnotation } from '../../api/names.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { Workload } from '../../rollout/workload.ts'
import type { ObservedWorkload } from '../observe-workload.ts'
import { type Provenance, writingOf } from '../provenance.ts'
import { digest, isSameTemplate, templateOf } from '../template.ts'
import { rulesOf } from '../workload/rules-of.ts'
import { positionOf, type Release, type ReleaseData, type ReleaseSource } from './release.ts'

export type Origin = Pick<ReleaseData, 'source' | 'operation' | 'restores' | 'lastApplied'> & {
  readonly provenance: Provenance | undefined
}

/**
 * By what the live state came about, from what it says of itself and from the releases before it
 * (ascending; the last is not the live state).
 */
export function originOf(observed: ObservedWorkload): Origin {
  const { object, template, releases } = observed
  const writing = writingOf(object.metadata.annotations, template)
  const lastApplied = lastAppliedDigest(object)
  if (!writing) {
    const { source, restores } = unsignedOrigin(observed, lastApplied)
    const provenance = source === 'undo' ? returnedProvenance(observed) : undefined
    return { source, restores, lastApplied, operation: undefined, provenance }
  }
  const { operation, provenance } = writing
  const said = { operation, provenance, lastApplied }
  const earlier = releases.find((release) => isSignedBy(release, operation))
  if (!earlier) return { ...said, source: writing.source, restores: writing.restores }
  // The signature has been seen before: it came back with a ReplicaSet, or it never left.
  const last = releases.at(-1)
  const isStill = last !== undefined && isSignedBy(last, operation)
  if (isStill) return { ...said, source: 'edit', restores: undefined }
  // Of a set it has never left: whoever brought the template back made it true again.
  if (!rulesOf(observed.object).undoBringsAnnotations) {
    return { ...said, ...unsignedOrigin(observed, lastApplied) }
  }
  return { ...said, source: 'undo', restores: positionOf(earlier) }
}

/**
 * An undo brings back what a Deployment's ReplicaSet says of itself; of a set the template alone
 * (G-42), and its ControllerRevision still has what was said when it was made (D-03).
 */
function returnedProvenance({ running, template, releases }: ObservedWorkload) {
  const kept = writingOf(running?.object.metadata.annotations, template)?.provenance
  return kept ?? newestWith(releases, template)?.provenance
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
  const { object, template, releases, running } = observed
  const last = releases.at(-1)
  const writer = templateWriter(object.metadata.managedFields)
  if (writer?.kind === 'apply') return { source: 'apply', restores: undefined }
  const isOtherText = lastApplied !== undefined && lastApplied !== last?.lastApplied
  if (writer?.kind !== 'rollout' && isOtherText && isAsApplied(object)) {
    return { source: 'apply', restores: undefined }
  }
  if (!last) return { source: 'apply', restores: undefined }
  if (isSameTemplate(last.template, template)) return { source: 'edit', restores: undefined }
  const before = newestWith(releases, template)
  const isUndo = before !== undefined || running?.isReused === true
  return { source: isUndo ? 'undo' : 'edit', restores: before && positionOf(before) }
}

function newestWith(
  releases: readonly Release[],
  template: Release['template'],
): Release | undefined {
  return [...releases].reverse().find((release) => isSameTemplate(release.template, template))
}

/** Whether the live template is the one that was applied last on the client's side. */
export function isAsApplied(object: Workload): boolean {
  const applied = lastAppliedTemplate(object)
  const live = object.spec?.template
  return applied !== undefined && live !== undefined && isSameTemplate(applied, live)
}

/** The defaulted template in last-applied-configuration; undefined without a readable one. */
export function lastAppliedTemplate(object: Workload): Release['template'] | undefined {
  const text = object.metadata.annotations?.[lastAppliedAnnotation]
  if (text === undefined) return undefined
  try {
    return templateOf(parseJson(text))
  } catch (error) {
    if (error instanceof SyntaxError || isStatusError(error)) return undefined
    throw error
  }
}

function lastAppliedDigest(object: Workload): string | undefined {
  const text = object.metadata.annotations?.[lastAppliedAnnotation]
  return text === undefined ? undefined : digest(text).slice(0, 16)
}

export interface TemplateWriter {
  readonly kind: 'apply' | 'rollout' | 'other'
  readonly manager: string
  readonly at: string | undefined
}

/**
 * Who wrote the template last, where the server keeps managedFields (H-15). Within one second, an
 * undo: had an apply come after it, the fields that it wrote would be the applier's.
 */
export function templateWriter(
  managedFields: readonly ManagedFieldsEntry[] = [],
): TemplateWriter | undefined {
  const entries = managedFields.filter(({ subresource, fieldsV1 }) => {
    const spec = isJsonObject(fieldsV1) ? fieldsV1['f:spec'] : undefined
    return !subresource && isJsonObject(spec) && spec['f:template'] !== undefined
  })
  const writers = entries.map(({ manager = '', operation, time }) => {
    const isApply = operation === 'Apply' || manager === 'kubectl-client-side-apply'
    const kind = isApply ? 'apply' : manager === 'kubectl-rollout' ? 'rollout' : 'other'
    return { kind, manager, at: time } as const
  })
  const newestAt = writers.reduce((latest, { at = '' }) => (at > latest ? at : latest), '')
  const newest = writers.filter(({ at = '' }) => at === newestAt)
  return newest.find(({ kind }) => kind === 'rollout') ?? newest[0]
}
