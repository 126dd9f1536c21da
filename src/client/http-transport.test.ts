import type { OutgoingHttpHeaders } from 'node:http'
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { deployments, nodes, pods } from '../api/scheme.ts'
import { StatusError } from '../api/status-error.ts'
import type { WatchEvent } from '../api/transport.ts'
import { systemClock } from '../base/system-clock.ts'
import { ConnectionError } from './connection-error.ts'
import { HttpTransport } from './http-transport.ts'

// What the API server proper is tested with is in test/http-transport.contract.test.ts; here are
// the faults it never shows.

type Answer = (
  stream: ServerHttp2Stream,
  request: { readonly path: string; readonly method: string },
) => void

const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function given(answer: Answer, onWarning?: (text: string) => void) {
  const server = createServer()
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {})
    answer(stream, { path: headers[':path'] ?? '', method: headers[':method'] ?? '' })
  })
  const port = await listen(server)
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  const access = { server: `http://127.0.0.1:${port}`, tls: {}, token: 'secret' }
  const transport = new HttpTransport(
    { clock: systemClock },
    { access, ...(onWarning && { onWarning }) },
  )
  closing.push(
    () => new Promise<void>((resolve) => void server.close(() => resolve())),
    cut,
    () => transport.close(),
  )
  return { transport, cut, sockets, port }
}

function listen(server: Http2Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

/** `head` is the status, or headers with it. */
function send(stream: ServerHttp2Stream, head: number | OutgoingHttpHeaders, body: unknown) {
  stream.respond(typeof head === 'number' ? { ':status': head } : head)
  stream.end(typeof body === 'string' ? body : JSON.stringify(body))
}

const web = { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'shop', name: 'web' } }

function watchPods(transport: HttpTransport) {
  const received: WatchEvent[] = []
  const ended = new Promise<Error | undefined>((resolve) => {
    const event = (one: WatchEvent) => void received.push(one)
    transport.watch(pods, {}, {}, { event, end: resolve })
  })
  return { received, ended }
}

test("A-23: refused in kubectl's words, and what to do next", async () => {
  const server = createServer()
  const port = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  const access = { server: `https://127.0.0.1:${port}`, tls: {} }
  const transport = new HttpTransport({ clock: systemClock }, { access })
  const error = await transport.get(pods, { name: 'web' }).catch((caught) => caught)
  expect(error).toBeInstanceOf(ConnectionError)
  expect(error.message).toBe(
    `The connection to the server 127.0.0.1:${port} was refused - did you specify the right host or port?`,
  )
  expect(error.hint).toContain('astern up')
  const { ended } = watchPods(transport)
  expect((await ended)?.message).toBe(error.message)
})

test('paths, queries and headers', async () => {
  const seen: string[] = []
  const { transport } = await given((stream, { method, path }) => {
    seen.push(`${method} ${path}`)
    send(stream, 200, method === 'GET' && path.includes('?') ? { metadata: {}, items: null } : web)
  })
  await transport.get(pods, { namespace: 'shop', name: 'a/b' })
  await transport.get(deployments, { namespace: 'shop', name: 'web' }, 'scale')
  await transport.list(nodes, { namespace: 'ignored' }, { labelSelector: 'a in (b,c)', limit: 5 })
  await transport.create(pods, { namespace: 'shop', name: 'web' }, web, { subresource: 'binding' })
  await transport.update(pods, { namespace: 'shop', name: 'web' }, web, {
    dryRun: true,
    fieldManager: 'me',
  })
  await transport.deleteCollection(
    pods,
    { namespace: 'shop' },
    { fieldSelector: 'spec.nodeName=n' },
  )
  expect(seen).toEqual([
    'GET /api/v1/namespaces/shop/pods/a%2Fb',
    'GET /apis/apps/v1/namespaces/shop/deployments/web/scale',
    'GET /api/v1/nodes?labelSelector=a+in+%28b%2Cc%29&limit=5',
    'POST /api/v1/namespaces/shop/pods/web/binding',
    'PUT /api/v1/namespaces/shop/pods/web?fieldManager=me&dryRun=All',
    'DELETE /api/v1/namespaces/shop/pods?fieldSelector=spec.nodeName%3Dn',
  ])
})

test('items of a list get the apiVersion and kind that upstream leaves out; everything is frozen', async () => {
  const { kind: _, apiVersion: __, ...bare } = web
  const { transport } = await given((stream) =>
    send(stream, 200, { metadata: { resourceVersion: '7', continue: 'more' }, items: [bare] }),
  )
  const list = await transport.list(pods, {})
  expect(list).toEqual({ resourceVersion: '7', continue: 'more', items: [web] })
  expect(Object.isFrozen(list.items[0]?.metadata)).toBe(true)
})

test.each([
  [403, '{"kind":"Status","reason":"Forbidden","message":"no","code":403}', 'Forbidden', 'no'],
  [410, '{"kind":"Status","reason":"Gone","message":"old","code":410}', 'Expired', 'old'],
  [401, 'nope', 'Unauthorized', 'the server has asked for the client to provide credentials'],
  [404, '', 'NotFound', 'the server could not find the requested resource'],
  [
    502,
    'bad gateway\n',
    'InternalError',
    'an error on the server ("bad gateway") has prevented the request from succeeding',
  ],
])('an answer of %i becomes a StatusError', async (code, body, ...expected) => {
  const { transport } = await given((stream) => send(stream, code, body))
  const error = await transport.get(pods, { name: 'web' }).catch((caught) => caught)
  expect([error.reason, error.message]).toEqual(expected)
  expect(error).toBeInstanceOf(StatusError)
})

test('Retry-After is kept when the body is no Status', async () => {
  const { transport } = await given((stream) =>
    send(stream, { ':status': 429, 'retry-after': '3' }, 'busy'),
  )
  const error: StatusError = await transport.get(pods, { name: 'web' }).catch((caught) => caught)
  expect([error.reason, error.details?.retryAfterSeconds]).toEqual(['TooManyRequests', 3])
})

test('H-21: warnings are handed over, quotes and UTF-8 decoded', async () => {
  const warnings: string[] = []
  const { transport } = await given(
    (stream) => {
      const utf8 = Buffer.from('299 - "größer, \\"x\\""').toString('latin1')
      const Warning = ['299 - "unknown field \\"spec.foo\\""', utf8]
      send(stream, { ':status': 200, Warning }, web)
    },
    (text) => void warnings.push(text),
  )
  await transport.get(pods, { name: 'web' })
  expect(warnings).toEqual(['unknown field "spec.foo"', 'größer, "x"'])
})

test('H-08: a watch is split at newlines, wherever the chunks end', async () => {
  const bytes = Buffer.from(
    `${JSON.stringify({ type: 'ADDED', object: { ...web, text: 'größer' } })}\n` +
      '{"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"9","annotations":{"k8s.io/initial-events-end":"true"}}}}\n',
  )
  const { transport } = await given((stream) => {
    stream.respond({ ':status': 200 })
    for (const byte of bytes) stream.write(Buffer.of(byte))
    stream.end()
  })
  const { received, ended } = watchPods(transport)
  expect(await ended).toBeUndefined()
  expect(received).toEqual([
    { type: 'ADDED', object: { ...web, text: 'größer' } },
    { type: 'BOOKMARK', resourceVersion: '9', initialEventsEnd: true },
  ])
})

test('H-08: an ERROR event ends the watch with its Status', async () => {
  const status = {
    kind: 'Status',
    code: 410,
    reason: 'Expired',
    message: 'too old resource version: 1 (2)',
  }
  const { transport } = await given((stream) =>
    send(stream, 200, { type: 'ERROR', object: status }),
  )
  expect(await watchPods(transport).ended).toMatchObject({
    reason: 'Expired',
    message: status.message,
  })
})

test('a watch that breaks off ends with an error, and the next request connects anew', async () => {
  const { transport, cut, sockets } = await given((stream, { path }) => {
    if (!path.includes('watch')) return send(stream, 200, web)
    stream.respond({ ':status': 200 })
    stream.write('{"type":"ADDED","object":')
    setImmediate(cut)
  })
  expect(await watchPods(transport).ended).toBeInstanceOf(ConnectionError)
  await expect(transport.get(pods, { name: 'web' })).resolves.toEqual(web)
  expect(sockets.size).toBe(2)
})

test('a stopped watch is silent, and the server learns of it', async () => {
  let isClosed = false
  const { transport } = await given((stream) => {
    stream.respond({ ':status': 200 })
    stream.write(`{"type":"ADDED","object":${JSON.stringify(web)}}\n`.repeat(2))
    stream.on('close', () => {
      isClosed = true
    })
  })
  const heard: unknown[] = []
  const event = ({ type }: WatchEvent) => {
    heard.push(type)
    handle.stop()
  }
  const handle = transport.watch(pods, {}, {}, { event, end: (error) => void heard.push(error) })
  await expect.poll(() => isClosed).toBe(true)
  expect(heard).toEqual(['ADDED'])
})

test.each([
  { method: 'GET', tries: 2 },
  { method: 'DELETE', tries: 1 },
])(
  'a session that dies before it answers: $method is tried $tries times',
  async ({ method, tries }) => {
    let count = 0
    const { transport } = await given((stream) => {
      if (count++ === 0) stream.session?.destroy()
      else send(stream, 200, web)
    })
    const key = { name: 'web' }
    const answer = method === 'GET' ? transport.get(pods, key) : transport.delete(pods, key)
    if (tries === 2) await expect(answer).resolves.toEqual(web)
    else await expect(answer).rejects.toThrow('lost the connection to the server 127.0.0.1:')
    expect(count).toBe(tries)
  },
)

test('a refused stream was not processed: even a write is sent again', async () => {
  let count = 0
  const { transport } = await given((stream) => {
    if (count++ === 0) stream.close(7)
    else send(stream, 201, web)
  })
  await expect(transport.create(pods, { namespace: 'shop' }, web)).resolves.toEqual(web)
  expect(count).toBe(2)
})

test('after GOAWAY new requests use a new session, while the open watch goes on', async () => {
  let watching: ServerHttp2Stream | undefined
  const { transport, sockets } = await given((stream, { path }) => {
    if (!path.includes('watch')) return send(stream, 200, web)
    watching = stream
    stream.respond({ ':status': 200 })
    stream.write(`{"type":"ADDED","object":${JSON.stringify(web)}}\n`)
    stream.session?.goaway(0)
  })
  const { received, ended } = watchPods(transport)
  await expect.poll(() => received.length).toBe(1)
  await expect(transport.get(pods, { name: 'web' })).resolves.toEqual(web)
  expect(sockets.size).toBe(2)
  watching?.end(`{"type":"DELETED","object":${JSON.stringify(web)}}\n`)
  expect(await ended).toBeUndefined()
  expect(received.map(({ type }) => type)).toEqual(['ADDED', 'DELETED'])
})

test('a stream of bytes ends when its signal aborts', async () => {
  const { transport } = await given((stream) => {
    stream.respond({ ':status': 200 })
    stream.write('line 1\n')
  })
  const aborter = new AbortController()
  const chunks: string[] = []
  for await (const chunk of transport.stream('/log', aborter.signal)) {
    chunks.push(Buffer.from(chunk).toString())
    aborter.abort()
  }
  expect(chunks).toEqual(['line 1\n'])
})
