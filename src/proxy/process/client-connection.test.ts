import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { TableService } from '../protocol.ts'
import { directSocketOf } from './accepted-sockets.ts'
import { ClientConnection } from './client-connection.ts'
import { takeHandles } from './handover/handles.ts'
import { PodActivity } from './pod-activity.ts'
import { ServicePort } from './service-port.ts'

const host = '127.0.0.1'
const head = 'Host: x\r\n\r\n'
const never = Number.POSITIVE_INFINITY

/** What the endpoint does with the requests that it has got. */
let serve: (socket: Socket) => void
let received = ''
let endpoint: Server
let listener: Server
let client: Socket
let answer = ''
let connection: ClientConnection
const open = new Set<Socket>()

function kept(socket: Socket): Socket {
  open.add(socket)
  return socket.on('error', () => {}).once('close', () => open.delete(socket))
}

async function listening(server: Server): Promise<number> {
  server.listen(0, host)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

beforeEach(async () => {
  received = ''
  answer = ''
  endpoint = createServer((socket) => {
    kept(socket).on('data', (chunk: Buffer) => {
      received += chunk
      serve(socket)
    })
  })
  const service = servicePort(await listening(endpoint))
  listener = createServer()
  const port = await listening(listener)
  const accepted = new Promise<ClientConnection>((resolve) => {
    const options = { isHttp: false, onIdle: () => {} }
    takeHandles(listener, (handle) =>
      resolve(new ClientConnection(directSocketOf(handle), { key: '', service }, options)),
    )
  })
  client = kept(connect({ port, host, allowHalfOpen: true }))
  connection = await accepted
  kept(connection.socket)
})

afterEach(async () => {
  for (const socket of open) socket.destroy()
  endpoint.close()
  listener.close()
  await vi.waitFor(() => expect(open.size).toBe(0))
})

function servicePort(port: number): ServicePort {
  const conditions = { ready: true, serving: true, terminating: false }
  const one = { ip: host, port, podUid: 'a', podName: 'a', templateHash: 'h', ...conditions }
  const table: TableService = {
    namespace: 'default',
    name: 'web',
    port: '',
    listeners: [],
    endpoints: [one],
  }
  const service = new ServicePort(table)
  service.update(table, () => new PodActivity(() => {}))
  return service
}

function reads(): void {
  client.on('data', (chunk: Buffer) => {
    answer += chunk.toString('latin1')
  })
}

function pour(socket: Socket): void {
  socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${2 ** 30}\r\n\r\n`)
  const more = () => {
    while (!socket.destroyed && socket.write(Buffer.alloc(2 ** 18)));
  }
  socket.on('drain', more)
  more()
}

/** `sweep` is called once a second. Without a turn of the event loop nothing moves meanwhile. */
function secondsUntil(isOver: () => boolean): number {
  connection.sweep()
  for (let seconds = 1; seconds <= 1_000; seconds++) {
    connection.sweep()
    if (isOver()) return seconds
  }
  return never
}

const isCutOff = () => connection.socket.destroyed

describe('how many seconds without progress a client is given', () => {
  test('10 that has closed its side and does not read: it may be gone', async () => {
    serve = pour
    client.end(`GET / HTTP/1.1\r\n${head}`)
    const { socket } = connection
    await vi.waitFor(() =>
      expect([socket.writableNeedDrain, socket.readableEnded]).toEqual([true, true]),
    )
    expect(secondsUntil(isCutOff)).toBe(11)
    await vi.waitFor(() => expect(open).toEqual(new Set([client])))
  })

  test('120 that does not read', async () => {
    serve = pour
    client.write(`GET / HTTP/1.1\r\n${head}`)
    await vi.waitFor(() => expect(connection.socket.writableNeedDrain).toBe(true))
    expect(secondsUntil(isCutOff)).toBe(121)
    await vi.waitFor(() => expect(open).toEqual(new Set([client])))
  })

  test('60 for the rest of a body', async () => {
    serve = () => {}
    client.write(`POST / HTTP/1.1\r\nContent-Length: 10\r\n${head}123`)
    await vi.waitFor(() => expect(received).toMatch(/123$/))
    expect(secondsUntil(isCutOff)).toBe(61)
  })

  test('30 for a head, which is then answered 408, and 5 to close its side', async () => {
    reads()
    client.write('GET / HTTP/1.1\r\nX: y')
    await vi.waitFor(() => expect(connection.socket.bytesRead).toBe(20))
    expect(secondsUntil(() => connection.socket.writableEnded)).toBe(30)
    await vi.waitFor(() => expect(answer).toMatch(/^HTTP\/1.1 408 /))
    expect(secondsUntil(isCutOff)).toBe(6)
    expect(received).toBe('')
  })

  test('any number that waits for an answer, or between two requests', async () => {
    reads()
    let answerIt = () => {}
    serve = (socket) => {
      answerIt = () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
    }
    client.write(`GET / HTTP/1.1\r\n${head}`)
    await vi.waitFor(() => expect(received).toContain('GET /'))
    expect(secondsUntil(isCutOff)).toBe(never)
    answerIt()
    await vi.waitFor(() => expect(answer).toMatch(/ok$/))
    expect(secondsUntil(isCutOff)).toBe(never)
  })
})
