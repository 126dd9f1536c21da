import type { ClientHttp2Stream } from 'node:http2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configMaps } from '../../api/scheme.ts'
import { type ServedApi, serveApi } from './served-api.fixture.ts'

let api: ServedApi

beforeAll(async () => {
  api = await serveApi({ limits: { watchBacklogBytesMax: 256 * 1024 } })
})
afterAll(() => api.close())

const path = '/api/v1/namespaces/default/configmaps'
const create = (name: string, data: Record<string, string> = {}) =>
  api.create(configMaps, 'default', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, labels: { name } },
    data,
  })

async function open(query: string, accept?: string): Promise<ClientHttp2Stream> {
  const session = api.session(await api.pki.client('admin'))
  return session.request({ ':path': `${path}?watch=true&${query}`, ...(accept && { accept }) })
}

/** The first `count` events of a watch, or all until it ends. */
async function events(stream: ClientHttp2Stream, count = Number.POSITIVE_INFINITY) {
  let text = ''
  stream.setEncoding('utf8')
  const parsed = () =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
  for await (const chunk of stream) {
    text += chunk
    if (parsed().length >= count) break
  }
  return parsed()
}

describe('watch (H-08)', () => {
  it('sends what is there as ADDED, then what happens', async () => {
    await create('a1')
    const watched = events(await open('labelSelector=name+in+(a1,a2)'), 2)
    await create('a2')
    expect((await watched).map(({ type, object }) => [type, object.metadata.name])).toEqual([
      ['ADDED', 'a1'],
      ['ADDED', 'a2'],
    ])
  })

  it('ends by itself after timeoutSeconds', async () => {
    expect(await events(await open('labelSelector=none&timeoutSeconds=1'))).toEqual([])
  })

  it('marks the end of the initial events (H-09)', async () => {
    const query =
      'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
    const [bookmark] = await events(await open(`${query}&labelSelector=none`), 1)
    expect(bookmark).toMatchObject({
      type: 'BOOKMARK',
      object: {
        kind: 'ConfigMap',
        apiVersion: 'v1',
        metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } },
      },
    })
  })

  it('has the columns of a Table only in its first event (H-05)', async () => {
    await create('t1')
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
    const watched = events(await open('labelSelector=name+in+(t1,t2)', accept), 2)
    await create('t2')
    const [first, second] = (await watched).map(({ object }) => object)
    expect(first.kind).toBe('Table')
    expect(first.columnDefinitions.map((c: { name: string }) => c.name)).toEqual([
      'Name',
      'Data',
      'Age',
    ])
    expect(second.columnDefinitions).toEqual([])
    expect(second.rows[0].cells.slice(0, 2)).toEqual(['t2', 0])
    expect(second.rows[0].object.kind).toBe('PartialObjectMetadata')
  })

  it('a bookmark is a Table without cells, of every kind', async () => {
    const query =
      'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
    for (const plural of ['events', 'pods', 'services']) {
      const session = api.session(await api.pki.client('admin'))
      const stream = session.request({
        ':path': `/api/v1/${plural}?${query}&labelSelector=no`,
        accept,
      })
      const [{ type, object }] = await events(stream, 1)
      expect([type, object.rows[0].cells]).toEqual(['BOOKMARK', []])
      expect(object.rows[0].object.metadata.annotations).toEqual({
        'k8s.io/initial-events-end': 'true',
      })
    }
  })

  it('refuses before it has begun with an ordinary error', async () => {
    const answer = await api.ask(`${path}?watch=true&sendInitialEvents=true`)
    expect(answer.code).toBe(422)
    expect((await api.ask(`${path}?watch=true&labelSelector=a%20b%20c`)).code).toBe(400)
  })

  it('the legacy prefix /watch/ watches one object', async () => {
    await create('l1')
    const session = api.session(await api.pki.client('admin'))
    const legacy = '/api/v1/watch/namespaces/default/configmaps/l1'
    const [event] = await events(session.request({ ':path': legacy }), 1)
    expect(event.object.metadata.name).toBe('l1')
  })
})

it('a watcher that does not read is cut off, and others are not', async () => {
  const slow = await open('labelSelector=flood')
  slow.pause()
  const closed = new Promise<number | undefined>((resolve) => {
    slow.on('error', () => {})
    slow.on('close', () => resolve(slow.rstCode))
  })
  await new Promise((resolve) => slow.once('response', resolve))
  const other = events(await open('labelSelector=name=last'), 1)
  for (let i = 0; i < 60 && !slow.closed; i++) {
    const labels = { flood: 'yes' }
    await api.create(configMaps, 'default', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `flood-${i}`, labels },
      data: { text: 'x'.repeat(100_000) },
    })
  }
  expect(await closed).not.toBe(0)
  await create('last')
  expect((await other)[0].object.metadata.name).toBe('last')
})

it('closing the server ends watches cleanly', async () => {
  const own = await serveApi()
  const session = own.session(await own.pki.client('admin'))
  const stream = session.request({ ':path': `${path}?watch=true` })
  await new Promise((resolve) => stream.once('response', resolve))
  const ended = events(stream)
  await own.close()
  expect(await ended).toEqual([])
})
