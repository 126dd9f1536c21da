import type { JsonObject, JsonValue } from '../../api/json.ts'
import { apiVersionOf } from '../../api/resource.ts'
import { modelSchema } from '../../api/schema.ts'
import { type ApiOperation, operationsOf, parameterType, patchTypes } from './openapi-operations.ts'
import { componentName, type Dialect, schemaRef, schemasOf } from './openapi-schemas.ts'
import type { ServedResource } from './served.ts'
import { version } from './version.ts'

const info = { title: 'Kubernetes', version: version.gitVersion }

/** Kinds of subresources that are no model of ours. */
const withoutModel = ['Eviction', 'PodExecOptions', 'PodAttachOptions', 'PodPortForwardOptions']
const hasModel = ({ kind }: { readonly kind: string }) => !withoutModel.includes(kind)

function kindRef({ kind }: ApiOperation, dialect: Dialect): JsonObject {
  if (!hasModel(kind)) return { type: 'object' }
  return schemaRef(componentName(modelSchema(kind.kind)), dialect)
}

/**
 * Schemas of all kinds that the operations mention, the kinds marked with group, version and
 * kind.
 */
function schemasWithKinds(operations: readonly ApiOperation[], dialect: Dialect): JsonObject {
  const kinds = new Map(
    operations
      .map(({ kind }) => kind)
      .filter(hasModel)
      .map((kind) => [kind.kind, kind]),
  )
  const schemas = schemasOf([...kinds.keys(), 'DeleteOptions', 'Status'], dialect)
  const marked = new Map<string, JsonValue>([...schemas].sort(([a], [b]) => (a < b ? -1 : 1)))
  for (const kind of kinds.values()) {
    const name = componentName(modelSchema(kind.kind))
    marked.set(name, { ...schemas.get(name), 'x-kubernetes-group-version-kind': [kind] })
  }
  return Object.fromEntries(marked)
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}

function operationId({ action, method, path }: ApiOperation): string {
  const words = path.replace(/[{}]/g, '').split('/').slice(2)
  // Connections have one action for two methods.
  const begin = action === 'connect' ? `connect${capitalized(method)}` : action
  return begin + words.map(capitalized).join('')
}

function extensions({ action, kind }: ApiOperation): JsonObject {
  return { 'x-kubernetes-action': action, 'x-kubernetes-group-version-kind': kind }
}

type Render = (operation: ApiOperation) => JsonObject

function pathsOf(operations: readonly ApiOperation[], render: Render): JsonObject {
  const paths: Record<string, Record<string, JsonValue>> = {}
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: render(operation) }
  }
  return paths
}

function renderV3(operation: ApiOperation): JsonObject {
  const schema = kindRef(operation, 'v3')
  const parameter = (place: 'path' | 'query') => (name: string) => ({
    name,
    in: place,
    ...(place === 'path' && { required: true }),
    schema: { type: parameterType(name) },
  })
  const types = operation.method === 'patch' ? patchTypes : ['application/json']
  const body = operation.method === 'patch' ? { type: 'object' } : schema
  return {
    operationId: operationId(operation),
    parameters: [
      ...operation.pathParameters.map(parameter('path')),
      ...operation.queryParameters.map(parameter('query')),
    ],
    ...(operation.hasBody && {
      requestBody: {
        required: true,
        content: Object.fromEntries(types.map((type) => [type, { schema: body }])),
      },
    }),
    responses: { 200: { description: 'OK', content: { 'application/json': { schema } } } },
    ...extensions(operation),
  }
}

function renderV2(operation: ApiOperation): JsonObject {
  const schema = kindRef(operation, 'v2')
  const parameter = (place: 'path' | 'query') => (name: string) => ({
    name,
    in: place,
    ...(place === 'path' && { required: true }),
    type: parameterType(name),
  })
  const isPatch = operation.method === 'patch'
  const body = { name: 'body', in: 'body', required: true, schema: isPatch ? {} : schema }
  return {
    operationId: operationId(operation),
    consumes: isPatch ? patchTypes : ['application/json', 'application/yaml'],
    produces: ['application/json'],
    parameters: [
      ...operation.pathParameters.map(parameter('path')),
      ...operation.queryParameters.map(parameter('query')),
      ...(operation.hasBody ? [body] : []),
    ],
    responses: { 200: { description: 'OK', schema } },
    ...extensions(operation),
  }
}

/** One document for everything (`/openapi/v2`). */
export function openApiV2(served: readonly ServedResource[]): JsonValue {
  const operations = served.flatMap(operationsOf)
  return {
    swagger: '2.0',
    info,
    paths: pathsOf(operations, renderV2),
    definitions: schemasWithKinds(operations, 'v2'),
  }
}

/**
 * One document per group and version (H-04), by its path below `/openapi/v3/`: `api/v1`,
 * `apis/apps/v1`.
 */
export function openApiV3(served: readonly ServedResource[]): ReadonlyMap<string, () => JsonValue> {
  const groups = new Map<string, ServedResource[]>()
  for (const entry of served) {
    const { resource } = entry
    const path = `${resource.group === '' ? 'api' : 'apis'}/${apiVersionOf(resource)}`
    groups.set(path, [...(groups.get(path) ?? []), entry])
  }
  return new Map([...groups].map(([path, entries]) => [path, () => documentV3(entries)]))
}

function documentV3(served: readonly ServedResource[]): JsonValue {
  const operations = served.flatMap(operationsOf)
  return {
    openapi: '3.0.0',
    info,
    paths: pathsOf(operations, renderV3),
    components: { schemas: schemasWithKinds(operations, 'v3') },
  }
}
