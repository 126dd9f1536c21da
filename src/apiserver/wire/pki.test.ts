import { X509Certificate } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../base/virtual-clock.ts'
import { writeKubeconfig } from './kubeconfig.ts'
import { loadOrCreatePki } from './pki.ts'

const dayMs = 24 * 60 * 60 * 1000
let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'astern-pki-'))
})
afterEach(() => rm(dir, { recursive: true }))

describe('certificates', () => {
  it('the server has our names and addresses, and is signed by our authority', async () => {
    const pki = await loadOrCreatePki(join(dir, 'pki'), new VirtualClock(), { hosts: ['10.0.0.9'] })
    const server = new X509Certificate(pki.server.certificate)
    for (const name of [
      'localhost',
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
    ]) {
      expect(server.checkHost(name)).toBe(name)
    }
    for (const address of ['127.0.0.1', '::1', '10.0.0.9'])
      expect(server.checkIP(address)).toBe(address)
    const ca = new X509Certificate(pki.caCertificate)
    expect(server.verify(ca.publicKey)).toBe(true)
    expect(ca.ca).toBe(true)
    expect(server.ca).toBe(false)
  })

  it.each([
    ['admin', 'O=system:masters\nCN=kubernetes-admin'],
    ['node', 'O=system:nodes\nCN=system:node:astern'],
    ['scheduler', 'CN=system:kube-scheduler'],
  ] as const)('%s is %j', async (name, subject) => {
    const pki = await loadOrCreatePki(join(dir, 'pki'), new VirtualClock())
    const { certificate } = await pki.client(name)
    expect(new X509Certificate(certificate).subject).toBe(subject)
  })

  it('are kept, in files that only the owner reads', async () => {
    const clock = new VirtualClock()
    const path = join(dir, 'pki')
    const first = await loadOrCreatePki(path, clock)
    const admin = await first.client('admin')
    const second = await loadOrCreatePki(path, clock)
    expect(second.server).toEqual(first.server)
    expect(await second.client('admin')).toEqual(admin)
    expect((await stat(path)).mode & 0o777).toBe(0o700)
    const files = await readdir(path)
    expect(files.sort()).toEqual(
      ['ca', 'client-admin', 'server'].flatMap((name) => [`${name}.crt`, `${name}.key`]),
    )
    for (const file of files) expect((await stat(join(path, file))).mode & 0o777).toBe(0o600)
  })

  it.each([
    ['kept with 31 days left', 365 - 31, {}, true],
    ['renewed with 29 days left', 365 - 29, {}, false],
    ['renewed for another host', 0, { hosts: ['example.test'] }, false],
  ])('the server certificate is %s', async (_what, days, options, isKept) => {
    const clock = new VirtualClock()
    const first = await loadOrCreatePki(dir, clock)
    await clock.advance(days * dayMs)
    const second = await loadOrCreatePki(dir, clock, options)
    expect(second.caCertificate).toBe(first.caCertificate)
    expect(second.server.certificate === first.server.certificate).toBe(isKept)
  })

  it('a new authority, or a key that does not fit, renews what depends on it', async () => {
    const clock = new VirtualClock()
    const first = await loadOrCreatePki(dir, clock)
    const admin = await first.client('admin')
    await writeFile(join(dir, 'server.key'), admin.key)
    expect((await loadOrCreatePki(dir, clock)).server.key).not.toBe(admin.key)
    await rm(join(dir, 'ca.crt'))
    const second = await loadOrCreatePki(dir, clock)
    const ca = new X509Certificate(second.caCertificate)
    expect(
      new X509Certificate((await second.client('admin')).certificate).verify(ca.publicKey),
    ).toBe(true)
  })
})

it('a kubeconfig holds everything, is private, and replaces a public one', async () => {
  const path = join(dir, 'kubeconfig')
  await writeFile(path, 'old', { mode: 0o644 })
  const client = { certificate: 'CERT', key: 'KEY' }
  await writeKubeconfig(path, { server: 'https://127.0.0.1:1', caCertificate: 'CA', client })
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  const { parse } = await import('yaml')
  const config = parse(await readFile(path, 'utf8'))
  expect(config['current-context']).toBe('astern')
  expect(config.clusters[0].cluster).toEqual({
    server: 'https://127.0.0.1:1',
    'certificate-authority-data': btoa('CA'),
  })
  expect(config.users[0].user['client-key-data']).toBe(btoa('KEY'))
  expect(await readdir(dir)).toEqual(['kubeconfig'])
})
