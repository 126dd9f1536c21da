import { modelRows } from '../../api/generated/schema.ts'
import type { JsonObject, JsonValue } from '../../api/json.ts'
import { apiVersionOf } from '../../api/resource.ts'
import { modelNameOf, modelSchema } from '../../api/schema.ts'
import { componentName, type Dialect, schemaRef } from './openapi-names.ts'
import {
  type ApiOperation,
  operationsOf,
  parameterType,
  patchTypes,
  type ServedKind,
} from './openapi-operations.ts'
import { type Descriptions, listSchema, schemasOf } from './openapi-schemas.ts'
import type { ServedResource } from './served.ts'
import { version } from './version.ts'

const info = { title: 'Kubernetes', version: version.gitVersion }

/** Kinds of subresources that are no model of ours. */
const hasModel = ({ kind }: ServedKind) => Object.hasOwn(modelRows, kind)

const modelOf = (kind: ServedKind) => modelNameOf(apiVersionOf(kind), kind.kind)
const nameOf = (model: string) => componentName(modelSchema(model))
const listNameOf = (model: string) => `${nameOf(model)}List`

function kindRef(kind: ServedKind, dialect: Dialect): JsonObject {
  return hasModel(kind) ? schemaRef(nameOf(modelOf(kind)), dialect) : { type: 'object' }
}

/** What a request carries, but for patches, which may be anything. */
function bodySchema({ body, kind }: ApiOperation, dialect: Dialect): JsonObject {
  return body === 'kind' ? kindRef(kind, dialect) : schemaRef(nameOf('DeleteOptions'), dialect)
}

function answerSchema({ answer, kind }: ApiOperation, dialect: Dialect): JsonObject {
  switch (answer) {
    case 'kind':
      return kindRef(kind, dialect)
    case 'list':
      return schemaRef(listNameOf(modelOf(kind)), dialect)
    case 'Status':
      return schemaRef(nameOf('Status'), dialect)
    case 'text':
      return { type: 'string' }
  }
}

const groupVersionKind = 'x-kubernetes-group-version-kind'

/** The kinds that the operations mention, each once, those they list, and where options go. */
function kindsOf(operations: readonly ApiOperation[]) {
  const unique = (kinds: readonly ServedKind[]) => [
    ...new Map(kinds.filter(hasModel).map((kind) => [nameOf(modelOf(kind)), kind])).values(),
  ]
  return {
    kinds: unique(operations.map(({ kind }) => kind)),
    listed: unique(operations.filter(({ answer }) => answer === 'list').map(({ kind }) => kind)),
    versions: new Map(
      operations.map(({ kind: { group, version } }) => [`${group}/${version}`, { group, version }]),
    ),
  }
}

/**
 * Schemas of all kinds that the operations mention, the kinds marked with group, version and
 * kind.
 */
function schemasWithKinds(
  operations: readonly ApiOperation[],
  style: { readonly dialect: Dialect; readonly descriptions: Descriptions },
): JsonObject {
  const { kinds, listed, versions } = kindsOf(operations)
  const names = kinds.map(modelOf)
  const schemas = schemasOf([...names, 'DeleteOptions', 'ListMeta', 'Status'], style)
  for (const kind of listed) {
    schemas.set(listNameOf(modelOf(kind)), listSchema(kind.kind, modelOf(kind), style))
  }
  const mark = (name: string, kinds: readonly ServedKind[]) =>
    schemas.set(name, { ...schemas.get(name), [groupVersionKind]: [...kinds] })
  for (const kind of kinds) mark(nameOf(modelOf(kind)), [kind])
  for (const kind of listed)
    mark(listNameOf(modelOf(kind)), [{ ...kind, kind: `${kind.kind}List` }])
  mark(nameOf('Status'), [{ group: '', version: 'v1', kind: 'Status' }])
  const options = [...versions.values()].map((place) => ({ ...place, kind: 'DeleteOptions' }))
  mark(nameOf('DeleteOptions'), options)
  return Object.fromEntries([...schemas].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function extensions({ action, kind }: ApiOperation): JsonObject {
  return { 'x-kubernetes-action': action, [groupVersionKind]: kind }
}

/** By status code; `content` says what comes with success. */
function responses({ creates }: ApiOperation, content: JsonObject): JsonObject {
  return {
    200: { description: 'OK', ...content },
    ...(creates && { 201: { description: 'Created', ...content } }),
    401: { description: 'Unauthorized' },
  }
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
  const { body } = operation
  const parameter = (place: 'path' | 'query') => (name: string) => ({
    name,
    in: place,
    ...(place === 'path' && { required: true }),
    schema: { type: parameterType(name) },
  })
  const types = body === 'patch' ? patchTypes : ['application/json', 'application/yaml']
  const schema = body === 'patch' ? { type: 'object' } : bodySchema(operation, 'v3')
  const type = operation.answer === 'text' ? 'text/plain' : 'application/json'
  return {
    operationId: operation.id,
    parameters: [
      ...operation.pathParameters.map(parameter('path')),
      ...operation.queryParameters.map(parameter('query')),
    ],
    ...(body && {
      requestBody: {
        ...(body !== 'DeleteOptions' && { required: true }),
        content: Object.fromEntries(types.map((type) => [type, { schema }])),
      },
    }),
    responses: responses(operation, {
      content: { [type]: { schema: answerSchema(operation, 'v3') } },
    }),
    ...extensions(operation),
  }
}

function renderV2(operation: ApiOperation): JsonObject {
  const { body } = operation
  const parameter = (place: 'path' | 'query') => (name: string) => ({
    name,
    in: place,
    ...(place === 'path' && { required: true }),
    type: parameterType(name),
  })
  const isPatch = body === 'patch'
  const content = {
    name: 'body',
    in: 'body',
    ...(body !== 'DeleteOptions' && { required: true }),
    schema: isPatch ? {} : bodySchema(operation, 'v2'),
  }
  return {
    operationId: operation.id,
    consumes: isPatch ? patchTypes : ['application/json', 'application/yaml'],
    produces: [operation.answer === 'text' ? 'text/plain' : 'application/json'],
    parameters: [
      ...operation.pathParameters.map(parameter('path')),
      ...operation.queryParameters.map(parameter('query')),
      ...(body ? [content] : []),
    ],
    responses: responses(operation, { schema: answerSchema(operation, 'v2') }),
    ...extensions(operation),
  }
}

/** One document for everything (`/openapi/v2`). */
export function openApiV2(
  served: readonly ServedResource[],
  descriptions: Descriptions,
): JsonValue {
  const operations = served.flatMap(operationsOf)
  return {
    swagger: '2.0',
    info,
    paths: pathsOf(operations, renderV2),
    definitions: schemasWithKinds(operations, { dialect: 'v2', descriptions }),
  }
}

/**
 * What one document per group and version is made of (H-04), by its path below `/openapi/v3/`:
 * `api/v1`, `apis/apps/v1`.
 */
export function openApiV3Groups(
  served: readonly ServedResource[],
): ReadonlyMap<string, readonly ServedResource[]> {
  const groups = new Map<string, ServedResource[]>()
  for (const entry of served) {
    const { resource } = entry
    const path = `${resource.group === '' ? 'api' : 'apis'}/${apiVersionOf(resource)}`
    groups.set(path, [...(groups.get(path) ?? []), entry])
  }
  return groups
}

export function openApiV3(
  served: readonly ServedResource[],
  descriptions: Descriptions,
): JsonValue {
  const operations = served.flatMap(operationsOf)
  return {
    openapi: '3.0.0',
    info,
    paths: pathsOf(operations, renderV3),
    components: { schemas: schemasWithKinds(operations, { dialect: 'v3', descriptions }) },
  }
}
