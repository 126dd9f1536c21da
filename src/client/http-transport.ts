import type { DeleteOptions, Status } from '../api/generated/types.ts'
import {
  deepFreeze,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJson,
  stringifyJson,
} from '../api/json.ts'
import type { KubeObject, ObjectKey } from '../api/object.ts'
import { apiVersionOf, type Resource } from '../api/resource.ts'
import type {
  Collection,
  ListOptions,
  ListResult,
  Patch,
  Subresource,
  Transport,
  WatchEvent,
  WatchHandle,
  WatchOptions,
  WatchSink,
  WriteOptions,
} from '../api/transport.ts'
import type { Context } from '../base/context.ts'
import { errorOfAnswer, errorOfStatus, statusOf } from './answer-error.ts'
import { Http2Connection, type HttpAnswer, type HttpRequest } from './http2-connection.ts'
import { jsonLines } from './json-lines.ts'
import type { ClusterAccess } from './kubeconfig.ts'
import { type Query, requestPath } from './request-path.ts'
import { type Table, type TableOptions, tableAccept } from './table.ts'
import { warningsOf } from './warning-header.ts'

export interface HttpTransportOptions {
  readonly access: Pick<ClusterAccess, 'server' | 'tls' | 'token'>
  /** Its part before `/` is the field manager where a write names none. Default `astern`. */
  readonly userAgent?: string
  /** Gets the texts of `Warning:` headers (H-21). */
  readonly onWarning?: (text: string) => void
}

/** A Table instead of an object: what changed, as the server would print it. */
export interface TableWatchSink {
  event(type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK', table: Table): void
  end(error?: Error): void
}

const json = 'application/json'

/**
 * The Transport over HTTP/2, and what only the command line needs: raw paths and server-side
 * tables. `close` it at the end.
 */
export class HttpTransport implements Transport {
  readonly #connection: Http2Connection
  readonly #options: HttpTransportOptions

  constructor(context: Pick<Context, 'clock'>, options: HttpTransportOptions) {
    this.#connection = new Http2Connection(context, options.access)
    this.#options = options
  }

  get<T extends KubeObject>(
    resource: Resource<T>,
    key: ObjectKey,
    subresource?: Subresource,
  ): Promise<T> {
    return this.#object({ method: 'GET', path: requestPath(resource, { ...key, subresource }) })
  }

  async list<T extends KubeObject>(
    resource: Resource<T>,
    where: Collection,
    options: ListOptions = {},
  ): Promise<ListResult<T>> {
    const path = requestPath(resource, where, { ...options })
    const list = await this.#json({ method: 'GET', path })
    const { metadata, items } = list as { metadata: JsonObject; items: KubeObject[] | null }
    // Upstream's servers leave apiVersion and kind out of a list's items.
    const typed = { apiVersion: apiVersionOf(resource), kind: resource.kind }
    const complete = (items ?? []).map((item) => (item.kind ? item : { ...typed, ...item }) as T)
    return deepFreeze({ ...metadata, items: complete }) as unknown as ListResult<T>
  }

  create<T extends KubeObject>(
    resource: Resource<T>,
    where: Collection & { readonly name?: string },
    object: KubeObject,
    options: WriteOptions = {},
  ): Promise<T> {
    return this.#write('POST', writePath(resource, where, options), { body: object })
  }

  update<T extends KubeObject>(
    resource: Resource<T>,
    key: ObjectKey,
    object: KubeObject,
    options: WriteOptions = {},
  ): Promise<T> {
    return this.#write('PUT', writePath(resource, key, options), { body: object })
  }

  patch<T extends KubeObject>(
    resource: Resource<T>,
    key: ObjectKey,
    patch: Patch,
    options: WriteOptions = {},
  ): Promise<T> {
    return this.#write('PATCH', writePath(resource, key, options), patch)
  }

  delete<T extends KubeObject>(
    resource: Resource<T>,
    key: ObjectKey,
    options: Partial<DeleteOptions> = {},
  ): Promise<T | Status> {
    return this.#write('DELETE', requestPath(resource, key), { body: deleteBody(options) })
  }

  async deleteCollection(
    resource: Resource,
    where: Collection,
    options: Partial<DeleteOptions> & Pick<ListOptions, 'labelSelector' | 'fieldSelector'> = {},
  ): Promise<void> {
    const { labelSelector, fieldSelector, ...rest } = options
    const path = requestPath(resource, where, { labelSelector, fieldSelector })
    await this.#write('DELETE', path, { body: deleteBody(rest) })
  }

  watch<T extends KubeObject>(
    resource: Resource<T>,
    where: Collection,
    options: WatchOptions,
    sink: WatchSink<T>,
  ): WatchHandle {
    const path = requestPath(resource, where, { ...options, watch: true })
    const each = (type: string, object: JsonObject) => sink.event(watchEvent<T>(type, object))
    return this.#watch(path, { accept: json, each, end: (error) => sink.end(error) })
  }

  /** A collection, or one object, as a Table (H-05). */
  async getTable(
    resource: Resource,
    where: Collection,
    options: ListOptions & TableOptions = {},
  ): Promise<Table> {
    const { name, ...query } = options
    const path = requestPath(resource, { ...where, name }, query)
    return (await this.#json({ method: 'GET', path, accept: tableAccept })) as unknown as Table
  }

  watchTable(
    resource: Resource,
    where: Collection,
    options: WatchOptions & Pick<TableOptions, 'includeObject'>,
    sink: TableWatchSink,
  ): WatchHandle {
    const path = requestPath(resource, where, { ...options, watch: true })
    const each = (type: string, object: JsonObject) =>
      sink.event(type as 'ADDED', object as unknown as Table)
    return this.#watch(path, { accept: tableAccept, each, end: (error) => sink.end(error) })
  }

  /** Any path, such as `/version` or `/api/v1/namespaces/default/pods/web/log`. */
  async getText(path: string, accept = '*/*'): Promise<string> {
    return text(await this.#send({ method: 'GET', path, accept }))
  }

  /** The bytes as they come; ends when `signal` aborts. */
  async *stream(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      yield* (await this.#send({ method: 'GET', path, accept: '*/*', signal })).body
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  /** Breaks off what is under way; watches end with an error. */
  close(): void {
    this.#connection.close()
  }

  #write<T>(
    method: HttpRequest['method'],
    path: string,
    { type = json, body }: { readonly type?: string; readonly body: unknown },
  ): Promise<T> {
    return this.#object({ method, path, type, body: stringifyJson(body) })
  }

  async #object<T>(request: ApiRequest): Promise<T> {
    return deepFreeze(await this.#json(request)) as T
  }

  async #json(request: ApiRequest): Promise<JsonValue> {
    return parseJson(await text(await this.#send(request)))
  }

  async #send({ method, path, body, signal, ...media }: ApiRequest): Promise<HttpAnswer> {
    const { access, userAgent = 'astern', onWarning } = this.#options
    const headers = {
      accept: media.accept ?? json,
      'user-agent': userAgent,
      ...(media.type && { 'content-type': media.type }),
      ...(access.token && { authorization: `Bearer ${access.token}` }),
    }
    const answer = await this.#connection.send({ method, path, headers, body, signal })
    for (const warning of warningsOf(answer.headers.warning)) onWarning?.(warning)
    if (answer.status < 300) return answer
    throw errorOfAnswer(answer.status, await text(answer), String(answer.headers['retry-after']))
  }

  #watch(path: string, watcher: Watcher): WatchHandle {
    const aborter = new AbortController()
    const { signal } = aborter
    const end = (error?: Error) => {
      if (!signal.aborted) watcher.end(error)
    }
    this.#follow(path, watcher, signal).then(end, end)
    return { stop: () => aborter.abort() }
  }

  async #follow(path: string, { accept, each }: Watcher, signal: AbortSignal): Promise<undefined> {
    const answer = await this.#send({ method: 'GET', path, accept, signal })
    for await (const line of jsonLines(answer.body)) {
      if (signal.aborted) return
      const { type, object } = deepFreeze(line) as { type: string; object: JsonObject }
      if (type === 'ERROR') throw watchError(object)
      each(type, object)
    }
  }
}

interface ApiRequest extends Pick<HttpRequest, 'method' | 'path' | 'body' | 'signal'> {
  readonly accept?: string
  readonly type?: string
}

interface Watcher {
  readonly accept: string
  each(type: string, object: JsonObject): void
  end(error?: Error): void
}

async function text({ body }: HttpAnswer): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

function writePath(
  resource: Resource,
  place: { readonly namespace?: string | undefined; readonly name?: string | undefined },
  { subresource, dryRun, ...rest }: WriteOptions,
): string {
  const query: Query = { ...rest, ...(dryRun && { dryRun: 'All' }) }
  return requestPath(resource, { ...place, subresource }, query)
}

function deleteBody(options: Partial<DeleteOptions>) {
  return { kind: 'DeleteOptions', apiVersion: 'v1', ...options }
}

function watchEvent<T extends KubeObject>(type: string, object: JsonObject): WatchEvent<T> {
  if (type !== 'BOOKMARK') {
    return { type: type as 'ADDED', object: object as unknown as T }
  }
  const { metadata } = object as unknown as KubeObject
  return {
    type,
    resourceVersion: metadata.resourceVersion ?? '',
    initialEventsEnd: metadata.annotations?.['k8s.io/initial-events-end'] === 'true',
  }
}

function watchError(object: JsonValue): Error {
  const status = isJsonObject(object) ? statusOf(object) : undefined
  return status ? errorOfStatus(status) : new Error(`the watch broke: ${stringifyJson(object)}`)
}
