import { readFile, writeFile } from 'node:fs/promises'
import {
  connect,
  constants,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { parse } from 'yaml'

const version = JSON.stringify({ major: '1', minor: '35', gitVersion: 'v1.35.0' })

/**
 * An engine as seen from where nobody can tell that it is one: a server in front of it that
 * answers with the version of a plain Kubernetes.
 */
export async function foreignCluster(kubeconfig: string) {
  const config = parse(await readFile(kubeconfig, 'utf8'))
  const { server, 'certificate-authority-data': ca } = config.clusters[0].cluster
  const { 'client-certificate-data': cert, 'client-key-data': key } = config.users[0].user
  const decoded = (base64: string) => Buffer.from(base64, 'base64')
  const behind = connect(server, { ca: decoded(ca), cert: decoded(cert), key: decoded(key) })
  let writes = 0
  const front = createServer()
  front.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => {})
    if (headers[':path'] === '/version') {
      stream.respond({ ':status': 200, 'content-type': 'application/json' })
      return stream.end(version)
    }
    if (headers[':method'] !== 'GET') writes++
    const { ':authority': _a, ':scheme': _s, ...rest } = headers
    const asked = behind.request(rest)
    asked.on('error', () => stream.destroy())
    stream.on('close', () => asked.close(constants.NGHTTP2_CANCEL))
    asked.on('response', (answer) => {
      if (stream.destroyed) return
      stream.respond(answer)
      asked.pipe(stream)
    })
    stream.pipe(asked)
  })
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
  const { port } = front.address() as AddressInfo
  config.clusters[0].cluster = { server: `http://127.0.0.1:${port}` }
  const file = `${kubeconfig}.foreign`
  await writeFile(file, JSON.stringify(config))
  return {
    kubeconfig: file,
    /** How many requests were more than reading. */
    writes: () => writes,
    close() {
      behind.destroy()
      front.close()
    },
  }
}
