import type { JsonObject, JsonValue } from '../../api/json.ts'
import { isAtomicMap, isAtomicModel, listTypeOf } from '../../api/list-types.ts'
import { mergeKeyOf } from '../../api/patch/merge-keys.ts'
import { type FieldSchema, type ModelSchema, modelSchema, type Scalar } from '../../api/schema.ts'

/**
 * OpenAPI 2 keeps schemas under `definitions`, 3 under `components/schemas`; and 3 cannot say
 * anything beside a `$ref`.
 */
export type Dialect = 'v2' | 'v3'

const metaModels = new Set([
  'Condition',
  'DeleteOptions',
  'LabelSelector',
  'LabelSelectorRequirement',
  'ListMeta',
  'ManagedFieldsEntry',
  'ObjectMeta',
  'OwnerReference',
  'Preconditions',
  'Status',
  'StatusCause',
  'StatusDetails',
])
const discoveryModels =
  /^(?:Endpoint|EndpointConditions|EndpointHints|EndpointPort|EndpointSlice|ForNode|ForZone)$/
const appsModels =
  /^(?:ControllerRevision|DaemonSet|Deployment|ReplicaSet|RollingUpdate|StatefulSet)/

function packageOf(model: string): string {
  if (metaModels.has(model)) return 'io.k8s.apimachinery.pkg.apis.meta.v1'
  if (discoveryModels.test(model)) return 'io.k8s.api.discovery.v1'
  if (appsModels.test(model)) return 'io.k8s.api.apps.v1'
  if (/^Lease/.test(model)) return 'io.k8s.api.coordination.v1'
  if (/^Scale(?:Spec|Status)?$/.test(model)) return 'io.k8s.api.autoscaling.v1'
  return 'io.k8s.api.core.v1'
}

/** The name under which upstream publishes a model: `io.k8s.api.apps.v1.Deployment`. */
export function componentName({ name, goName }: ModelSchema): string {
  return `${packageOf(name)}.${goName}`
}

export function schemaRef(name: string, dialect: Dialect): JsonObject {
  return { $ref: dialect === 'v2' ? `#/definitions/${name}` : `#/components/schemas/${name}` }
}

const scalars: Readonly<Record<Scalar, JsonObject>> = {
  string: { type: 'string' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  boolean: { type: 'boolean' },
  'date-time': { type: 'string', format: 'date-time' },
  'micro-time': { type: 'string', format: 'date-time' },
  bytes: { type: 'string', format: 'byte' },
  'int-or-string': { type: 'string', format: 'int-or-string', 'x-kubernetes-int-or-string': true },
  quantity: { type: 'string' },
  any: { type: 'object' },
}

/** OpenAPI 3 can say what 2 has no word for. */
const scalarsV3: Partial<Record<Scalar, JsonObject>> = {
  'int-or-string': {
    format: 'int-or-string',
    oneOf: [{ type: 'integer' }, { type: 'string' }],
    'x-kubernetes-int-or-string': true,
  },
  quantity: { oneOf: [{ type: 'string' }, { type: 'number' }] },
  any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
}

function elementSchema(element: Scalar | ModelSchema, dialect: Dialect): JsonObject {
  if (typeof element === 'string') {
    return (dialect === 'v3' ? scalarsV3[element] : undefined) ?? scalars[element]
  }
  return schemaRef(componentName(element), dialect)
}

/** A patch of these drops the members it does not name (H-13). */
const retainedKeys = new Set([
  'DeploymentSpec.strategy',
  'PodSpec.resourceClaims',
  'PodSpec.volumes',
  'PodStatus.resourceClaimStatuses',
])

function patchExtensions(model: ModelSchema, field: string): JsonObject {
  const mergeKey = mergeKeyOf(model.name, field)
  const strategies = [
    ...(mergeKey === undefined ? [] : ['merge']),
    ...(retainedKeys.has(`${model.name}.${field}`) ? ['retainKeys'] : []),
  ]
  return {
    ...(mergeKey && { 'x-kubernetes-patch-merge-key': mergeKey }),
    ...(strategies.length > 0 && { 'x-kubernetes-patch-strategy': strategies.join(',') }),
  }
}

/** How server-side apply takes the field (H-15); atomic structs say so of themselves. */
function applyExtensions(model: ModelSchema, { name, shape }: FieldSchema): JsonObject {
  if (shape === 'map' && isAtomicMap(model.name, name)) return { 'x-kubernetes-map-type': 'atomic' }
  if (shape !== 'list') return {}
  const list = listTypeOf(model.name, name)
  const keys = list.type === 'map' && { 'x-kubernetes-list-map-keys': list.keys }
  return { ...keys, 'x-kubernetes-list-type': list.type }
}

function fieldSchema(model: ModelSchema, field: FieldSchema, dialect: Dialect): JsonObject {
  const extensions = { ...applyExtensions(model, field), ...patchExtensions(model, field.name) }
  const element = elementSchema(field.element, dialect)
  switch (field.shape) {
    case 'list':
      return { type: 'array', items: element, ...extensions }
    case 'map':
      return { type: 'object', additionalProperties: element, ...extensions }
    case 'map-of-lists': {
      const list = { type: 'array', items: element }
      return { type: 'object', additionalProperties: list, ...extensions }
    }
    default:
      return element.$ref && dialect === 'v3'
        ? { allOf: [element], ...extensions }
        : { ...element, ...extensions }
  }
}

function modelToSchema(model: ModelSchema, dialect: Dialect): JsonObject {
  const fields = [...model.fields.values()]
  const required = fields.filter((field) => field.required).map((field) => field.name)
  const properties: Record<string, JsonValue> = {}
  for (const field of fields) properties[field.name] = fieldSchema(model, field, dialect)
  return {
    type: 'object',
    properties,
    ...(required.length > 0 && { required }),
    ...(isAtomicModel(model.name) && { 'x-kubernetes-map-type': 'atomic' }),
  }
}

/** The schemas of the models with these names and of all they mention, by component name. */
export function schemasOf(
  names: readonly string[],
  dialect: Dialect,
): ReadonlyMap<string, JsonObject> {
  const schemas = new Map<string, JsonObject>()
  const pending = names.map(modelSchema)
  for (let model = pending.pop(); model !== undefined; model = pending.pop()) {
    const name = componentName(model)
    if (schemas.has(name)) continue
    schemas.set(name, modelToSchema(model, dialect))
    for (const { element } of model.fields.values()) {
      if (typeof element !== 'string') pending.push(element)
    }
  }
  return schemas
}
