import { mkdtemp, rm } from 'node:fs/promises'
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Resource } from '../../api/resource.ts'
import { systemContext } from '../../base/context.ts'
import { MemoryStore } from '../../store/memory-store.ts'
import { ApiServer } from '../api-server.ts'
import type { Credential } from './credential.ts'
import { type ApiListenerOptions, createApiListener } from './listener.ts'
import { loadOrCreatePki, type Pki } from './pki.ts'

export interface Answer {
  readonly code: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly bytes: Buffer
}

export interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** A real API server behind a real port, on a store in memory. */
export interface ServedApi {
  readonly url: string
  readonly server: ApiServer
  readonly pki: Pki
  /** Over HTTP/2, as the administrator unless another session is given. */
  ask(path: string, ask?: Ask, session?: ClientHttp2Session): Promise<Answer>
  /** A session with this certificate; without one it is anonymous. */
  session(client?: Credential): ClientHttp2Session
  create(resource: Resource, namespace: string | undefined, object: object): Promise<void>
  close(): Promise<void>
}

export async function serveApi(options: Partial<ApiListenerOptions> = {}): Promise<ServedApi> {
  const context = options.context ?? systemContext()
  const dir = await mkdtemp(join(tmpdir(), 'astern-wire-'))
  const pki = await loadOrCreatePki(join(dir, 'pki'), context.clock)
  const store = new MemoryStore()
  const server = await ApiServer.start({ context, store, serviceCidr: '127.77.0.0/16' })
  const listening = { operations: server, context, pki, host: '127.0.0.1', port: 0, ...options }
  const listener = await createApiListener(listening)
  const sessions: ClientHttp2Session[] = []
  const session = (client?: Credential) => {
    const opened = connect(listener.url, {
      ca: pki.caCertificate,
      ...(client && { cert: client.certificate, key: client.key }),
    })
    // Every request that is open listens.
    opened.setMaxListeners(0)
    sessions.push(opened)
    return opened
  }
  const admin = session(await pki.client('admin'))
  const caller = { user: 'test', groups: ['system:masters'], userAgent: 'test' }
  return {
    url: listener.url,
    server,
    pki,
    session,
    ask: (path, ask = {}, through = admin) => askOver(through, path, ask),
    async create(resource, namespace, object) {
      const body = { text: JSON.stringify(object), contentType: 'application/json' }
      await server.create(caller, resource, { namespace }, body, {})
    },
    async close() {
      for (const opened of sessions) opened.close()
      await listener.close()
      server.stop()
      await store.close()
      await rm(dir, { recursive: true })
    },
  }
}

function askOver(session: ClientHttp2Session, path: string, ask: Ask): Promise<Answer> {
  const { method = 'GET', headers = {}, body } = ask
  return new Promise((resolve, reject) => {
    const endStream = body === undefined
    const stream = session.request({ ':method': method, ':path': path, ...headers }, { endStream })
    let answered: IncomingHttpHeaders = {}
    const chunks: Buffer[] = []
    session.once('error', reject)
    stream.on('error', reject)
    stream.on('response', (received) => {
      answered = received
    })
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    // Not at the end of the answer: the request may still be on its way.
    stream.on('close', () => {
      const bytes = Buffer.concat(chunks)
      const text = bytes.toString('utf8')
      session.removeListener('error', reject)
      resolve({ code: Number(answered[':status']), headers: answered, text, bytes })
    })
    if (!endStream) stream.end(body)
  })
}
