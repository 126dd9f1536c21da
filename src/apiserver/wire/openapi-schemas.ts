import type { JsonObject, JsonValue } from '../../api/json.ts'
import {
  isAtomicMap,
  isAtomicModel,
  isGranular,
  isReplacedWhole,
  listTypeOf,
} from '../../api/list-types.ts'
import { mergeKeyOf } from '../../api/patch/merge-keys.ts'
import { type FieldSchema, type ModelSchema, modelSchema, type Scalar } from '../../api/schema.ts'
import { enums } from './openapi-enums.ts'
import { componentName, type Dialect, scalarComponent, schemaRef } from './openapi-names.ts'

/** Prose by model and field, that of the model itself under the empty name. */
export type Descriptions = Readonly<Record<string, Readonly<Record<string, string>>>>

/** Plain values that have no name of their own. */
const scalars: Partial<Readonly<Record<Scalar, JsonObject>>> = {
  string: { type: 'string' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  boolean: { type: 'boolean' },
  bytes: { type: 'string', format: 'byte' },
}

function elementSchema({ name, element }: FieldSchema, dialect: Dialect): JsonObject {
  if (typeof element !== 'string') return schemaRef(componentName(element), dialect)
  const component = scalarComponent(element, name)
  return component ? schemaRef(component.name, dialect) : (scalars[element] ?? {})
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
    ...(isReplacedWhole(model.name, field) ? ['replace'] : []),
  ]
  return {
    ...(mergeKey && { 'x-kubernetes-patch-merge-key': mergeKey }),
    ...(strategies.length > 0 && { 'x-kubernetes-patch-strategy': strategies.join(',') }),
  }
}

/** How server-side apply takes the field (H-15); atomic structs say so of themselves. */
function applyExtensions(model: ModelSchema, { name, shape }: FieldSchema): JsonObject {
  if (shape === 'map' && isAtomicMap(model.name, name)) return { 'x-kubernetes-map-type': 'atomic' }
  if (isGranular(model.name, name)) return { 'x-kubernetes-map-type': 'granular' }
  if (shape !== 'list') return {}
  const list = listTypeOf(model.name, name)
  const keys = list.type === 'map' && { 'x-kubernetes-list-map-keys': list.keys }
  return { ...keys, 'x-kubernetes-list-type': list.type }
}

function fieldSchema(model: ModelSchema, field: FieldSchema, dialect: Dialect): JsonObject {
  const extensions = { ...applyExtensions(model, field), ...patchExtensions(model, field.name) }
  const element = elementSchema(field, dialect)
  switch (field.shape) {
    case 'list':
      return { type: 'array', items: element, ...extensions }
    case 'map':
      return { type: 'object', additionalProperties: element, ...extensions }
    case 'map-of-lists': {
      const list = { type: 'array', items: element }
      return { type: 'object', additionalProperties: list, ...extensions }
    }
    default: {
      const values = dialect === 'v3' ? enums.get(`${model.name}.${field.name}`) : undefined
      return element.$ref && dialect === 'v3'
        ? { allOf: [element], ...extensions }
        : { ...element, ...(values && { enum: values }), ...extensions }
    }
  }
}

interface Style {
  readonly dialect: Dialect
  readonly descriptions: Descriptions
}

const descriptionOf = (text: string | undefined) => text && { description: text }

function modelToSchema(model: ModelSchema, { dialect, descriptions }: Style): JsonObject {
  const fields = [...model.fields.values()]
  const required = fields.filter((field) => field.required).map((field) => field.name)
  const texts = descriptions[model.name] ?? {}
  const properties: Record<string, JsonValue> = {}
  for (const field of fields) {
    const { name } = field
    properties[name] = { ...descriptionOf(texts[name]), ...fieldSchema(model, field, dialect) }
  }
  return {
    ...descriptionOf(texts['']),
    type: 'object',
    properties,
    ...(required.length > 0 && { required }),
    ...(isAtomicModel(model.name) && { 'x-kubernetes-map-type': 'atomic' }),
  }
}

/** The schemas of the models with these names and of all they mention, by component name. */
export function schemasOf(names: readonly string[], style: Style): Map<string, JsonObject> {
  const schemas = new Map<string, JsonObject>()
  const pending = names.map(modelSchema)
  for (let model = pending.pop(); model !== undefined; model = pending.pop()) {
    const name = componentName(model)
    if (schemas.has(name)) continue
    schemas.set(name, modelToSchema(model, style))
    for (const field of model.fields.values()) {
      if (typeof field.element !== 'string') pending.push(field.element)
      else addScalar(schemas, field, style.dialect)
    }
  }
  return schemas
}

function addScalar(
  schemas: Map<string, JsonObject>,
  { name, element }: FieldSchema,
  dialect: Dialect,
): void {
  const component = scalarComponent(element as Scalar, name)
  if (component) schemas.set(component.name, component[dialect] ?? component.v2)
}

/** The schema of a list of a kind, which is a model of the wire only. */
export function listSchema(
  kind: string,
  modelName: string,
  { dialect, descriptions }: Style,
): JsonObject {
  const item = modelSchema(modelName)
  const own = descriptions[modelName] ?? {}
  const metadata = schemaRef(componentName(modelSchema('ListMeta')), dialect)
  return {
    description: `${kind}List is a list of objects of kind ${kind}.`,
    type: 'object',
    properties: {
      apiVersion: { ...descriptionOf(own.apiVersion), type: 'string' },
      items: { type: 'array', items: schemaRef(componentName(item), dialect) },
      kind: { ...descriptionOf(own.kind), type: 'string' },
      metadata: dialect === 'v3' ? { allOf: [metadata] } : metadata,
    },
    required: ['items'],
  }
}
