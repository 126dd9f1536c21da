import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { type JsonValue, stringifyJson } from '../../api/json.ts'
import {
  aggregatedContentType,
  aggregatedDiscovery,
  aggregatedVersion,
  discoveryDocuments,
} from './discovery.ts'
import { type Exchange, headerOf } from './exchange.ts'
import { isJson, notAcceptable, parseAccept } from './negotiation.ts'
import { openApiV2, openApiV3, openApiV3Groups } from './openapi.ts'
import type { Descriptions } from './openapi-schemas.ts'
import { openApiV2Protobuf, openApiV2ProtobufTypes } from './openapi-v2-protobuf.ts'
import { acceptsGzip, compressedBytesMin, gzipEncoding, sendBytes } from './respond.ts'
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

/** The prose of OpenAPI: as much text as the rest of the server has code, and seldom asked for. */
async function loadDescriptions(): Promise<Descriptions> {
  return (await import('../../api/generated/descriptions.ts')).descriptions
}

const customResources = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/**
 * There are none, and none can be made. kubectl looks here, whatever discovery says, when OpenAPI
 * does not have a kind: without an answer it blames the validation, not the kind.
 */
const noCustomResources: JsonValue = {
  kind: 'CustomResourceDefinitionList',
  apiVersion: 'apiextensions.k8s.io/v1',
  metadata: { resourceVersion: '1' },
  items: [],
}

type Source = () => JsonValue | Promise<JsonValue>

/**
 * What the server says of itself: version, discovery, OpenAPI. None of it changes while the server
 * runs, so each document is made when it is first asked for and kept.
 */
export class Documents {
  readonly #served: readonly ServedResource[]
  readonly #sources: ReadonlyMap<string, Source>
  readonly #made = new Map<string, Promise<Document>>()
  /** By hash. */
  readonly #zipped = new Map<string, Promise<Buffer>>()

  constructor(served: readonly ServedResource[]) {
    this.#served = served
    const sources = new Map<string, Source>([
      ['/version', () => version],
      ['/openapi/v2', async () => openApiV2(served, await loadDescriptions())],
      ['/openapi/v3', () => this.#openApiIndex()],
      [customResources, () => noCustomResources],
    ])
    for (const [path, value] of discoveryDocuments(served)) sources.set(path, () => value)
    for (const [path, group] of openApiV3Groups(served)) {
      sources.set(`/openapi/v3/${path}`, async () => openApiV3(group, await loadDescriptions()))
    }
    this.#sources = sources
  }

  /** Answers when the path is one of ours; else returns false. Throws NotAcceptable. */
  async serve({ request, response, path }: Exchange): Promise<boolean> {
    const document = await this.#negotiate(path.replace(/\/$/, ''), headerOf(request, 'accept'))
    if (!document) return false
    const { contentType, hash } = document
    const etag = `"${hash}"`
    const headers = { etag, vary: 'Accept, Accept-Encoding' }
    if (headerOf(request, 'if-none-match')?.includes(etag)) {
      sendBytes(response, '', { code: 304, contentType, headers })
    } else if (document.bytes.length >= compressedBytesMin && acceptsGzip(request)) {
      const bytes = await this.#compressed(document)
      sendBytes(response, bytes, { contentType, headers: { ...headers, ...gzipEncoding } })
    } else {
      sendBytes(response, document.bytes, { contentType, headers })
    }
    return true
  }

  #compressed({ hash, bytes }: Document): Promise<Buffer> {
    const compressed = this.#zipped.get(hash) ?? promisify(gzip)(bytes)
    this.#zipped.set(hash, compressed)
    return compressed
  }

  #negotiate(path: string, accept: string | undefined): Promise<Document> | undefined {
    const source = this.#sources.get(path)
    if (!source) return undefined
    if (path === '/api' || path === '/apis') {
      const aggregated = aggregatedVersion(accept)
      if (aggregated) return this.#aggregated(path, aggregated)
    }
    const accepted = parseAccept(accept)
    if (path === '/openapi/v2' && accepted[0]?.type === openApiV2ProtobufTypes.asked) {
      const make = async () =>
        documentOf(openApiV2Protobuf(await source()), openApiV2ProtobufTypes.answered)
      return this.#make(`${path} protobuf`, make)
    }
    if (!accepted.some(isJson)) throw notAcceptable(['application/json'])
    return this.#make(path, async () => render(await source()))
  }

  #aggregated(path: '/api' | '/apis', wanted: string): Promise<Document> {
    return this.#make(`${path} ${wanted}`, async () =>
      render(aggregatedDiscovery(this.#served, path, wanted), aggregatedContentType(wanted)),
    )
  }

  /** Clients keep a document for as long as its hash stays (H-04). */
  async #openApiIndex(): Promise<JsonValue> {
    const paths: Record<string, JsonValue> = {}
    for (const [path, make] of this.#sources) {
      if (!path.startsWith('/openapi/v3/')) continue
      const { hash } = await this.#make(path, async () => render(await make()))
      paths[path.slice('/openapi/v3/'.length)] = { serverRelativeURL: `${path}?hash=${hash}` }
    }
    return { paths }
  }

  #make(key: string, make: () => Promise<Document>): Promise<Document> {
    const document = this.#made.get(key) ?? make()
    this.#made.set(key, document)
    return document
  }
}
