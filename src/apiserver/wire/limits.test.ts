import type { ClientHttp2Stream } from 'node:http2'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { pods } from '../../api/scheme.ts'
import { StatusError } from '../../api/status-error.ts'
import { pod } from '../server.fixture.ts'
import { InFlight } from './in-flight.ts'
import { defaultLimits } from './limits.ts'
import { type ServedApi, serveApi } from './served-api.fixture.ts'
import { handshake, WebSocketClient } from './streaming/web-socket-client.fixture.ts'

/** Also on a machine that is busy. */
const eventually = { timeout: 30_000 }
vi.setConfig({ testTimeout: 60_000 })

const ann = { user: 'ann', groups: [] }
const ben = { user: 'ben', groups: [] }
const root = { user: 'root', groups: ['system:masters'] }

/** `ok`, or the code of the refusal. */
function entered(enter: () => () => void): (() => void) | number {
  try {
    return enter()
  } catch (error) {
    if (error instanceof StatusError) return error.code
    throw error
  }
}

describe('requests under way', () => {
  const limits = { ...defaultLimits, readsMax: 2, writesMax: 1, watchesPerUserMax: 1 }

  test('reads and writes are bounded apart, for all users together', () => {
    const inFlight = new InFlight(limits)
    const leave = inFlight.enter(ann, 'reading')
    inFlight.enter(ben, 'reading')
    expect(entered(() => inFlight.enter(ann, 'reading'))).toBe(429)
    inFlight.enter(ann, 'writing')
    expect(entered(() => inFlight.enter(ben, 'writing'))).toBe(429)
    leave()
    inFlight.enter(ben, 'reading')
  })

  test('masters get through', () => {
    const inFlight = new InFlight({ ...limits, readsMax: 0, writesMax: 0 })
    inFlight.enter(root, 'reading')
    inFlight.enter(root, 'writing')
  })

  test('watches are bounded for each user, masters too', () => {
    const inFlight = new InFlight(limits)
    const leave = inFlight.enter(ann, 'lasting')
    expect(entered(() => inFlight.enter(ann, 'lasting'))).toBe(429)
    inFlight.enter(ben, 'lasting')
    inFlight.enter(root, 'lasting')
    expect(entered(() => inFlight.enter(root, 'lasting'))).toBe(429)
    leave()
    inFlight.enter(ann, 'lasting')
  })
})

describe('over the wire', () => {
  let api: ServedApi
  beforeAll(async () => {
    api = await serveApi({ limits: { watchesPerUserMax: 2, streamsMax: 4 } })
  })
  afterAll(() => api.close())

  const path = '/api/v1/namespaces/default/configmaps'

  test('one watch too many gets 429 with Retry-After; a place that is left is free', async () => {
    const session = api.session(await api.pki.client('admin'))
    const watch = () => session.request({ ':path': `${path}?watch=true` })
    const answered = (stream: ClientHttp2Stream) =>
      new Promise((resolve) => stream.once('response', resolve))
    const open = [watch(), watch()]
    await Promise.all(open.map(answered))
    const { code, headers, text } = await api.ask(`${path}?watch=true`)
    expect(code).toBe(429)
    expect(headers['retry-after']).toBe('1')
    expect(JSON.parse(text)).toMatchObject({
      kind: 'Status',
      reason: 'TooManyRequests',
      message: 'Too many requests, please try again later.',
      details: { retryAfterSeconds: 1 },
    })
    open[0]?.close()
    await expect
      .poll(async () => (await api.ask(`${path}?watch=true&timeoutSeconds=1`)).code, eventually)
      .toBe(200)
    open[1]?.close()
  })

  test('connections into pods are bounded with the watches, and free their place', async () => {
    await api.create(pods, 'default', pod('p', { nodeName: 'n' }))
    api.server.podConnector = { exec: () => new Promise(() => {}) }
    const opened: WebSocketClient[] = []
    const exec = async () => {
      const path = '/api/v1/namespaces/default/pods/p/exec?command=c&stdout=true'
      const answer = await handshake(api, path)
      if (answer instanceof WebSocketClient) opened.push(answer)
      return answer
    }
    for (let count = 0; count < 2; count += 1) await exec()
    expect(await exec()).toMatchObject({ code: 429 })
    opened[0]?.socket.destroy()
    await expect.poll(async () => (await exec()) instanceof WebSocketClient, eventually).toBe(true)
    for (const { socket } of opened) socket.destroy()
  })

  test('one connection has so many streams at a time, and is told so', async () => {
    const session = api.session(await api.pki.client('admin'))
    const { code } = await api.ask(path, {}, session)
    expect(code).toBe(200)
    expect(session.remoteSettings.maxConcurrentStreams).toBe(4)
  })

  test('an object beyond 1.5 MiB, and a body beyond 3 MiB, are too large (413)', async () => {
    const pod = (bytes: number) =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'big' },
        spec: { containers: [{ name: 'c', image: 'i', args: ['x'.repeat(bytes)] }] },
      })
    const podsPath = '/api/v1/namespaces/default/pods'
    const create = (bytes: number) => api.ask(podsPath, { method: 'POST', body: pod(bytes) })
    for (const bytes of [1.6 * 1024 * 1024, 3 * 1024 * 1024]) {
      const { code, text } = await create(Math.floor(bytes))
      expect(code).toBe(413)
      expect(JSON.parse(text).reason).toBe('RequestEntityTooLarge')
    }
    expect((await create(1024 * 1024)).code).toBe(201)
  })

  test('bodies that are refused unread do not count against their connection', async () => {
    const session = api.session(await api.pki.client('admin'))
    const headers = { 'content-type': 'text/csv' }
    const body = 'x'.repeat(1024 * 1024)
    // Node counts what nobody reads, and takes no request more at 10 MB.
    for (let count = 0; count < 15; count += 1) {
      const { code } = await api.ask(path, { method: 'POST', headers, body }, session)
      expect(code).toBe(415)
    }
  })
})
