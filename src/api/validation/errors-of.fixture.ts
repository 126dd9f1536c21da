import { decodeObject } from '../decode.ts'
import { applyDefaults } from '../defaults/apply-defaults.ts'
import type { JsonObject } from '../json.ts'
import type { KubeObject } from '../object.ts'
import type { Resource } from '../resource.ts'
import type { FieldError } from '../status-error.ts'
import {
  validateCreate,
  validateStatusUpdate,
  validateUpdate,
  warningsFor,
  warningsForNew,
} from './validate.ts'

/** A manifest as the API server has it before it validates: decoded strictly, defaulted, frozen. */
export function prepared(resource: Resource, manifest: JsonObject): KubeObject {
  const { metadata } = manifest as { readonly metadata?: JsonObject }
  const home = resource.namespaced ? { namespace: 'default' } : {}
  const value = { ...manifest, metadata: { name: 'x', ...home, ...metadata } }
  return applyDefaults(resource, decodeObject(resource, { value }, 'Strict').object)
}

/** The texts of the errors, `FIELD: BODY`, in order. */
export function createErrors(resource: Resource, manifest: JsonObject): readonly string[] {
  return texts(validateCreate(resource, prepared(resource, manifest)))
}

export function updateErrors(
  resource: Resource,
  next: JsonObject,
  previous: JsonObject,
): readonly string[] {
  return texts(validateUpdate(resource, stored(resource, next), stored(resource, previous)))
}

export function statusErrors(
  resource: Resource,
  next: JsonObject,
  previous: JsonObject,
): readonly string[] {
  return texts(validateStatusUpdate(resource, stored(resource, next), stored(resource, previous)))
}

export function warnings(resource: Resource, manifest: JsonObject): readonly string[] {
  return warningsFor(resource, prepared(resource, manifest))
}

/** The warnings that go with a creation. */
export function newWarnings(resource: Resource, manifest: JsonObject): readonly string[] {
  return warningsForNew(resource, prepared(resource, manifest))
}

function stored(resource: Resource, manifest: JsonObject): KubeObject {
  const { metadata } = manifest as { readonly metadata?: JsonObject }
  return prepared(resource, { ...manifest, metadata: { resourceVersion: '1', ...metadata } })
}

function texts(errors: readonly FieldError[]): readonly string[] {
  return errors.map(({ field, body }) => `${field}: ${body}`)
}

const app = { app: 'x' }
export const container: JsonObject = { name: 'c', image: 'i' }

/** The spec of a good Deployment or ReplicaSet, with some of it replaced. */
export function workload(changes: JsonObject = {}, podSpec: JsonObject = {}): JsonObject {
  return {
    spec: {
      selector: { matchLabels: app },
      template: { metadata: { labels: app }, spec: { containers: [container], ...podSpec } },
      ...changes,
    },
  }
}

/** A good Pod, with some of its spec replaced. */
export function pod(spec: JsonObject = {}): JsonObject {
  return { spec: { containers: [container], ...spec } }
}
