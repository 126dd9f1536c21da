import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { EndpointTraffic } from '../../src/api/seams.ts'
import { type Backend, endBackends, givenBackend } from './backend.ts'
import { type GivenTraffic, givenTraffic } from './given-traffic.ts'

let given: GivenTraffic
const backends: Backend[] = []
const servers: Server[] = []
/** Cluster IP by Service. */
const ips = new Map<string, string>()

beforeAll(async () => {
  given = await givenTraffic()
  await serve('web', 'a')
  await serve('web', 'b')
})

afterAll(async () => {
  await given.end()
  for (const server of servers) server.close()
  endBackends()
})

async function expose(app: string, name: string, port: number): Promise<void> {
  if (!ips.has(app)) {
    const service = await given.service(app)
    ips.set(app, service.spec?.clusterIP ?? '')
  }
  await given.pod(name, { app, port })
  await vi.waitFor(async () => {
    const rows = await given.traffic.stats.snapshot()
    expect(rows.find((row) => row.podName === name)?.inTraffic).toBe(true)
  })
  // The table holds for requests before the last of its ports is open.
  await vi.waitFor(async () => {
    const socket = connect(8080, ips.get(app) ?? '')
    await once(socket, 'connect')
    socket.destroy()
  })
}

async function serve(app: string, name: string): Promise<void> {
  const backend = await givenBackend(name)
  backends.push(backend)
  await expose(app, name, backend.port)
}

/** A server at the level of bytes behind a Service of this name. */
async function serveRaw(app: string, onSocket: (socket: Socket) => void): Promise<void> {
  const server = createServer((socket) => onSocket(socket.on('error', () => {})))
  servers.push(server.listen(0, '127.0.0.1'))
  await once(server, 'listening')
  const address = server.address()
  await expose(app, app, typeof address === 'object' && address ? address.port : 0)
}

async function webRows(): Promise<readonly EndpointTraffic[]> {
  const rows = await given.traffic.stats.snapshot()
  return rows.filter(({ service }) => service === 'web')
}

function sumOf(rows: readonly EndpointTraffic[], of: (row: EndpointTraffic) => number): number {
  return rows.reduce((sum, row) => sum + of(row), 0)
}

function url(app: string, path: string): string {
  return `http://${ips.get(app)}:8080${path}`
}

/** Sends bytes, in pieces, and resolves with all that comes until the end, or until `enough`. */
async function exchange(app: string, pieces: readonly string[], enough?: RegExp): Promise<string> {
  const socket = connect({ host: ips.get(app) ?? '', port: 8080, allowHalfOpen: true })
  let text = ''
  const done = new Promise<void>((resolve, reject) => {
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk
      if (enough?.test(text)) resolve()
    })
    socket.on('end', resolve)
    socket.on('error', reject)
  })
  for (const piece of pieces) {
    socket.write(piece, 'latin1')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await done
  socket.destroy()
  return text
}

describe('requests', () => {
  test('go to the endpoints in turn, on one connection of the client', async () => {
    const get = 'GET /name HTTP/1.1\r\nHost: x\r\n\r\n'
    const last = 'GET /name HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
    const text = await exchange('web', [get, get, get, last])
    const names = [...text.matchAll(/x-backend: (\w)/g)].map((match) => match[1])
    expect(names).toHaveLength(4)
    expect([names.slice(0, 2).sort(), names.slice(2).sort()]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
  })

  test('are counted by pod, class and time until the answer began', async () => {
    const before = await webRows()
    const get = 'GET /name HTTP/1.1\r\nHost: x\r\n'
    await exchange('web', [`${get}\r\n`, `${get}Connection: close\r\n\r\n`])
    const after = await webRows()
    const more = (of: (row: EndpointTraffic) => number) => sumOf(after, of) - sumOf(before, of)
    expect(more(({ requests }) => requests)).toBe(2)
    expect(more(({ byStatusClass }) => byStatusClass[2])).toBe(2)
    expect(more(({ latency }) => latency.counts.reduce((sum, count) => sum + count))).toBe(2)
    expect(more(({ latency }) => latency.sumSeconds)).toBeGreaterThan(0)
  })

  test('in a pipeline are answered in order', async () => {
    const paths = ['/slow?100', '/name', '/slow?20', '/echo']
    const requests = paths.map((path, at) => `GET ${path} HTTP/1.1\r\nHost: x\r\nX: ${at}\r\n\r\n`)
    const post =
      'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: close\r\n\r\nlast'
    const text = await exchange('web', [requests.join('') + post])
    expect(text.match(/HTTP\/1.1 200/g)).toHaveLength(5)
    expect(text.trimEnd().endsWith('last\r\n0')).toBe(true)
  })

  test('in single bytes', async () => {
    const text =
      'POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'
    const socket = connect(8080, ips.get('web') ?? '')
    socket.setNoDelay(true)
    for (const byte of text) {
      socket.write(byte)
      await new Promise((resolve) => setImmediate(resolve))
    }
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1.1 200 OK/)
    socket.destroy()
  })

  test('with a body of megabytes, up and down', async () => {
    const body = Buffer.alloc(8 << 20, 'astern ')
    const response = await fetch(url('web', '/echo'), { method: 'POST', body })
    expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true)
  })

  test('with Expect: 100-continue', async () => {
    const head =
      'POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n'
    const text = await exchange('web', [head, 'hello'], /hello/)
    expect(text).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK/)
  })

  test('HEAD has no body, and the connection goes on', async () => {
    const head = 'HEAD /name HTTP/1.1\r\nHost: x\r\n\r\n'
    const close = 'GET /name HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
    expect((await exchange('web', [head, close])).match(/HTTP\/1.1 200/g)).toHaveLength(2)
  })

  test('a client that has closed its side still gets its answer', async () => {
    const socket = connect({ host: ips.get('web') ?? '', port: 8080, allowHalfOpen: true })
    socket.end('GET /slow?50 HTTP/1.1\r\nHost: x\r\n\r\n')
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1.1 200 OK/)
    await once(socket, 'close')
  })
})

describe('answers', () => {
  test('in chunks arrive as they are sent', async () => {
    const response = await fetch(url('web', '/stream?5'))
    const chunksOf = (name: string) => [0, 1, 2, 3, 4].map((at) => `${name}${at};`).join('')
    expect([chunksOf('a'), chunksOf('b')]).toContain(await response.text())
  })

  test('without a length end with the connection', async () => {
    const text = await exchange('web', ['GET /close HTTP/1.0\r\n\r\n'])
    expect(text).toMatch(/\r\n\r\n[ab]$/)
  })
})

describe('upgrades', () => {
  test('pass, with what follows', async () => {
    const head = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n'
    const text = await exchange('web', [`${head}one`, 'two'], /two/)
    // An endpoint that is busy finds both at once.
    expect(text).toMatch(/^HTTP\/1.1 101 .*\r\n\r\n([ab]):one(\1:)?two$/s)
  })
})

describe('streams', () => {
  test('a server that speaks first is heard', async () => {
    await serveRaw('greeter', (socket) => {
      socket.write('220 ready\r\n')
      socket.on('data', (chunk) => socket.end(`250 ${chunk}`))
    })
    const socket = connect(8080, ips.get('greeter') ?? '')
    const [greeting] = await once(socket, 'data')
    expect(String(greeting)).toBe('220 ready\r\n')
    socket.write('EHLO x\r\n')
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toBe('250 EHLO x\r\n')
    socket.destroy()
  })

  test('bytes of any protocol pass, each direction ending by itself', async () => {
    await serveRaw('upper', (socket) => {
      socket.on('data', (chunk) => socket.write(String(chunk).toUpperCase()))
    })
    const socket = connect({ host: ips.get('upper') ?? '', port: 8080 })
    socket.end('\x16hello')
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toBe('\x16HELLO')
    await once(socket, 'close')
  })
})

describe('what goes wrong', () => {
  test.each([
    ['both framings', 400, 'Content-Length: 3\r\nTransfer-Encoding: chunked'],
    ['a folded line', 400, 'X: a\r\n b'],
    ['a bare LF', 400, 'X: a\nY: b'],
    ['a head over 64 KiB', 431, `X: ${'x'.repeat(70_000)}`],
  ])('%s: %i', async (_, status, field) => {
    const text = await exchange('web', [`GET /name HTTP/1.1\r\nHost: x\r\n${field}\r\n\r\n`])
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} .*connection: close`, 's'))
  })

  test('a Service without endpoints: 503 that names it', async () => {
    const service = await given.service('empty')
    await vi.waitFor(async () => {
      const response = await fetch(`http://${service.spec?.clusterIP}:8080/`)
      expect([response.status, await response.text()]).toEqual([
        503,
        'Service default/empty has no ready endpoint\n',
      ])
    })
  })

  test('an endpoint that refuses connections: another one answers', async () => {
    await serve('half', 'half-alive')
    const dead = await givenBackend('half-dead')
    await expose('half', 'half-dead', dead.port)
    await dead.kill()
    for (let turn = 0; turn < 6; turn++) {
      const method = turn % 2 ? 'POST' : 'GET'
      const response = await fetch(url('half', '/name'), { method })
      expect(await response.text()).toBe('half-alive')
    }
  })

  test('no answer: a GET goes elsewhere, a POST is 502', async () => {
    let seen = 0
    await serveRaw('mute', (socket) => {
      socket.on('data', () => {
        seen++
        socket.destroy()
      })
    })
    const post = await fetch(url('mute', '/'), { method: 'POST', body: 'x' })
    expect([post.status, seen]).toEqual([502, 1])
    expect((await fetch(url('mute', '/'))).status).toBe(502)
    expect(seen).toBeGreaterThan(2)
    await serve('mute', 'speaking')
    for (let turn = 0; turn < 4; turn++) {
      expect(await (await fetch(url('mute', '/name'))).text()).toBe('speaking')
    }
  })

  test('an answer that breaks off is broken off', async () => {
    await serveRaw('broken', (socket) => {
      socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'))
    })
    await expect(fetch(url('broken', '/')).then((response) => response.text())).rejects.toThrow()
  })
})
