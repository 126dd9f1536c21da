import type { KubeObject } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'
import type { FieldError } from '../api/status-error.ts'

export function validateCreate(_r: Resource, _o: KubeObject): readonly FieldError[] {
  return []
}
export function validateUpdate(
  _r: Resource,
  _o: KubeObject,
  _old: KubeObject,
): readonly FieldError[] {
  return []
}
export function validateStatusUpdate(
  _r: Resource,
  _o: KubeObject,
  _old: KubeObject,
): readonly FieldError[] {
  return []
}
export function warningsFor(_r: Resource, _o: KubeObject, _old?: KubeObject): readonly string[] {
  return []
}
