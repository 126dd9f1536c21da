import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ApiServer } from '../../src/apiserver/api-server.ts'
import { writeKubeconfig } from '../../src/apiserver/wire/kubeconfig.ts'
import { createApiListener } from '../../src/apiserver/wire/listener.ts'
import { loadOrCreatePki, type Pki } from '../../src/apiserver/wire/pki.ts'
import { type Context, systemContext } from '../../src/base/context.ts'
import { HttpTransport, type HttpTransportOptions } from '../../src/client/http-transport.ts'
import { type ClusterAccess, loadKubeconfig } from '../../src/client/kubeconfig.ts'
import { MemoryStore } from '../../src/store/memory-store.ts'

/** An API server behind its wire, and a client that found it by its kubeconfig. */
export interface GivenHttp {
  readonly context: Context
  readonly access: ClusterAccess
  readonly pki: Pki
  readonly transport: HttpTransport
  /** Another client; closed by `stop` like the first. */
  connect(options?: Partial<HttpTransportOptions>): HttpTransport
  /** Closes the port and opens it again. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export async function givenHttp(): Promise<GivenHttp> {
  const context = systemContext()
  const directory = await mkdtemp(join(tmpdir(), 'astern-http-'))
  const store = new MemoryStore()
  const server = await ApiServer.start({ context, store, serviceCidr: '10.96.0.0/16' })
  const pki = await loadOrCreatePki(join(directory, 'pki'), context.clock)
  const listen = (port: number) =>
    createApiListener({ operations: server, context, pki, host: '127.0.0.1', port })
  let listener = await listen(0)
  const { url, port } = listener
  const file = join(directory, 'kubeconfig')
  const { caCertificate } = pki
  await writeKubeconfig(file, { server: url, caCertificate, client: await pki.client('admin') })
  const access = loadKubeconfig({ files: [file] })
  const clients: HttpTransport[] = []
  const connect: GivenHttp['connect'] = (options) => {
    const transport = new HttpTransport(context, { access, ...options })
    clients.push(transport)
    return transport
  }
  return {
    context,
    access,
    pki,
    transport: connect(),
    connect,
    async restart() {
      await listener.close()
      listener = await listen(port)
    },
    async stop() {
      for (const client of clients) client.close()
      await listener.close()
      server.stop()
      await store.close()
      await rm(directory, { recursive: true })
    },
  }
}
