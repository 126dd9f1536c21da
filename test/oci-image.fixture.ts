import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

/** Path -> content of a file, `-> TARGET` for a symbolic link, `= PATH` for a copy from here. */
export type LayerFiles = Readonly<Record<string, string>>

export interface OciImage {
  readonly layers: readonly LayerFiles[]
  /** Of the configuration object: `Entrypoint`, `Env`, `User`, … */
  readonly config: object
}

/** One statically linked program that is a shell and all usual tools. */
export const busyboxLayer: LayerFiles = {
  'bin/busybox': `= ${execFileSync('sh', ['-c', 'command -v busybox']).toString().trim()}`,
  ...Object.fromEntries(
    [
      'sh',
      'cat',
      'echo',
      'ls',
      'id',
      'sleep',
      'env',
      'touch',
      'pwd',
      'kill',
      'nc',
      'wc',
      'true',
      'httpd',
      'wget',
      'tar',
      'stty',
      'sha256sum',
    ].map((name) => [`bin/${name}`, '-> busybox']),
  ),
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1001:app:/home/app:/bin/sh\n',
  'etc/group': 'root:x:0:\napp:x:1001:\n',
  'tmp/.keep': '',
}

interface Blob {
  readonly digest: string
  readonly bytes: Buffer
}

function blobOf(bytes: Buffer): Blob {
  return { digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, bytes }
}

function tarOf(fill: (dir: string) => void): Buffer {
  const dir = mkdtempSync(join(tmpdir(), 'astern-layer-'))
  try {
    fill(dir)
    return execFileSync('tar', ['--mtime=@0', '--sort=name', '-cf', '-', '-C', dir, '.'], {
      maxBuffer: 64 * 1024 * 1024,
    })
  } finally {
    rmSync(dir, { recursive: true })
  }
}

function layerTar(files: LayerFiles): Buffer {
  return tarOf((dir) => {
    for (const [path, content] of Object.entries(files)) {
      const file = join(dir, path)
      mkdirSync(dirname(file), { recursive: true })
      if (content.startsWith('-> ')) symlinkSync(content.slice(3), file)
      else if (content.startsWith('= ')) copyFileSync(content.slice(2), file)
      else writeFileSync(file, content, { mode: content.startsWith('#!') ? 0o755 : 0o644 })
    }
  })
}

function partsOf({ layers, config }: OciImage) {
  const tars = layers.map(layerTar)
  const diffIds = tars.map((tar) => blobOf(tar).digest)
  const object = {
    architecture: 'amd64',
    os: 'linux',
    config,
    rootfs: { type: 'layers', diff_ids: diffIds },
  }
  return { tars, config: blobOf(Buffer.from(JSON.stringify(object))) }
}

/** All blobs of an image with gzip layers, the manifest last. */
function blobsOf(image: OciImage): readonly Blob[] {
  const { tars, config } = partsOf(image)
  const layers = tars.map((tar) => blobOf(gzipSync(tar)))
  const describe = ({ digest, bytes }: Blob, mediaType: string) => ({
    mediaType,
    digest,
    size: bytes.length,
  })
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: describe(config, 'application/vnd.oci.image.config.v1+json'),
    layers: layers.map((layer) => describe(layer, 'application/vnd.oci.image.layer.v1.tar+gzip')),
  }
  return [config, ...layers, blobOf(Buffer.from(JSON.stringify(manifest)))]
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json'

/** An OCI image layout in `dir`, through an index for several machines. */
export function writeLayout(dir: string, image: OciImage): void {
  const blobs = blobsOf(image)
  const manifest = blobs.at(-1) as Blob
  const platform = {
    os: 'linux',
    architecture: { x64: 'amd64' }[process.arch as string] ?? process.arch,
  }
  const other = {
    mediaType: manifestType,
    digest: `sha256:${'0'.repeat(64)}`,
    platform: { os: 'plan9' },
  }
  const mine = { mediaType: manifestType, digest: manifest.digest, platform }
  mkdirSync(join(dir, 'blobs/sha256'), { recursive: true })
  for (const { digest, bytes } of blobs)
    writeFileSync(join(dir, 'blobs/sha256', digest.slice(7)), bytes)
  writeFileSync(join(dir, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  writeFileSync(
    join(dir, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [other, mine] }),
  )
}

/** What `docker save` of an older Docker makes: an archive with one tar per layer. */
export function dockerArchive(image: OciImage): Buffer {
  const { tars, config } = partsOf(image)
  return tarOf((dir) => {
    const name = `${config.digest.slice(7)}.json`
    writeFileSync(join(dir, name), config.bytes)
    tars.forEach((tar, index) => {
      mkdirSync(join(dir, `${index}`))
      writeFileSync(join(dir, `${index}`, 'layer.tar'), tar)
    })
    const Layers = tars.map((_, index) => `${index}/layer.tar`)
    writeFileSync(
      join(dir, 'manifest.json'),
      JSON.stringify([{ Config: name, RepoTags: null, Layers }]),
    )
  })
}

/** A directory as an archive. */
export function archiveOf(dir: string): Buffer {
  return execFileSync('tar', ['-cf', '-', '-C', dir, '.'], { maxBuffer: 64 * 1024 * 1024 })
}

/** A registry that gives tokens to one user only, or is open to everybody. */
export class GivenRegistry {
  readonly #server: Server
  readonly #isOpen: boolean
  readonly #blobs = new Map<string, Buffer>()
  readonly #tags = new Map<string, Buffer>()

  private constructor(server: Server, isOpen: boolean) {
    this.#server = server
    this.#isOpen = isOpen
  }

  static async start({ isOpen = false } = {}): Promise<GivenRegistry> {
    const server = createServer()
    const registry = new GivenRegistry(server, isOpen)
    server.on('request', (request, response) => {
      const { status, headers, body } = registry.#answer(
        request.url ?? '',
        request.headers.authorization,
      )
      response.writeHead(status, headers).end(body)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return registry
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** `TAG` is one of whatever repository is asked for, `REPOSITORY:TAG` of that one only. */
  push(tag: string, image: OciImage): void {
    const blobs = blobsOf(image)
    for (const { digest, bytes } of blobs) this.#blobs.set(digest, bytes)
    this.#tags.set(tag, (blobs.at(-1) as Blob).bytes)
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  #answer(url: string, authorization: string | undefined) {
    const basic = `Basic ${Buffer.from('me:secret').toString('base64')}`
    if (url.startsWith('/token')) {
      const isKnown = authorization === basic && url.includes('scope=repository%3Aapp%3Apull')
      return isKnown ? { status: 200, body: '{"token":"t0k3n"}' } : { status: 401, body: '' }
    }
    if (!this.#isOpen && authorization !== 'Bearer t0k3n') {
      const challenge = `Bearer realm="http://${this.host}/token",service="test",scope="repository:app:pull"`
      return { status: 401, headers: { 'www-authenticate': challenge }, body: '' }
    }
    const [, repository, kind, name = ''] = /^\/v2\/(.+)\/(\w+)\/([^/?]+)/.exec(url) ?? []
    const tagged = this.#tags.get(`${repository}:${name}`) ?? this.#tags.get(name)
    const body = this.#blobs.get(name) ?? tagged
    if (!body) return { status: 404, body: '' }
    const headers = {
      'content-type': kind === 'manifests' ? manifestType : 'application/octet-stream',
      'content-length': body.length,
      'docker-content-digest': blobOf(body).digest,
    }
    return { status: 200, headers, body }
  }
}
