import { connect as connectTls } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { configMaps } from '../../api/scheme.ts'
import { type Ask, type ServedApi, serveApi } from './served-api.fixture.ts'

let api: ServedApi
beforeAll(async () => {
  api = await serveApi()
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }
  await api.create(configMaps, 'default', object)
})
afterAll(() => api.close())

const path = '/api/v1/namespaces/default/configmaps'

/** What a raw HTTP/1.1 connection gets back, until the server closes it or has answered. */
async function raw(lines: readonly string[], client?: 'admin'): Promise<string> {
  const credential = client && (await api.pki.client(client))
  const { hostname, port } = new URL(api.url)
  const socket = connectTls({
    host: hostname,
    port: Number(port),
    ca: api.pki.caCertificate,
    ALPNProtocols: ['http/1.1'],
    ...(credential && { cert: credential.certificate, key: credential.key }),
  })
  let text = ''
  socket.on('error', () => {})
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
  })
  socket.write(lines.join('\r\n'))
  await new Promise((resolve) => socket.once('close', resolve))
  return text
}

const statusLine = (text: string) => text.split('\r\n')[0]

describe('prototype pollution is refused:', () => {
  afterEach(() => {
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  const evil = '{"polluted":"yes"}'
  const types = ['merge-patch+json', 'strategic-merge-patch+json', 'apply-patch+yaml']

  test.each([
    `{"metadata":{"name":"b","labels":{"__proto__":"x"}},"__proto__":${evil}}`,
    `{"metadata":{"name":"b","__proto__":${evil}},"data":{"__proto__":"x"}}`,
    `{"metadata":{"name":"b"},"constructor":{"prototype":${evil}}}`,
  ])('in a body: %s', async (body) => {
    const { code } = await api.ask(path, { method: 'POST', body })
    expect(code).toBeLessThan(500)
    await api.ask(`${path}/b`, { method: 'DELETE' })
  })

  test.each(types)('in a patch of type %s', async (type) => {
    const config = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"__proto__":${evil},"data":{"__proto__":"x"}}`
    const ask: Ask = { method: 'PATCH', headers: { 'content-type': `application/${type}` } }
    const { code } = await api.ask(`${path}/a?fieldManager=x&force=true`, { ...ask, body: config })
    expect(code).toBeLessThan(500)
  })

  test.each(['/__proto__/polluted', '/constructor/prototype/polluted', '/data/__proto__/polluted'])(
    'in a JSON patch of %s',
    async (pointer) => {
      const body = JSON.stringify([{ op: 'add', path: pointer, value: 'yes' }])
      const headers = { 'content-type': 'application/json-patch+json' }
      const { code } = await api.ask(`${path}/a`, { method: 'PATCH', headers, body })
      expect(code).toBeLessThan(500)
    },
  )

  test('in a query, and in the name of an impersonated extra', async () => {
    await api.ask(`${path}?__proto__[polluted]=yes&constructor.prototype.polluted=yes`)
    const headers = { 'impersonate-user': 'x', 'impersonate-extra-__proto__': 'polluted' }
    const { code } = await api.ask(path, { headers })
    expect(code).toBe(403)
  })

  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
    'a request target that every object has: %s',
    async (target) => {
      const text = await raw(
        [`GET ${target} HTTP/1.1`, 'host: x', 'connection: close', '', ''],
        'admin',
      )
      expect(statusLine(text)).toMatch(/^HTTP\/1\.1 40[04] /)
    },
  )
})

describe('path traversal is refused:', () => {
  test.each([
    [`${path}/..`, `Name parameter invalid: "..": may not be '..'`],
    [`${path}/%2e%2e`, `Name parameter invalid: "..": may not be '..'`],
    [`${path}/.`, `Name parameter invalid: ".": may not be '.'`],
    [`${path}/..%2fsecrets`, `Name parameter invalid: "../secrets": may not contain '/'`],
    [`${path}/a%252fb`, `Name parameter invalid: "a%2fb": may not contain '%'`],
    [
      '/api/v1/namespaces/default%2Fsecrets/configmaps',
      `Namespace parameter invalid: "default/secrets": may not contain '/'`,
    ],
    ['/api/v1/namespaces/../secrets', `Namespace parameter invalid: "..": may not be '..'`],
  ])('%s', async (asked, message) => {
    const { code, text } = await api.ask(asked)
    expect(code).toBe(400)
    expect(JSON.parse(text).message).toBe(message)
  })

  test.each([
    '/api/../healthz/..',
    '/version/../api/v1/secrets',
    '//api/v1/secrets',
    '/healthz/../api',
  ])('%s opens nothing for those who have no credential', async (asked) => {
    const text = await raw([`GET ${asked} HTTP/1.1`, 'host: x', 'connection: close', '', ''])
    expect(statusLine(text)).toBe('HTTP/1.1 401 Unauthorized')
  })
})

describe('header smuggling is refused:', () => {
  const get = [`GET ${path} HTTP/1.1`, 'host: x', 'connection: close']

  test('a length and chunks at once', async () => {
    const text = await raw(
      [
        `POST ${path} HTTP/1.1`,
        'host: x',
        'content-length: 4',
        'transfer-encoding: chunked',
        '',
        '0',
        '',
        `GET ${path}/a HTTP/1.1`,
        'host: x',
        '',
        '',
      ],
      'admin',
    )
    expect(statusLine(text)).toBe('HTTP/1.1 400 Bad Request')
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1)
  })

  test.each([
    ['two lengths', ['content-length: 0', 'content-length: 4']],
    ['a length that is none', ['content-length: +4']],
    ['a folded header', ['x-a: b', ' impersonate-user: admin']],
    ['a header with a space before its colon', ['impersonate-user : admin']],
    ['a bare line feed', ['x-a: b\nimpersonate-user: admin']],
  ])('%s', async (_what, lines) => {
    const text = await raw([...get, ...lines, '', ''], 'admin')
    expect(statusLine(text)).toBe('HTTP/1.1 400 Bad Request')
  })

  test('a token twice, or a second user to be', async () => {
    const twice = [...get, 'authorization: Bearer a', 'authorization: Bearer b', '', '']
    expect(statusLine(await raw(twice))).toBe('HTTP/1.1 400 Bad Request')
    const users = [...get, 'impersonate-user: a', 'impersonate-user: b', '', '']
    expect(statusLine(await raw(users, 'admin'))).toBe('HTTP/1.1 400 Bad Request')
  })

  test.each([
    'x-remote-user: admin',
    'x-forwarded-user: admin',
    'x-forwarded-client-cert: CN=admin',
  ])('what a proxy would say counts for nothing: %s', async (line) => {
    const text = await raw([...get, line, 'x-remote-group: system:masters', '', ''])
    expect(statusLine(text)).toBe('HTTP/1.1 401 Unauthorized')
  })

  test('more headers than there is room for', async () => {
    const text = await raw([...get, `x-a: ${'a'.repeat(70_000)}`, '', ''], 'admin')
    expect(statusLine(text)).toBe('HTTP/1.1 431 Request Header Fields Too Large')
  })

  test('groups cannot be had by a comma', async () => {
    const headers = { 'impersonate-user': 'x', 'impersonate-group': 'a, system:masters' }
    expect((await api.ask(path, { headers })).code).toBe(403)
  })
})
