import { request } from 'node:https'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { parseJson } from '../../api/json.ts'
import { configMaps } from '../../api/scheme.ts'
import { StatusError } from '../../api/status-error.ts'
import { loadOrCreatePki } from './pki.ts'
import { type Answer, type ServedApi, serveApi } from './served-api.fixture.ts'

// Megabytes go over the wire, also on a machine that is busy.
vi.setConfig({ testTimeout: 60_000 })

let api: ServedApi

beforeAll(async () => {
  api = await serveApi({
    extraPaths: {
      '/astern/v1/echo': async ({ query }) => ({ said: query.get('say') }),
      '/astern/v1/broken': async () => {
        throw new Error('a secret')
      },
      '/astern/v1/busy': async () => {
        throw new StatusError('TooManyRequests', 'later', { retryAfterSeconds: 7 })
      },
    },
  })
})
afterAll(() => api.close())

const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } })
const path = '/api/v1/namespaces/default/configmaps'
const json = { 'content-type': 'application/json' }

describe('who may ask', () => {
  it.each(['/healthz', '/livez', '/readyz', '/livez/ping', '/version'])(
    'anybody: %s',
    async (path) => {
      expect((await api.ask(path, {}, api.session())).code).toBe(200)
    },
  )

  it.each(['/api', '/openapi/v3', path, '/nothing'])(
    'nobody without a certificate: %s',
    async (path) => {
      const { code, text } = await api.ask(path, {}, api.session())
      expect(code).toBe(401)
      expect(JSON.parse(text)).toMatchObject({ kind: 'Status', reason: 'Unauthorized', code: 401 })
    },
  )

  it('nobody with a certificate of another authority', async () => {
    const clock = { now: () => Date.now(), monotonic: () => 0, setTimeout: () => ({ cancel() {} }) }
    const { mkdtemp, rm } = await import('node:fs/promises')
    const dir = await mkdtemp('/tmp/astern-other-')
    const other = await loadOrCreatePki(dir, clock)
    const session = api.session(await other.client('admin'))
    expect((await api.ask('/livez', {}, session)).code).toBe(401)
    await rm(dir, { recursive: true })
  })

  it('the server certificate is no client certificate', async () => {
    expect((await api.ask('/api', {}, api.session(api.pki.server))).code).toBe(401)
  })
})

describe('errors are Status objects', () => {
  const unknown = '404 the server could not find the requested resource'

  it.each([
    ['GET /nothing', unknown],
    ['GET /api/v1/widgets', unknown],
    [`GET ${path}/a/scale`, unknown],
    ['GET /api/v1/namespaces/default/nodes', unknown],
    [`GET ${path}/a`, '404 configmaps "a" not found'],
    [`PUT ${path}`, '405 put is not supported on resources of kind "configmaps"'],
    ['POST /api/v1/configmaps', '405 create is not supported on resources of kind "configmaps"'],
    ['GET /api/v1/%ff', '400 the path segment "%ff" is not valid percent-encoding'],
    [`GET ${path}?limit=x`, '400 strconv.ParseInt: parsing "x": invalid syntax'],
    [
      `POST ${path}?dryRun=Some`,
      '422 CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"',
    ],
  ])('%s', async (asked, expected) => {
    const [method = '', path = ''] = asked.split(' ')
    const answer = await api.ask(path, { method })
    const { kind, status, code, message } = JSON.parse(answer.text)
    expect(`${answer.code} ${message}`).toBe(expected)
    expect([kind, status, code]).toEqual(['Status', 'Failure', answer.code])
  })

  it('an unacceptable form (406) and an unreadable one (415)', async () => {
    const accept = { accept: 'application/yaml' }
    expect((await api.ask(path, { headers: accept })).code).toBe(406)
    const headers = { 'content-type': 'text/plain' }
    expect((await api.ask(path, { method: 'POST', headers, body: 'x' })).code).toBe(415)
    expect((await api.ask(`${path}/a`, { method: 'PATCH', headers: json, body: '{}' })).code).toBe(
      415,
    )
  })

  it('a body beyond the bound (413), heard out so that the client can read the answer', async () => {
    const body = Buffer.alloc(3 * 1024 * 1024 + 1, 32)
    const { code, text } = await api.ask(path, { method: 'POST', headers: json, body })
    expect(code).toBe(413)
    expect(JSON.parse(text)).toMatchObject({
      reason: 'RequestEntityTooLarge',
      message: 'Request entity is too large: limit is 3145728',
    })
  })

  it('what goes wrong inside is told without its text', async () => {
    const { code, text } = await api.ask('/astern/v1/broken')
    expect(code).toBe(500)
    expect(text).toContain('InternalError')
    expect(text).not.toContain('a secret')
  })

  it('Retry-After comes from the details', async () => {
    const { code, headers } = await api.ask('/astern/v1/busy')
    expect([code, headers['retry-after']]).toEqual([429, '7'])
  })
})

describe('requests', () => {
  it('extra paths get the query', async () => {
    expect((await api.ask('/astern/v1/echo?say=hello')).text).toBe('{"said":"hello"}')
  })

  it('HTTP/1.1 on the same port', async () => {
    const { certificate, key } = await api.pki.client('admin')
    const options = {
      ca: api.pki.caCertificate,
      cert: certificate,
      key,
      ALPNProtocols: ['http/1.1'],
    }
    const text = await new Promise<string>((resolve, reject) => {
      const sent = request(`${api.url}/version`, options, (response) => {
        let body = ''
        response.on('data', (chunk) => {
          body += chunk
        })
        response.on('end', () => resolve(`${response.httpVersion} ${body}`))
      })
      sent.on('error', reject).end()
    })
    expect(text).toMatch(/^1\.1 .*"gitVersion":"v1\.35\.0\+astern/)
  })

  it('create, get as bytes of the store, list, delete (E-07)', async () => {
    const body = JSON.stringify(configMap('one'))
    const created = await api.ask(path, { method: 'POST', headers: json, body })
    expect(created.code).toBe(201)
    expect((await api.ask(`${path}/one`)).text).toBe(created.text)
    const list = JSON.parse((await api.ask(`${path}?fieldSelector=metadata.name%3Done`)).text)
    expect(list).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' })
    expect(list.items).toEqual([JSON.parse(created.text)])
    const deleted = await api.ask(`${path}/one`, { method: 'DELETE' })
    expect(JSON.parse(deleted.text)).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name: 'one', kind: 'configmaps' },
    })
  })

  it('YAML bodies, and a Warning header with text beyond ASCII (H-20, H-21)', async () => {
    const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: two}\n"dät\\"a": {a: b}\n'
    const headers = { 'content-type': 'application/yaml' }
    const answer = await api.ask(path, { method: 'POST', headers, body })
    expect(answer.code).toBe(201)
    const bytes = Buffer.from(String(answer.headers.warning), 'latin1')
    expect(bytes.toString('utf8')).toBe('299 - "unknown field \\"dät\\\\\\"a\\""')
  })

  it('a long list is sent in slices and, when asked, compressed', async () => {
    for (let i = 0; i < 4; i++) {
      const data = { text: 'x'.repeat(200_000) }
      await api.create(configMaps, 'kube-public', { ...configMap(`big-${i}`), data })
    }
    const { gunzipSync } = await import('node:zlib')
    const { text } = await api.ask('/api/v1/namespaces/kube-public/configmaps')
    expect((parseJson(text) as { items: unknown[] }).items.length).toBeGreaterThanOrEqual(4)
    const headers = { 'accept-encoding': 'gzip' }
    const session = api.session(await api.pki.client('admin'))
    const stream = session.request({
      ':path': '/api/v1/namespaces/kube-public/configmaps',
      ...headers,
    })
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk as Buffer)
    expect(gunzipSync(Buffer.concat(chunks)).toString('utf8')).toBe(text)
  })
})

it('a port in use: the error names who holds it', async () => {
  const holder = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => holder.once('listening', resolve))
  const { port } = holder.address() as { port: number }
  const expected = process.platform === 'linux' ? `process ${process.pid} (` : 'another process'
  await expect(serveApi({ port })).rejects.toMatchObject({
    name: 'ListenError',
    code: 'EADDRINUSE',
    message: expect.stringContaining(`cannot listen on 127.0.0.1:${port}: ${expected}`),
  })
  holder.close()
})

it('long answers wait for their client, many at once on one connection', async () => {
  const data = { long: 'x'.repeat(1024 * 1024) }
  await api.create(configMaps, 'default', { ...configMap('long'), data })
  const session = api.session(await api.pki.client('admin'))
  const asked: Promise<Answer>[] = []
  // Not all in one turn of the event loop: those that come later must get through, too.
  for (let count = 0; count < 30; count += 1) {
    asked.push(api.ask(`${path}/long`, {}, session))
    await new Promise((resolve) => setImmediate(resolve))
  }
  const lengths = (await Promise.all(asked)).map(({ text }) => JSON.parse(text).data.long.length)
  expect(lengths).toEqual(Array(30).fill(1024 * 1024))
})
