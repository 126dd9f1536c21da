import type { PodTemplateSpec } from './generated/types.ts'
import { podTemplateHashLabel } from './names.ts'
import { compareQuantities, parseQuantity } from './quantity.ts'
import { canonicalTimestamp } from './rfc3339.ts'
import { type FieldSchema, type ModelSchema, modelSchema, type Scalar } from './schema.ts'

type Members = Readonly<Record<string, unknown>>

const nothing: Members = Object.freeze({})

function isZero(element: Scalar, value: unknown): boolean {
  if (element === 'quantity') return value !== undefined && areEqualScalars(element, value, '0')
  return value === undefined || value === '' || value === 0 || value === false
}

function areEqualJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const left = Object.entries(a).filter(([, value]) => value !== undefined)
  const right = new Map(Object.entries(b).filter(([, value]) => value !== undefined))
  return (
    left.length === right.size &&
    left.every(([key, value]) => right.has(key) && areEqualJson(value, right.get(key)))
  )
}

function areEqualQuantities(a: unknown, b: unknown): boolean {
  return compareQuantities(parseQuantity(String(a)), parseQuantity(String(b))) === 0
}

function areEqualScalars(element: Scalar, a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (a === undefined || b === undefined) return false
  switch (element) {
    case 'quantity':
      return areEqualQuantities(a, b)
    case 'date-time':
      return canonicalTimestamp(String(a), 'seconds') === canonicalTimestamp(String(b), 'seconds')
    case 'micro-time':
      return (
        canonicalTimestamp(String(a), 'microseconds') ===
        canonicalTimestamp(String(b), 'microseconds')
      )
    case 'any':
      return areEqualJson(a, b)
    default:
      return false
  }
}

function areEqualElements(element: Scalar | ModelSchema, a: unknown, b: unknown): boolean {
  return typeof element === 'object'
    ? areEqualModels(element, a as Members, b as Members)
    : areEqualScalars(element, a, b)
}

function areEqualLists(
  a: readonly unknown[],
  b: readonly unknown[],
  areEqual: (x: unknown, y: unknown) => boolean,
): boolean {
  return a.length === b.length && a.every((member, index) => areEqual(member, b[index]))
}

function areEqualMaps(
  a: Members,
  b: Members,
  areEqual: (x: unknown, y: unknown) => boolean,
): boolean {
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && areEqual(a[key], b[key]))
  )
}

function areEqualSingles(field: FieldSchema, a: unknown, b: unknown): boolean {
  if (a !== undefined && b !== undefined) return areEqualElements(field.element, a, b)
  if (field.isPointer) return false
  if (typeof field.element === 'object') {
    return areEqualModels(field.element, (a ?? nothing) as Members, (b ?? nothing) as Members)
  }
  return isZero(field.element, a ?? b)
}

function areEqualFields(field: FieldSchema, a: unknown, b: unknown): boolean {
  if (a === b) return true
  const areEqual = (x: unknown, y: unknown) => areEqualElements(field.element, x, y)
  switch (field.shape) {
    case 'one':
      return areEqualSingles(field, a, b)
    case 'list':
      return areEqualLists((a ?? []) as unknown[], (b ?? []) as unknown[], areEqual)
    case 'map':
      return areEqualMaps((a ?? nothing) as Members, (b ?? nothing) as Members, areEqual)
    case 'map-of-lists':
      return areEqualMaps((a ?? nothing) as Members, (b ?? nothing) as Members, (x, y) =>
        areEqualLists(x as unknown[], y as unknown[], areEqual),
      )
  }
}

function areEqualModels(schema: ModelSchema, a: Members, b: Members): boolean {
  if (a === b) return true
  for (const field of schema.fields.values()) {
    const left = a[field.name]
    const right = b[field.name]
    if (left !== right && !areEqualFields(field, left, right)) return false
  }
  return true
}

/**
 * Whether two decoded values of a model mean the same (B-10): absent and empty lists and maps are
 * equal, absent and zero too unless the field is a pointer; quantities compare by value, times by
 * instant. Members the model does not have are not looked at.
 */
export function semanticEqual(modelName: string, a: object, b: object): boolean {
  return areEqualModels(modelSchema(modelName), a as Members, b as Members)
}

function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  const { metadata } = template
  if (metadata?.labels?.[podTemplateHashLabel] === undefined) return template
  const { [podTemplateHashLabel]: _hash, ...labels } = metadata.labels
  return { ...template, metadata: { ...metadata, labels } }
}

/**
 * B-10: whether two pod templates, defaulted both, make the same pods: equal but for the
 * label `pod-template-hash`.
 */
export function templatesEqual(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  if (a === b) return true
  if (!Object.isFrozen(a) || !Object.isFrozen(b)) return areSameTemplates(a, b)
  const known = compared.get(a) ?? new WeakMap<PodTemplateSpec, boolean>()
  compared.set(a, known)
  const answer = known.get(b) ?? areSameTemplates(a, b)
  known.set(b, answer)
  return answer
}

/**
 * A Deployment's template is compared with those of all its ReplicaSets at every pass of every
 * controller that looks at it; objects share their frozen templates over many writes.
 */
const compared = new WeakMap<PodTemplateSpec, WeakMap<PodTemplateSpec, boolean>>()

function areSameTemplates(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return semanticEqual('PodTemplateSpec', withoutHash(a), withoutHash(b))
}
