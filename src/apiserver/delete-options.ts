import { invalidValue, unsupportedValue } from '../api/field-errors.ts'
import type { DeleteOptions } from '../api/generated/types.ts'
import { foregroundFinalizer, orphanFinalizer } from '../api/names.ts'
import type { KubeObject } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'
import { conflict, type FieldError, invalid } from '../api/status-error.ts'

const policies = ['Foreground', 'Background', 'Orphan']

/** Throws 422 for options that mean nothing (H-23). */
export function checkDeleteOptions(options: Partial<DeleteOptions>): void {
  const { propagationPolicy, orphanDependents, dryRun } = options
  const errors: FieldError[] = []
  if (propagationPolicy !== undefined && orphanDependents !== undefined) {
    const why = 'orphanDependents and deletionPropagation cannot be both set'
    errors.push(invalidValue('propagationPolicy', propagationPolicy, why))
  }
  if (propagationPolicy !== undefined && !policies.includes(propagationPolicy)) {
    errors.push(unsupportedValue('propagationPolicy', propagationPolicy, [...policies, 'nil']))
  }
  if (dryRun?.some((value) => value !== 'All')) {
    errors.push(unsupportedValue('dryRun', dryRun, ['All']))
  }
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors)
}

/** Throws 409 when the object is not the one that was meant (E-07). */
export function checkDeletePreconditions(
  resource: Resource,
  { metadata }: KubeObject,
  { preconditions }: Partial<DeleteOptions>,
): void {
  const { uid, resourceVersion } = preconditions ?? {}
  const named = { group: resource.group, plural: resource.kind }
  const name = metadata.name ?? ''
  if (uid !== undefined && uid !== metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`
    throw conflict(named, name, why)
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`
    throw conflict(named, name, why)
  }
}

/**
 * What becomes of dependents: what is asked, else what an earlier deletion asked, else nothing
 * special (E-03..05).
 */
function wantedFinalizer(
  present: readonly string[],
  { propagationPolicy, orphanDependents }: Partial<DeleteOptions>,
  orphansByDefault: boolean,
): string | undefined {
  if (orphanDependents !== undefined) return orphanDependents ? orphanFinalizer : undefined
  if (propagationPolicy === 'Orphan') return orphanFinalizer
  if (propagationPolicy === 'Foreground') return foregroundFinalizer
  if (propagationPolicy === 'Background') return undefined
  const earlier = present.find((name) => name === orphanFinalizer || name === foregroundFinalizer)
  return earlier ?? (orphansByDefault ? orphanFinalizer : undefined)
}

/**
 * The finalizers with which a deletion begins: those of the object, and the one that the garbage
 * collector obeys.
 */
export function finalizersForDeletion(
  present: readonly string[],
  options: Partial<DeleteOptions>,
  orphansByDefault = false,
): readonly string[] {
  const wanted = wantedFinalizer(present, options, orphansByDefault)
  const others = present.filter((name) => name !== orphanFinalizer && name !== foregroundFinalizer)
  return wanted === undefined ? others : [...others, wanted]
}
