import { type JsonValue, parseJson, stringifyJson } from '../../api/json.ts'
import type { ObjectKey } from '../../api/object.ts'
import { apiVersionOf, qualifiedPlural, type Resource } from '../../api/resource.ts'
import { badRequest, StatusError } from '../../api/status-error.ts'
import type { Subresource } from '../../api/transport.ts'
import type { Context } from '../../base/context.ts'
import { applyPatchType } from '../apply.ts'
import type { AccessControl } from '../auth/access-control.ts'
import type { Encoded, Operations, Written } from '../operations.ts'
import type { PodStreams } from '../pod-streams.ts'
import { type Exchange, headerOf, readBody } from './exchange.ts'
import type { Limits } from './limits.ts'
import { negotiate, parseMediaType, type Shape, unsupportedMediaType } from './negotiation.ts'
import { patchTypes } from './openapi-operations.ts'
import {
  booleanOf,
  deleteOptions,
  listOptions,
  patchOptions,
  watchOptions,
  writeOptions,
} from './options.ts'
import { type PodLogs, servePodLog } from './pod-log.ts'
import { decodeProtobuf, protobufType } from './protobuf/decode.ts'
import {
  type IncludeObject,
  listPieces,
  objectPieces,
  type View,
  watchEncoder,
} from './representation.ts'
import { parseResourcePath, type ResourcePath } from './resource-path.ts'
import { sendBytes, sendPieces, warn } from './respond.ts'
import { type ServedResource, streamParameters, subresourceOf, type Verb } from './served.ts'
import { servePodStream } from './streaming/serve-pod-stream.ts'
import { streamWatch } from './watch-stream.ts'
import { yamlToJson } from './yaml-body.ts'

/** What the API server offers its wire. */
export type ServedOperations = Operations & PodLogs & PodStreams & AccessControl

export interface ResourceHandlerOptions {
  readonly operations: ServedOperations
  readonly context: Context
  readonly served: readonly ServedResource[]
  readonly limits: Limits
}

/** A request to a served resource. */
interface Target {
  readonly resource: Resource
  readonly path: ResourcePath
  readonly verb: Verb
}

const objectShapes: readonly Shape[] = ['Table', 'PartialObjectMetadata']
const listShapes: readonly Shape[] = ['Table', 'PartialObjectMetadataList']
const jsonType = 'application/json'
const yamlType = 'application/yaml'
const bodyTypes = [jsonType, yamlType, protobufType]

export function unknownPath(): StatusError {
  return new StatusError('NotFound', 'the server could not find the requested resource', {})
}

/** The verbs of the API over HTTP: from method, path, query and body to `Operations`, and back. */
export class ResourceHandler {
  readonly #options: ResourceHandlerOptions
  readonly #operations: ServedOperations
  readonly #served: ReadonlyMap<string, ServedResource>

  constructor(options: ResourceHandlerOptions) {
    this.#options = options
    this.#operations = options.operations
    this.#served = new Map(
      options.served.map((s) => [`${apiVersionOf(s.resource)}/${s.resource.plural}`, s]),
    )
  }

  /** Throws a StatusError for whatever the API refuses. */
  async handle(exchange: Exchange): Promise<void> {
    const target = this.#resolve(exchange)
    const { subresource = '' } = target.path
    const { deprecation } = target.resource
    if (deprecation) warn(exchange.response, [deprecation])
    if (Object.hasOwn(streamParameters, subresource)) {
      const server = { streams: this.#operations, context: this.#options.context }
      return servePodStream(exchange, server, { key: keyOf(target.path), subresource })
    }
    switch (target.verb) {
      case 'get':
        return this.#get(exchange, target)
      case 'list':
        return this.#list(exchange, target)
      case 'watch':
        return this.#watch(exchange, target)
      case 'create':
        return this.#create(exchange, target)
      case 'update':
        return this.#update(exchange, target)
      case 'patch':
        return this.#patch(exchange, target)
      case 'delete':
        return this.#delete(exchange, target)
      case 'deletecollection':
        return this.#deleteCollection(exchange, target)
    }
  }

  #resolve(exchange: Exchange): Target {
    const path = parseResourcePath(exchange.path)
    const served = path && this.#served.get(`${apiVersionOf(path)}/${path.plural}`)
    if (!served || !isInScope(path, served)) throw unknownPath()
    const { resource } = served
    const verbs = path.subresource ? subresourceOf(served, path.subresource).verbs : served.verbs
    const verb = verbOf(exchange, path)
    const isPlaceless = verb === 'create' || verb === 'deletecollection'
    if (!verb || !verbs.includes(verb) || (isPlaceless && lacksNamespace(path, resource))) {
      throw notAllowed(verb ?? exchange.method.toLowerCase(), resource)
    }
    return { resource, path, verb }
  }

  async #get(exchange: Exchange, { resource, path }: Target): Promise<void> {
    if (path.subresource === 'log') return servePodLog(exchange, this.#operations, keyOf(path))
    const view = this.#view(exchange, objectShapes)
    const { caller } = exchange
    const found = await this.#operations.get(caller, resource, keyOf(path), subresourceIn(path))
    return sendPieces(exchange, objectPieces(found, view))
  }

  async #list(exchange: Exchange, { resource, path }: Target): Promise<void> {
    const view = this.#view(exchange, listShapes)
    const options = listOptions(exchange.query)
    const list = await this.#operations.list(exchange.caller, resource, whereOf(path), options)
    return sendPieces(exchange, listPieces(resource, list, view))
  }

  #watch(exchange: Exchange, { resource, path }: Target): void {
    const { context, limits } = this.#options
    const view = this.#view(exchange, objectShapes)
    const named = path.name === undefined ? {} : { fieldSelector: `metadata.name=${path.name}` }
    const options = { ...watchOptions(exchange.query), ...named }
    streamWatch(exchange, {
      start: (sink) =>
        this.#operations.watch(exchange.caller, resource, whereOf(path), options, sink),
      encode: watchEncoder(resource, view, () => context.clock.now()),
      log: context.log,
      backlogBytesMax: limits.watchBacklogBytesMax,
    })
  }

  async #create(exchange: Exchange, { resource, path }: Target): Promise<void> {
    const view = this.#view(exchange, objectShapes)
    const options = { ...writeOptions(exchange.query, 'CreateOptions'), ...subresourceOption(path) }
    const body = await this.#body(exchange)
    const where = { ...whereOf(path), ...(path.name !== undefined && { name: path.name }) }
    const { caller, trail } = exchange
    const created = await this.#operations.create(caller, resource, where, body, options)
    if (path.name === undefined) trail?.created(created.object)
    return send(exchange, view, created)
  }

  async #update(exchange: Exchange, { resource, path }: Target): Promise<void> {
    const view = this.#view(exchange, objectShapes)
    const options = { ...writeOptions(exchange.query, 'UpdateOptions'), ...subresourceOption(path) }
    const body = await this.#body(exchange)
    const key = keyOf(path)
    const { caller } = exchange
    return send(exchange, view, await this.#operations.update(caller, resource, key, body, options))
  }

  async #patch(exchange: Exchange, { resource, path }: Target): Promise<void> {
    const view = this.#view(exchange, objectShapes)
    const { type } = parseMediaType(headerOf(exchange.request, 'content-type') ?? '')
    if (!patchTypes.includes(type)) throw unsupportedMediaType(patchTypes)
    const options = { ...patchOptions(exchange.query, type), ...subresourceOption(path) }
    const text = (await this.#bytes(exchange)).toString('utf8')
    const json = type === applyPatchType ? await yamlToJson(text) : text
    const patch = { type, body: parseBody(json) }
    const key = keyOf(path)
    const { caller } = exchange
    return send(exchange, view, await this.#operations.patch(caller, resource, key, patch, options))
  }

  async #delete(exchange: Exchange, { resource, path }: Target): Promise<void> {
    const view = this.#view(exchange, objectShapes)
    const options = await this.#deleteOptions(exchange)
    const { caller } = exchange
    const deleted = await this.#operations.delete(caller, resource, keyOf(path), options)
    return deleted.lingers
      ? sendPieces(exchange, objectPieces(deleted, view))
      : sendBytes(exchange.response, deleted.bytes)
  }

  async #deleteCollection(exchange: Exchange, { resource, path }: Target): Promise<void> {
    const view = this.#view(exchange, listShapes)
    const options = { ...listOptions(exchange.query), ...(await this.#deleteOptions(exchange)) }
    const { caller } = exchange
    const where = whereOf(path)
    const list = await this.#operations.deleteCollection(caller, resource, where, options)
    return sendPieces(exchange, listPieces(resource, list, view))
  }

  #view({ request, query }: Exchange, shapes: readonly Shape[]): View {
    const includeObject = (query.get('includeObject') || 'Metadata') as IncludeObject
    if (!['None', 'Metadata', 'Object'].includes(includeObject)) {
      throw badRequest(`includeObject must be None, Metadata or Object, not ${includeObject}`)
    }
    const nowMs = this.#options.context.clock.now()
    return { ...negotiate(headerOf(request, 'accept'), shapes), includeObject, nowMs }
  }

  async #bytes({ request }: Exchange): Promise<Buffer> {
    const encoding = headerOf(request, 'content-encoding') ?? 'identity'
    if (encoding !== 'identity') throw unsupportedMediaType(bodyTypes)
    return readBody(request, this.#options.limits.bodyBytesMax)
  }

  /** The body as JSON text, whatever it came as; empty when there is none. */
  async #body(exchange: Exchange): Promise<{ text: string; contentType: string }> {
    const header = headerOf(exchange.request, 'content-type')
    const type = header ? parseMediaType(header).type : jsonType
    if (!bodyTypes.includes(type)) throw unsupportedMediaType(bodyTypes)
    const bytes = await this.#bytes(exchange)
    return { text: await jsonText(bytes, type), contentType: jsonType }
  }

  async #deleteOptions(exchange: Exchange): Promise<ReturnType<typeof deleteOptions>> {
    const { text } = await this.#body(exchange)
    return deleteOptions(exchange.query, text === '' ? undefined : parseBody(text))
  }
}

async function jsonText(bytes: Buffer, type: string): Promise<string> {
  if (bytes.length === 0) return ''
  if (type === protobufType) return stringifyJson(decodeProtobuf(bytes))
  const text = bytes.toString('utf8')
  return type === yamlType ? yamlToJson(text) : text
}

function parseBody(text: string): JsonValue {
  try {
    return parseJson(text)
  } catch (error) {
    throw badRequest(`the body is not valid JSON: ${(error as Error).message}`)
  }
}

/** Everything is where it should be: namespaced things in a namespace, subresources known. */
function isInScope(path: ResourcePath, { resource, subresources }: ServedResource): boolean {
  if (!resource.namespaced && path.namespace !== undefined) return false
  if (path.name !== undefined && lacksNamespace(path, resource)) return false
  return path.subresource === undefined || subresources.includes(path.subresource)
}

function lacksNamespace({ namespace }: ResourcePath, { namespaced }: Resource): boolean {
  return namespaced && namespace === undefined
}

function verbOf({ method, query }: Exchange, path: ResourcePath): Verb | undefined {
  const isOne = path.name !== undefined
  switch (method) {
    case 'GET':
      if (path.isWatch) return 'watch'
      if (isOne) return 'get'
      return booleanOf(query, 'watch') ? 'watch' : 'list'
    case 'POST':
      return isOne && path.subresource === undefined ? undefined : 'create'
    case 'PUT':
      return isOne ? 'update' : undefined
    case 'PATCH':
      return isOne ? 'patch' : undefined
    case 'DELETE':
      return isOne ? 'delete' : 'deletecollection'
    default:
      return undefined
  }
}

function notAllowed(action: string, resource: Resource): StatusError {
  const kind = qualifiedPlural(resource)
  const message = `${action} is not supported on resources of kind ${JSON.stringify(kind)}`
  return new StatusError('MethodNotAllowed', message, {
    kind: resource.plural,
    ...(resource.group !== '' && { group: resource.group }),
  })
}

function whereOf({ namespace }: ResourcePath): { namespace?: string } {
  return namespace === undefined ? {} : { namespace }
}

function keyOf(path: ResourcePath): ObjectKey {
  return { ...whereOf(path), name: path.name ?? '' }
}

function subresourceIn({ subresource }: ResourcePath): Subresource | undefined {
  return subresource as Subresource | undefined
}

function subresourceOption(path: ResourcePath): { subresource?: Subresource } {
  const subresource = subresourceIn(path)
  return subresource === undefined ? {} : { subresource }
}

function send(exchange: Exchange, view: View, written: Written & Encoded): void {
  const { code, warnings } = written
  const body = [...objectPieces(written, view)].map((p) => Buffer.from(p as Uint8Array))
  sendBytes(exchange.response, Buffer.concat(body), { code, warnings })
}
