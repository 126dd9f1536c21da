import { modelRows } from '../api/generated/schema.ts'
import { apiVersionOf, type Resource } from '../api/resource.ts'
import { type ModelSchema, modelNameOf, modelSchema } from '../api/schema.ts'

/**
 * The schema of one of Kubernetes' own kinds, which decides how its lists are merged; undefined for
 * custom resources and kinds that are not known here.
 */
export function builtInModel({ group, version, kind }: Resource): ModelSchema | undefined {
  const isBuiltIn = !group.includes('.') || group.endsWith('.k8s.io')
  return isBuiltIn && Object.hasOwn(modelRows, kind)
    ? modelSchema(modelNameOf(apiVersionOf({ group, version }), kind))
    : undefined
}
