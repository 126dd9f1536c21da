import type { KubeObject } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'
import { type FieldError, invalid } from '../api/status-error.ts'
import { warningsFor } from './object-rules.ts'

/** Throws 422 when there are errors; else returns what is worth a warning. */
export function checkObject(
  resource: Resource,
  object: KubeObject,
  { errors, old }: { readonly errors: readonly FieldError[]; readonly old?: KubeObject },
): readonly string[] {
  if (errors.length > 0) throw invalid(resource, object.metadata.name ?? '', errors)
  return warningsFor(resource, object, old)
}
