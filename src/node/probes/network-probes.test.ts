import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type handleUnaryCall, Server, ServerCredentials, status } from '@grpc/grpc-js'
import { afterEach, describe, expect, it } from 'vitest'
import { grpcProbe } from './grpc-probe.ts'
import { httpProbe } from './http-probe.ts'
import { tcpProbe } from './tcp-probe.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** A port that was free a moment ago. */
async function closedPort(): Promise<number> {
  const port = await serve(() => {})
  closers.pop()?.()
  return port
}

const ask = (port: number, path = '/', timeoutMs = 1_000) =>
  httpProbe({ action: { path, port }, host: '127.0.0.1', port, timeoutMs })

describe('F-09 httpGet', () => {
  it.each([
    [200, 'success'],
    [204, 'success'],
    [302, 'success'],
    [399, 'success'],
    [400, 'failure'],
    [503, 'failure'],
  ])('%i: %s', async (code, result) => {
    const port = await serve((_, response) => response.writeHead(code).end())
    expect((await ask(port)).result).toBe(result)
  })

  it('says which status failed', async () => {
    const port = await serve((_, response) => response.writeHead(503).end('busy'))
    expect(await ask(port)).toEqual({
      result: 'failure',
      output: 'HTTP probe failed with statuscode: 503',
    })
  })

  it('follows redirects on the same host, and takes another host for a success', async () => {
    const port = await serve((request, response) => {
      if (request.url === '/here') response.writeHead(302, { location: '/end' }).end()
      else if (request.url === '/there') {
        response.writeHead(302, { location: 'http://example.invalid/' }).end()
      } else response.writeHead(500).end()
    })
    expect((await ask(port, '/here')).result).toBe('failure')
    expect((await ask(port, '/there')).result).toBe('success')
  })

  it('sends the agent and headers that are given', async () => {
    let seen: unknown
    const port = await serve((request, response) => {
      seen = [request.headers['user-agent'], request.headers['x-a'], request.headers.host]
      response.end()
    })
    const httpHeaders = [
      { name: 'X-A', value: '1' },
      { name: 'Host', value: 'h' },
    ]
    const action = { path: '/', port, httpHeaders }
    await httpProbe({ action, host: '127.0.0.1', port, timeoutMs: 1_000 })
    expect(seen).toEqual(['kube-probe/1.35', '1', 'h'])
  })

  it('fails when nothing listens or nothing answers in time', async () => {
    const closed = await ask(await closedPort())
    expect(closed.result).toBe('failure')
    expect(closed.output).toMatch(/^Get "http:\/\/127\.0\.0\.1:\d+\/": .*ECONNREFUSED/)
    const silent = await serve(() => {})
    expect((await ask(silent, '/', 30)).result).toBe('failure')
  })
})

describe('F-09 tcpSocket', () => {
  it('succeeds when a connection opens, fails when it is refused', async () => {
    const port = await serve(() => {})
    const open = await tcpProbe({ host: '127.0.0.1', port, timeoutMs: 1_000 })
    expect(open.result).toBe('success')
    const refused = { host: '127.0.0.1', port: await closedPort(), timeoutMs: 1_000 }
    expect((await tcpProbe(refused)).result).toBe('failure')
  })
})

type Check = handleUnaryCall<Buffer, Buffer>

/** A server with the health service, whose messages are bytes. */
async function serveHealth(check: Check | undefined): Promise<number> {
  const server = new Server()
  const asIs = (bytes: Buffer) => bytes
  const Check = {
    path: '/grpc.health.v1.Health/Check',
    requestStream: false,
    responseStream: false,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  }
  if (check) server.addService({ Check }, { Check: check })
  closers.push(() => server.forceShutdown())
  return new Promise((resolve, reject) => {
    const bound = (error: Error | null, port: number) => (error ? reject(error) : resolve(port))
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), bound)
  })
}

const answers =
  (bytes: readonly number[]): Check =>
  (_, callback) =>
    callback(null, Buffer.from(bytes))

const askHealth = (port: number, service = '', timeoutMs = 5_000) =>
  grpcProbe({ host: '127.0.0.1', port, service, timeoutMs })

describe('F-09 grpc', () => {
  it.each([
    [[0x08, 1], { result: 'success', output: '' }],
    [[0x08, 2], { result: 'failure', output: 'service unhealthy (responded with "NOT_SERVING")' }],
    [[], { result: 'failure', output: 'service unhealthy (responded with "UNKNOWN")' }],
  ])('a status of %j', async (bytes, expected) => {
    expect(await askHealth(await serveHealth(answers(bytes)))).toEqual(expected)
  })

  it('asks for the service that is named', async () => {
    const asked: string[] = []
    const port = await serveHealth((call, callback) => {
      asked.push(call.request.toString('latin1'))
      callback(null, Buffer.from([0x08, 1]))
    })
    await askHealth(port, 'db')
    await askHealth(port)
    expect(asked).toEqual(['\n\x02db', ''])
  })

  it('fails when there is no health service, no server, or no answer in time', async () => {
    const bare = await askHealth(await serveHealth(undefined))
    expect(bare.result).toBe('failure')
    expect(bare.output).toMatch(/^error: this server does not implement the grpc health protocol/)
    const port = await serveHealth((_, callback) =>
      callback({ code: status.NOT_FOUND, details: 'db' }),
    )
    expect((await askHealth(port)).output).toMatch(/^error: health rpc probe failed: .*db/)
    expect((await askHealth(await closedPort())).output).toMatch(
      /^timeout: failed to connect service/,
    )
    const silent = await askHealth(await serveHealth(() => {}), '', 100)
    expect(silent.output).toBe('timeout: health rpc did not complete within 0.1s')
  })
})
