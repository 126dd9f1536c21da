import { createHash } from 'node:crypto'
import { type JsonValue, stringifyJson } from '../../api/json.ts'
import {
  aggregatedContentType,
  aggregatedDiscovery,
  aggregatedVersion,
  discoveryDocuments,
} from './discovery.ts'
import { type Exchange, headerOf } from './exchange.ts'
import { isJson, notAcceptable, parseAccept } from './negotiation.ts'
import { openApiV2, openApiV3 } from './openapi.ts'
import { openApiV2Protobuf, openApiV2ProtobufTypes } from './openapi-v2-protobuf.ts'
import { sendBytes } from './respond.ts'
import type { ServedResource } from './served.ts'
import { version } from './version.ts'

interface Document {
  readonly bytes: Buffer
  /** Hex, without quotes. */
  readonly hash: string
  readonly contentType: string
}

function render(value: JsonValue, contentType = 'application/json'): Document {
  return documentOf(Buffer.from(stringifyJson(value)), contentType)
}

function documentOf(bytes: Buffer, contentType: string): Document {
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 32).toUpperCase()
  return { bytes, hash, contentType }
}

/**
 * What the server says of itself: version, discovery, OpenAPI. None of it changes while the server
 * runs, so each document is made when it is first asked for and kept.
 */
export class Documents {
  readonly #served: readonly ServedResource[]
  readonly #sources: ReadonlyMap<string, () => JsonValue>
  readonly #made = new Map<string, Document>()

  constructor(served: readonly ServedResource[]) {
    this.#served = served
    const sources = new Map<string, () => JsonValue>([
      ['/version', () => version],
      ['/openapi/v2', () => openApiV2(served)],
      ['/openapi/v3', () => this.#openApiIndex()],
    ])
    for (const [path, value] of discoveryDocuments(served)) sources.set(path, () => value)
    for (const [path, make] of openApiV3(served)) sources.set(`/openapi/v3/${path}`, make)
    this.#sources = sources
  }

  /** Answers when the path is one of ours; else returns false. Throws NotAcceptable. */
  serve({ request, response, path }: Exchange): boolean {
    const document = this.#negotiate(path.replace(/\/$/, ''), headerOf(request, 'accept'))
    if (!document) return false
    const etag = `"${document.hash}"`
    const headers = { etag, vary: 'Accept' }
    const { contentType } = document
    if (headerOf(request, 'if-none-match')?.includes(etag)) {
      sendBytes(response, '', { code: 304, contentType, headers })
    } else {
      sendBytes(response, document.bytes, { contentType, headers })
    }
    return true
  }

  #negotiate(path: string, accept: string | undefined): Document | undefined {
    const source = this.#sources.get(path)
    if (!source) return undefined
    if (path === '/api' || path === '/apis') {
      const aggregated = aggregatedVersion(accept)
      if (aggregated) return this.#aggregated(path, aggregated)
    }
    const accepted = parseAccept(accept)
    if (path === '/openapi/v2' && accepted[0]?.type === openApiV2ProtobufTypes.asked) {
      const make = () => documentOf(openApiV2Protobuf(), openApiV2ProtobufTypes.answered)
      return this.#make(`${path} protobuf`, make)
    }
    if (!accepted.some(isJson)) throw notAcceptable(['application/json'])
    return this.#make(path, () => render(source()))
  }

  #aggregated(path: '/api' | '/apis', wanted: string): Document {
    return this.#make(`${path} ${wanted}`, () =>
      render(aggregatedDiscovery(this.#served, path, wanted), aggregatedContentType(wanted)),
    )
  }

  /** Clients keep a document for as long as its hash stays (H-04). */
  #openApiIndex(): JsonValue {
    const paths: Record<string, JsonValue> = {}
    for (const [path, make] of this.#sources) {
      if (!path.startsWith('/openapi/v3/')) continue
      const { hash } = this.#make(path, () => render(make()))
      paths[path.slice('/openapi/v3/'.length)] = { serverRelativeURL: `${path}?hash=${hash}` }
    }
    return { paths }
  }

  #make(key: string, make: () => Document): Document {
    const document = this.#made.get(key) ?? make()
    this.#made.set(key, document)
    return document
  }
}
