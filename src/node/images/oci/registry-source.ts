import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { fullReference } from '../reference.ts'
import {
  type BlobReader,
  type Descriptor,
  type ImageSource,
  ImageSourceError,
  type Manifest,
  manifestTypes,
  sourceOf,
} from './source.ts'

export interface Credentials {
  readonly username: string
  readonly password: string
}

const credentialsHint = '; give --username and --password-stdin'
const documentBytesMax = 4 * 1024 * 1024

/** An image of a registry that speaks the distribution protocol. Rejects with ImageSourceError. */
export async function registrySource(
  reference: string,
  credentials: Credentials | undefined,
): Promise<ImageSource> {
  const full = fullReference(reference)
  if (full === undefined) throw new ImageSourceError(`invalid image reference "${reference}"`)
  const slash = full.indexOf('/')
  const [domain, rest] = [full.slice(0, slash), full.slice(slash + 1)]
  const [, name = '', tag = ''] = /^(.*?)(?:@|:)([^/]*)$/.exec(rest) ?? []
  const registry = new Registry({ domain, name, credentials })
  const manifest = await registry.document(`manifests/${tag}`, digestOrNone(tag))
  return sourceOf(JSON.parse(manifest.toString('utf8')) as Manifest, registry.blobs())
}

function digestOrNone(tag: string): string | undefined {
  return tag.startsWith('sha256:') ? tag : undefined
}

/** The registry that a reference's domain means. */
export function registryHost(domain: string): string {
  return domain === 'docker.io' ? 'registry-1.docker.io' : domain
}

interface RegistryOptions {
  readonly domain: string
  readonly name: string
  readonly credentials: Credentials | undefined
}

class Registry {
  readonly #options: RegistryOptions
  readonly #base: string
  #authorization: string | undefined

  constructor(options: RegistryOptions) {
    const { domain, name } = options
    this.#options = options
    // As everywhere, a registry of this very machine may do without TLS.
    const isLocal = /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/.test(domain)
    this.#base = `${isLocal ? 'http' : 'https'}://${registryHost(domain)}/v2/${name}`
  }

  blobs(): BlobReader {
    return {
      document: ({ digest, mediaType }) => {
        const isManifest = (manifestTypes as readonly string[]).includes(mediaType ?? '')
        return this.document(`${isManifest ? 'manifests' : 'blobs'}/${digest}`, digest)
      },
      stream: async ({ digest }: Descriptor) => {
        const { body } = await this.#get(`blobs/${digest}`)
        if (!body) throw new ImageSourceError(`${digest} is empty`)
        return Readable.fromWeb(body as ReadableStream<Uint8Array>) as AsyncIterable<Buffer>
      },
    }
  }

  async document(path: string, digest: string | undefined): Promise<Buffer> {
    const response = await this.#get(path)
    if (Number(response.headers.get('content-length') ?? 0) > documentBytesMax) {
      throw new ImageSourceError(`${path} is too large to be a manifest or configuration`)
    }
    const bytes = Buffer.from(await response.arrayBuffer())
    const actual = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
    if (digest !== undefined && digest !== actual) {
      throw new ImageSourceError(`${path} is not what it is named: its digest is ${actual}`)
    }
    return bytes
  }

  async #get(path: string): Promise<Response> {
    const url = `${this.#base}/${path}`
    let response = await this.#fetch(url)
    if (response.status === 401 && this.#authorization === undefined) {
      this.#authorization = await this.#authorize(response.headers.get('www-authenticate') ?? '')
      response = await this.#fetch(url)
    }
    if (response.ok) return response
    const { status } = response
    const why = status === 401 || status === 403 ? 'access is denied' : `it answers ${status}`
    const hint = status === 401 ? credentialsHint : ''
    throw new ImageSourceError(`${url} cannot be had: ${why}${hint}`)
  }

  async #fetch(url: string): Promise<Response> {
    const authorization = this.#authorization
    const headers = { accept: manifestTypes.join(', '), ...(authorization && { authorization }) }
    try {
      return await fetch(url, { headers })
    } catch (error) {
      const { message, cause } = error as Error
      throw new ImageSourceError(
        `${url} cannot be reached: ${(cause as Error | undefined)?.message ?? message}`,
      )
    }
  }

  /** The header for all that follows, as the registry's challenge wants it. */
  async #authorize(challenge: string): Promise<string | undefined> {
    const { credentials } = this.#options
    const basic =
      credentials &&
      `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`
    if (!/^bearer /i.test(challenge)) return basic
    const words = Object.fromEntries(
      [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
    )
    const { realm = '', service, scope = `repository:${this.#options.name}:pull` } = words
    const url = new URL(realm)
    if (service) url.searchParams.set('service', service)
    url.searchParams.set('scope', scope)
    const response = await fetch(url, { headers: basic ? { authorization: basic } : {} })
    if (!response.ok) {
      const hint = credentials ? '' : credentialsHint
      throw new ImageSourceError(
        `${url.origin} gives no token: it answers ${response.status}${hint}`,
      )
    }
    const { token, access_token: other } = (await response.json()) as Record<string, string>
    return `Bearer ${token ?? other}`
  }
}
