import { readFile, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { parse } from 'yaml'

/** Of this machine, but none by which the embedded engine is known. */
const host = '127.0.0.2'

/** An engine under an address by which nobody takes it for the embedded one; for any client. */
export async function foreignAddress(kubeconfig: string) {
  const config = parse(await readFile(kubeconfig, 'utf8'))
  const { hostname, port } = new URL(config.clusters[0].cluster.server)
  const sockets = new Set<Socket>()
  const front = createServer((socket) => {
    const behind = connect(Number(port), hostname)
    for (const [each, other] of [
      [socket, behind],
      [behind, socket],
    ] as const) {
      sockets.add(each)
      each.once('error', () => other.destroy()).once('close', () => sockets.delete(each))
      each.pipe(other)
    }
  })
  await new Promise<void>((resolve) => front.listen(0, host, resolve))
  const server = `https://${host}:${(front.address() as AddressInfo).port}`
  config.clusters[0].cluster = {
    ...config.clusters[0].cluster,
    server,
    'tls-server-name': 'localhost',
  }
  const file = `${kubeconfig}.foreign`
  await writeFile(file, JSON.stringify(config), { mode: 0o600 })
  return {
    kubeconfig: file,
    close() {
      for (const socket of sockets) socket.destroy()
      front.close()
    },
  }
}
