import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { pods } from '../../../api/scheme.ts'
import type { ExecOptions, RemoteCommand } from '../../../api/seams.ts'
import { pod } from '../../server.fixture.ts'
import { type ServedApi, serveApi } from '../served-api.fixture.ts'
import {
  handshake,
  openWebSocket,
  type WebSocketClient,
  webSocketHeaders,
} from './web-socket-client.fixture.ts'

let api: ServedApi
const clients: WebSocketClient[] = []

beforeAll(async () => {
  api = await serveApi()
  const container = (name: string) => ({ name, image: 'i' })
  const two = ['a', 'b'].map(container)
  await api.create(pods, 'default', pod('p', { nodeName: 'n' }))
  await api.create(pods, 'default', pod('many', { nodeName: 'n', containers: two }))
  await api.create(pods, 'default', pod('unbound'))
})
afterAll(() => api.close())
afterEach(() => {
  for (const client of clients.splice(0)) client.socket.destroy()
  api.server.podConnector = undefined
})

const path = (query: string, name = 'p') => `/api/v1/namespaces/default/pods/${name}/exec?${query}`
const both = path('command=c&stdin=true&stdout=true&stderr=true')

async function open(target: string, protocol = 'v5.channel.k8s.io'): Promise<WebSocketClient> {
  const headers = { ...webSocketHeaders, 'sec-websocket-protocol': protocol }
  const client = await openWebSocket(api, target, { headers })
  clients.push(client)
  return client
}

/** Stands for the node: `cat` with an exit code, and notes of what happens to it. */
function givenCommand(exitCode = 0) {
  const stdin = new PassThrough()
  const noted: string[] = []
  api.server.podConnector = {
    async exec(_pod, options: ExecOptions, signal): Promise<RemoteCommand> {
      noted.push(`${options.container} ${options.command}`)
      signal.addEventListener('abort', () => noted.push('aborted'))
      const ended = once(stdin, 'end').then(() => exitCode)
      return {
        stdin: {
          write: async (bytes) => {
            if (!stdin.write(bytes)) await once(stdin, 'drain')
          },
          end: () => void stdin.end(),
        },
        stdout: stdin,
        stderr: Readable.from(options.stderr ? [Buffer.from('warned')] : []),
        resize: ({ columns, rows }) => noted.push(`${columns}x${rows}`),
        exit: ended,
      }
    },
  }
  return { noted, stdin }
}

describe('a command over WebSocket (H-18)', () => {
  test('the handshake is the one of RFC 6455', async () => {
    givenCommand()
    const { headers } = await open(both)
    expect(headers['sec-websocket-accept']).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
    expect(headers['sec-websocket-protocol']).toBe('v5.channel.k8s.io')
  })

  test('stdin, its end, both outputs and success have their channels', async () => {
    const { noted } = givenCommand()
    const client = await open(both)
    expect((await client.next())?.payload).toEqual(Buffer.from([1]))
    expect((await client.next())?.payload.toString()).toBe('\x02warned')
    client.sendTo(4, '{"Width":80,"Height":24}')
    client.sendTo(4, '{"Width":-1}')
    client.sendTo(4, 'no JSON')
    client.sendTo(0, 'hello')
    expect((await client.next())?.payload.toString()).toBe('\x01hello')
    client.send(Buffer.from([255, 0]))
    const status = await client.next()
    expect(status?.payload.toString()).toBe('\x03{"metadata":{},"status":"Success"}')
    expect(await client.next()).toMatchObject({ opcode: 8, payload: Buffer.from([0x03, 0xe8]) })
    expect(noted).toEqual(['app c', '80x24'])
  })

  test('an exit code is a cause of the Status', async () => {
    const { stdin } = givenCommand(7)
    const client = await open(path('command=c&stdout=true'), 'v3.channel.k8s.io, v4.channel.k8s.io')
    stdin.end()
    expect(client.headers['sec-websocket-protocol']).toBe('v4.channel.k8s.io')
    expect(JSON.parse(await client.textOf(3))).toEqual({
      metadata: {},
      status: 'Failure',
      message: 'command terminated with non-zero exit code: exit status 7',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '7' }] },
    })
  })

  test('a command that cannot be started is told as a Status', async () => {
    api.server.podConnector = {
      exec: async () => {
        throw new Error('secret detail')
      },
    }
    const status = JSON.parse(await (await open(both)).textOf(3))
    expect(status).toMatchObject({ status: 'Failure', reason: 'InternalError', code: 500 })
    expect(status.message).not.toContain('secret')
  })

  test.each([
    ['is cut off', (client: WebSocketClient) => client.socket.destroy()],
    ['closes', (client: WebSocketClient) => client.send(Buffer.from([3, 232]), { opcode: 8 })],
    ['speaks no WebSocket', (client: WebSocketClient) => client.socket.write('no frame at all')],
  ])('the command ends when the client %s', async (_title, leave) => {
    const { noted, stdin } = givenCommand()
    const client = await open(both)
    await client.next()
    leave(client)
    await vi.waitFor(() => expect(noted).toContain('aborted'))
    stdin.end()
  })
})

describe('the connection', () => {
  test('a ping is answered, and messages come in parts', async () => {
    givenCommand()
    const client = await open(path('command=c&stdin=true&stdout=true'))
    await client.next()
    client.send(Buffer.from('\0he'), { isFinal: false })
    client.send(Buffer.from('x'), { opcode: 9 })
    client.send(Buffer.from('llo'), { opcode: 0 })
    expect(await client.next()).toEqual({ opcode: 10, payload: Buffer.from('x') })
    expect((await client.next())?.payload.toString()).toBe('\x01hello')
  })

  test.each([
    [1009, (client: WebSocketClient) => client.send(Buffer.alloc(1024 * 1024 + 1))],
    [1002, (client: WebSocketClient) => client.send(Buffer.from('x'), { opcode: 0 })],
  ])('is closed with %i', async (code, offend) => {
    const { stdin } = givenCommand()
    const client = await open(path('command=c&stdin=true&stdout=true'))
    await client.next()
    offend(client)
    expect((await client.next())?.payload.readUInt16BE()).toBe(code)
    stdin.end()
  })

  test('nothing piles up for a client that does not read', async () => {
    let pulled = 0
    api.server.podConnector = {
      exec: async () => ({
        stdin: undefined,
        stdout: (async function* () {
          for (;;) {
            pulled++
            yield Buffer.alloc(64 * 1024)
          }
        })(),
        stderr: Readable.from([]),
        resize: () => {},
        exit: new Promise<number>(() => {}),
      }),
    }
    const client = await open(path('command=c&stdout=true'))
    client.socket.pause()
    let before = -1
    await vi.waitFor(
      () => {
        const isStill = pulled === before
        before = pulled
        expect(isStill).toBe(true)
      },
      { interval: 200, timeout: 5_000 },
    )
    expect(pulled).toBeLessThan(500)
  })

  test('nothing is read for a command that takes nothing', async () => {
    const taken: number[] = []
    api.server.podConnector = {
      exec: async () => ({
        stdin: {
          write: (bytes) => {
            taken.push(bytes.length)
            return new Promise(() => {})
          },
          end: () => {},
        },
        stdout: Readable.from([]),
        stderr: Readable.from([]),
        resize: () => {},
        exit: new Promise<number>(() => {}),
      }),
    }
    const client = await open(both)
    const chunk = Buffer.alloc(64 * 1024)
    for (let sent = 0; sent < 500; sent++) client.send(chunk)
    await vi.waitFor(() => expect(taken).toEqual([chunk.length - 1]), { timeout: 20_000 })
    expect(client.socket.writableLength).toBeGreaterThan(10 * 1024 * 1024)
  }, 30_000)
})

describe('what is refused before the upgrade', () => {
  const ws = webSocketHeaders
  const spdy = { connection: 'Upgrade', upgrade: 'SPDY/3.1' }
  test.each<[string, string, object, number, string]>([
    ['no pod', path('command=c&stdout=1', 'no'), {}, 404, 'pods \\"no\\" not found'],
    ['no node', path('command=c&stdout=1', 'unbound'), {}, 400, 'does not have a host assigned'],
    ['no container', path('stdout=1', 'many'), {}, 400, 'for pod many, choose one of: [a b]'],
    ['a wrong container', path('container=x&stdout=1'), {}, 400, 'container x is not valid for'],
    ['no stream', path('command=c'), {}, 400, 'at least 1 of stdin, stdout, stderr'],
    ['no command', path('stdout=1'), {}, 400, 'you must specify a command'],
    ['SPDY', both, { method: 'POST', headers: spdy }, 400, 'kubectl 1.31 or later'],
    ['no version', both, { headers: { ...ws, 'sec-websocket-version': '8' } }, 400, 'version 13'],
    [
      'a foreign page',
      both,
      { headers: { ...ws, origin: 'https://evil.example' } },
      403,
      'may not open WebSockets',
    ],
    [
      'an old protocol',
      both,
      { headers: { ...ws, 'sec-websocket-protocol': 'v1.channel.k8s.io' } },
      400,
      'no WebSocket subprotocol in common',
    ],
    ['nobody', both, { isAnonymous: true }, 401, 'Unauthorized'],
  ])('%s', async (_title, target, options, code, text) => {
    givenCommand()
    const refused = await handshake(api, target, options)
    expect(refused).toMatchObject({ code, body: expect.stringContaining(text) })
  })

  test('no node is connected', async () => {
    expect(await handshake(api, both)).toMatchObject({ code: 503 })
  })

  test('no upgrade at all', async () => {
    givenCommand()
    const answer = await api.ask(both)
    expect([answer.code, JSON.parse(answer.text).message]).toEqual([
      400,
      'Upgrade request required',
    ])
  })

  test('an upgrade elsewhere is answered as any request', async () => {
    const listed = await handshake(api, '/api/v1/namespaces/default/pods')
    expect(listed).toMatchObject({ code: 200, body: expect.stringContaining('PodList') })
    const options = { method: 'POST', headers: { connection: 'Upgrade', upgrade: 'h2c' } }
    expect(await handshake(api, '/api/v1/namespaces', options)).toMatchObject({ code: 400 })
  })
})

test('the end of the server ends commands', async () => {
  const own = await serveApi()
  await own.create(pods, 'default', pod('p', { nodeName: 'n' }))
  let isAborted = false
  own.server.podConnector = {
    exec: (_pod, _options, signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          isAborted = true
          reject(new Error('aborted'))
        })
      }),
  }
  const client = await openWebSocket(own, both)
  await client.next()
  const closed = own.close()
  expect((await client.next())?.payload.readUInt16BE()).toBe(1001)
  client.socket.destroy()
  await closed
  expect(isAborted).toBe(true)
})
