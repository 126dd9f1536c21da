import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { Client } from './connection-load.ts'
import { freePort } from './free-port.ts'
import { proxyCommand } from './given-traffic.ts'
import { ProxyProcess } from './proxy-process.ts'

const host = '127.0.0.1'
const mebibyte = 1 << 20
const proxy = new ProxyProcess(proxyCommand)
/** What has reached the endpoint. */
let received = ''
let server: Server
let port = 0
/** Bytes of an answer that the endpoint got rid of. */
let flood = 0
/** Open at the endpoint. */
let endpointConnections = 0
/** Each is a file here and one in the proxy; this process holds more than those. */
const idleConnections = Math.min(10_000, Math.floor(openFilesMax() / 200) * 100)

function openFilesMax(): number {
  const [, soft] = /Max open files\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
  return Number(soft ?? 1_000_000)
}

function serve(socket: Socket): void {
  endpointConnections++
  socket.on('close', () => endpointConnections--)
  socket.on('error', () => {}).setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    received += chunk
    if (chunk.startsWith('GET /flood ')) pour(socket)
    else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
  })
}

/** An answer of a gigabyte, as fast as it is taken. */
function pour(socket: Socket): void {
  const chunk = Buffer.alloc(mebibyte / 4)
  socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${1024 * mebibyte}\r\n\r\n`)
  const more = () => {
    while (flood < 1024 * mebibyte && !socket.destroyed) {
      flood += chunk.length
      if (!socket.write(chunk)) return
    }
  }
  socket.on('drain', more)
  more()
}

/** Of the proxy's process. */
function residentBytes(): number {
  const status = readFileSync(`/proc/${proxy.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024
}

/** Resolves with all that comes until the end. */
async function exchange(text: string): Promise<string> {
  const socket = connect({ host, port })
  let answer = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    answer += chunk
  })
  // Who is refused may find the rest of what it writes refused, too.
  socket.on('error', () => {})
  socket.write(text, 'latin1')
  await once(socket, 'close')
  return answer
}

async function isServing(): Promise<void> {
  const client = new Client(host, port)
  expect(await client.ask()).toBe('ok')
  client.socket.destroy()
}

beforeAll(async () => {
  server = createServer(serve).listen(0, host)
  await once(server, 'listening')
  const address = server.address()
  const endpointPort = typeof address === 'object' && address ? address.port : 0
  port = await freePort()
  await proxy.open()
  const conditions = { ready: true, serving: true, terminating: false }
  const pod = { podUid: 'a', podName: 'a', templateHash: 'h', ...conditions }
  const endpoints = [{ ip: host, port: endpointPort, ...pod }]
  const listeners = [{ ip: host, port }]
  await proxy.table([{ namespace: 'default', name: 'web', port: '', listeners, endpoints }])
})

afterAll(async () => {
  await proxy.end()
  server.close()
})

const get = 'GET / HTTP/1.1\r\nHost: x\r\n'
const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'

test.each([
  ['both framings', 400, `${get}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['two lengths', 400, `${get}Content-Length: 0\r\nContent-Length: 40\r\n\r\n`],
  ['a folded framing', 400, `${get}X: y\r\n Content-Length: 40\r\n\r\n`],
  ['a bare LF', 400, `${get}X: y\nContent-Length: 40\r\n\r\n`],
  ['a space before the colon', 400, `${get}Content-Length : 40\r\n\r\n`],
  ['an encoding in disguise', 501, `${get}Transfer-Encoding: xchunked\r\n\r\n`],
])('smuggling by %s: %i, and nothing reaches the endpoint', async (_, status, text) => {
  received = ''
  expect(await exchange(text + smuggled)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  expect(received).toBe('')
})

test('a head of a megabyte is refused at 64 KiB, and not kept', async () => {
  received = ''
  const before = residentBytes()
  const heads = Array.from({ length: 20 }, () =>
    exchange(`${get}X: ${'x'.repeat(mebibyte)}\r\n\r\n`),
  )
  for (const answer of await Promise.all(heads)) expect(answer).toMatch(/^(HTTP\/1.1 431 .*)?$/s)
  expect(received).toBe('')
  expect(residentBytes() - before).toBeLessThan(64 * mebibyte)
  await isServing()
})

test('a client that does not read stops its endpoint, not the others', async () => {
  const before = residentBytes()
  const socket = connect({ host, port })
  socket.pause()
  socket.write('GET /flood HTTP/1.1\r\nHost: x\r\n\r\n')
  await vi.waitFor(() => expect(flood).toBeGreaterThan(0))
  let seen = -1
  await vi.waitFor(
    () => {
      const last = seen
      seen = flood
      expect(seen).toBe(last)
    },
    { timeout: 20_000, interval: 300 },
  )
  // What the kernel buffers for three sockets, and no more.
  expect(seen).toBeLessThan(64 * mebibyte)
  expect(residentBytes() - before).toBeLessThan(64 * mebibyte)
  await isServing()
  socket.destroy()
})

test(`${idleConnections} idle connections cost little, and nobody else is kept waiting`, async () => {
  const before = residentBytes()
  const sockets: Socket[] = []
  for (let batch = 0; batch < idleConnections / 100; batch++) {
    const opened = Array.from({ length: 100 }, () => connect({ host, port }).on('error', () => {}))
    sockets.push(...opened)
    await Promise.all(opened.map((socket) => once(socket, 'connect')))
  }
  await vi.waitFor(() => expect(endpointConnections).toBeGreaterThan(200), { timeout: 20_000 })
  for (let turn = 0; turn < 10; turn++) await isServing()
  expect(sockets.filter(({ destroyed }) => destroyed)).toEqual([])
  // Clients that have said nothing for a while, for which endpoints might speak first.
  expect(endpointConnections).toBeLessThan(300)
  expect((residentBytes() - before) / sockets.length).toBeLessThan(32 * 1024)
  for (const socket of sockets) socket.destroy()
  await isServing()
})
