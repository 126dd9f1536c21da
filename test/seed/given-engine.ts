import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { dataDirectory } from '../../src/cluster/data-directory.ts'
import { recordEngine } from '../../src/cluster/engine-record.ts'
import type { RuntimeName } from '../../src/cluster/settings.ts'
import { type GivenEngine as Given, givenEngine } from '../engine.fixture.ts'
import { GivenNamespace } from './given-namespace.ts'

/** What a request of a client without any library of Kubernetes is answered with. */
export interface Answer {
  readonly status: number
  readonly body: Record<string, never> & { readonly [key: string]: unknown }
  readonly warnings: readonly string[]
}

/** A whole engine on data of its own, for black-box tests: one per file, a namespace per test. */
export class GivenEngine {
  readonly #given: Given
  /** For manifests, kubeconfigs and the programs of images. */
  readonly #dir: string
  readonly #namespaces: GivenNamespace[] = []
  #names = 0

  private constructor(given: Given, dir: string) {
    this.#given = given
    this.#dir = dir
  }

  static async start(runtime: RuntimeName, nodes = 1): Promise<GivenEngine> {
    const dir = await mkdtemp(join(tmpdir(), 'astern-seed-'))
    return new GivenEngine(await givenEngine({ runtime, nodes }), dir)
  }

  /** Says on disk that it runs, as `astern up` does; the data directory. */
  async record(): Promise<string> {
    const { dataDir, engine } = this.#given
    const { url: server, kubeconfig } = engine
    const startedAt = new Date().toISOString()
    const facts = { server, kubeconfig, ...engine.settings, startedAt }
    await recordEngine(dataDirectory(dataDir), facts)
    return dataDir
  }

  removeImage(reference: string): Promise<void> {
    return this.#given.images.remove(reference, new Set())
  }

  /** An image of the process runtime that runs `program` with Node. */
  async addImage(reference: string, program: string): Promise<void> {
    const source = await mkdtemp(join(this.#dir, 'image-'))
    await writeFile(join(source, 'server.mjs'), program)
    await this.#given.images.add(reference, source, [process.execPath, 'server.mjs'])
  }

  /** A new namespace, and kubectl set up to speak of it without `-n`. */
  async namespace(): Promise<GivenNamespace> {
    const name = `test-${this.#names++}`
    const answer = await this.api('POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
    })
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body))
    const dir = join(this.#dir, name)
    await mkdir(dir)
    const kubeconfig = parse(await readFile(this.#given.engine.kubeconfig, 'utf8'))
    for (const { context } of kubeconfig.contexts) context.namespace = name
    const path = join(this.#dir, `${name}.kubeconfig`)
    await writeFile(path, JSON.stringify(kubeconfig), { mode: 0o600 })
    const namespace = new GivenNamespace({ name, dir, kubeconfig: path, home: this.#dir })
    this.#namespaces.push(namespace)
    return namespace
  }

  /** A request as the administrator; an object is sent as JSON, a string as it is. */
  async api(
    method: string,
    path: string,
    body?: unknown,
    type = 'application/json',
  ): Promise<Answer> {
    const { clusters, users } = parse(await readFile(this.#given.engine.kubeconfig, 'utf8'))
    const decoded = (base64: string) => Buffer.from(base64, 'base64')
    const options = {
      method,
      ca: decoded(clusters[0].cluster['certificate-authority-data']),
      cert: decoded(users[0].user['client-certificate-data']),
      key: decoded(users[0].user['client-key-data']),
      headers: { 'Content-Type': type, Accept: 'application/json' },
    }
    return new Promise((resolve, reject) => {
      const sent = request(this.#given.engine.url + path, options, async (response) => {
        const text = (await response.setEncoding('utf8').toArray()).join('')
        const warnings = [response.headers.warning ?? []].flat()
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(text), warnings })
      })
      sent.on('error', reject)
      sent.end(typeof body === 'string' ? body : JSON.stringify(body))
    })
  }

  /** Ends every process that this engine or a kubectl of it has started, and removes all files. */
  async stop(): Promise<void> {
    await Promise.all(this.#namespaces.map((namespace) => namespace.close()))
    await this.#given.stop()
    await rm(this.#dir, { recursive: true })
  }
}
