import { createServer } from 'node:net'

const triesMax = 200

/**
 * The first port from `first` on that nobody has, on loopback or on all addresses: ports below 1024
 * are not for everybody, and a popular one may be taken.
 */
export async function freePort(first: number): Promise<number> {
  for (let port = first; port < first + triesMax; port++) {
    if ((await canListen(port, '127.0.0.1')) && (await canListen(port, '0.0.0.0'))) return port
  }
  throw new Error(`no port from ${first} to ${first + triesMax - 1} is free`)
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, host, () => server.close(() => resolve(true)))
  })
}
