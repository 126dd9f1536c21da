import type { KubeObject } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'
import { type FieldError, invalid } from '../api/status-error.ts'

/** Throws 422 when there are errors. */
export function refuseIfInvalid(
  resource: Resource,
  object: KubeObject,
  errors: readonly FieldError[],
): void {
  if (errors.length > 0) throw invalid(resource, object.metadata.name ?? '', errors)
}
