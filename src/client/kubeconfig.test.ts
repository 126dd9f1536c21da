import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { kubeconfigFiles, loadKubeconfig } from './kubeconfig.ts'
import { KubeconfigError } from './kubeconfig-entry.ts'

const directory = mkdtempSync(join(tmpdir(), 'astern-kubeconfig-'))
afterAll(() => rmSync(directory, { recursive: true }))

let count = 0
function file(content: unknown): string {
  const path = join(directory, `config-${count++}`)
  writeFileSync(path, typeof content === 'string' ? content : stringify(content))
  return path
}

const base64 = (text: string) => Buffer.from(text).toString('base64')

function config(cluster: object = {}, user: object = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:6443/', ...cluster } }],
    users: [{ name: 'u', user }],
  }
}

test('certificates as data', () => {
  const user = { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') }
  const path = file(config({ 'certificate-authority-data': base64('CA') }, user))
  expect(loadKubeconfig({ files: [path] })).toEqual({
    context: 'here',
    cluster: 'c',
    user: 'u',
    server: 'https://127.0.0.1:6443',
    namespace: 'default',
    tls: { ca: Buffer.from('CA'), cert: Buffer.from('CERT'), key: Buffer.from('KEY') },
  })
})

test('certificates and token as files, relative to the kubeconfig', () => {
  writeFileSync(join(directory, 'ca.crt'), 'CA')
  writeFileSync(join(directory, 'token'), 'SECRET\n')
  const path = file(config({ 'certificate-authority': 'ca.crt' }, { tokenFile: 'token' }))
  const access = loadKubeconfig({ files: [path] })
  expect(access.tls).toEqual({ ca: Buffer.from('CA') })
  expect(access.token).toBe('SECRET')
})

test('insecure-skip-tls-verify, tls-server-name, token, namespace and an asked context', () => {
  const content = config(
    { 'insecure-skip-tls-verify': true, 'tls-server-name': 'api' },
    { token: 'SECRET' },
  )
  const there = { name: 'there', context: { cluster: 'c', user: 'u', namespace: 'shop' } }
  const path = file({ ...content, contexts: [...content.contexts, there] })
  expect(loadKubeconfig({ files: [path], context: 'there' })).toMatchObject({
    context: 'there',
    namespace: 'shop',
    token: 'SECRET',
    tls: { isInsecure: true, serverName: 'api' },
  })
})

test('several files: the first that names a thing wins, and a missing one is passed over', () => {
  const { clusters, ...first } = config({}, { token: 'first' })
  const second = { ...config({}, { token: 'second' }), clusters, 'current-context': 'elsewhere' }
  const files = [join(directory, 'missing'), file(first), file(second)]
  const access = loadKubeconfig({ files })
  expect(access).toMatchObject({
    context: 'here',
    token: 'first',
    server: 'https://127.0.0.1:6443',
  })
  expect(kubeconfigFiles('/a::/b')).toEqual(['/a', '/b'])
  expect(kubeconfigFiles(undefined)).toEqual([])
})

const cases: readonly (readonly [what: string, content: unknown, message: RegExp])[] = [
  ['not YAML', 'a: b: c', /^the kubeconfig FILE is not YAML: .* at line 1/],
  ['not a map', '- a', /^the kubeconfig FILE is not a map/],
  ['no context', '{}', /^current-context is not set in FILE$/],
  ['context gone', { 'current-context': 'x' }, /^context "x" does not exist in FILE$/],
  ['cluster gone', { ...config(), clusters: [] }, /^cluster "c" does not exist in FILE$/],
  ['user gone', { ...config(), users: null }, /^user "u" does not exist in FILE$/],
  ['no server', config({ server: '' }), /^cluster "c" in FILE has no server$/],
  ['server no URL', config({ server: 'localhost:80' }), /is not an https URL: localhost:80$/],
  ['proxy', config({ 'proxy-url': 'http://p' }), /proxy-url, which is not supported yet$/],
  [
    'key missing',
    config({}, { 'client-certificate-data': 'QQ==' }),
    /^user "u" in FILE has no client-key$/,
  ],
  [
    'CA file gone',
    config({ 'certificate-authority': 'gone' }),
    /^cannot read the certificate-authority of cluster "c" in FILE: ENOENT/,
  ],
  [
    'plugin',
    config({}, { exec: { command: 'aws' } }),
    /^user "u" in FILE signs in by "exec", which is not supported yet$/,
  ],
  ['wrong type', config({}, { token: 5 }), /^token of user "u" in FILE is not a string$/],
]

test.each(cases)('a clear error: %s', (_what, content, message) => {
  const path = file(content)
  let thrown: unknown
  try {
    loadKubeconfig({ files: [path] })
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(KubeconfigError)
  expect((thrown as KubeconfigError).message.replaceAll(path, 'FILE')).toMatch(message)
})

test('no file at all says what to do', () => {
  const path = join(directory, 'missing')
  expect(() => loadKubeconfig({ files: [path] })).toThrow(`no such file: ${path}`)
  expect(() => loadKubeconfig({ files: [] })).toThrow('no file is named')
})
