import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemContext } from '../../../base/context.ts'
import { type ServedApi, serveApi } from '../served-api.fixture.ts'
import type { AuditEvent } from './audit-event.ts'
import { type AuditLog, openAuditLog } from './audit-log.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'astern-audit-'))
})
afterEach(() => rm(dir, { recursive: true }))

const path = () => join(dir, 'audit.log')

async function eventsIn(file: string): Promise<readonly AuditEvent[]> {
  const lines = (await readFile(file, 'utf8')).split('\n')
  expect(lines.pop()).toBe('')
  return lines.map((line) => JSON.parse(line))
}

const event = (auditID: string) => ({ auditID, kind: 'Event' }) as AuditEvent

describe('the file', () => {
  const open = (bounds: { fileBytesMax?: number; filesMax?: number } = {}) =>
    openAuditLog({ path: path(), context: systemContext(), ...bounds })

  test('is its owner’s alone, and a later log goes on in it', async () => {
    for (const id of ['a', 'b']) {
      const log = open()
      log.write(event(id))
      await log.close()
    }
    expect((await stat(path())).mode & 0o777).toBe(0o600)
    expect((await eventsIn(path())).map(({ auditID }) => auditID)).toEqual(['a', 'b'])
  })

  test('is put away when it has grown, and the oldest goes', async () => {
    for (let number = 0; number < 9; number += 1) {
      const log = open({ fileBytesMax: 100, filesMax: 3 })
      log.write(event(String(number).repeat(60)))
      log.write(event('x'))
      await log.close()
    }
    expect((await readdir(dir)).sort()).toEqual(['audit.log', 'audit.log.1', 'audit.log.2'])
    for (const file of await readdir(dir)) {
      expect((await stat(join(dir, file))).size).toBeLessThan(300)
    }
    expect((await eventsIn(path())).at(-2)?.auditID).toContain('8')
  })

  test('that cannot be written harms nobody', async () => {
    const log = openAuditLog({ path: join(dir, 'no', 'file'), context: systemContext() })
    log.write(event('a'))
    await log.close()
  })
})

describe('a request', () => {
  let api: ServedApi
  let log: AuditLog
  beforeEach(async () => {
    log = openAuditLog({ path: path(), context: systemContext() })
    api = await serveApi({ auditLog: log })
  })

  const secretsPath = '/api/v1/namespaces/default/secrets'
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'key' },
    stringData: { password: 'hunter2-plain' },
  }

  async function done(): Promise<readonly AuditEvent[]> {
    await api.close()
    await log.close()
    return eventsIn(path())
  }

  test('is one line: who, what, the answer, and never what a Secret holds', async () => {
    const headers = { 'user-agent': 'kubectl/v1' }
    const query = '?fieldManager=hunter2-query'
    const body = JSON.stringify(secret)
    await api.ask(`${secretsPath}${query}`, { method: 'POST', headers, body })
    await api.ask(`${secretsPath}/key`, { headers })
    const bad = JSON.stringify({ ...secret, data: { a: 'hunter2 is no base64' } })
    await api.ask(secretsPath, { method: 'POST', headers, body: bad })
    const lines = await done()
    expect(JSON.stringify(lines)).not.toMatch(/hunter2|aHVudGVy/)
    expect(lines.map(({ verb, responseStatus }) => `${verb} ${responseStatus?.code}`)).toEqual([
      'create 201',
      'get 200',
      'create 400',
    ])
    expect(lines[0]).toMatchObject({
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'Metadata',
      stage: 'ResponseComplete',
      requestURI: secretsPath,
      user: { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] },
      userAgent: 'kubectl/v1',
      sourceIPs: [expect.stringContaining('127.0.0.1')],
      objectRef: { resource: 'secrets', namespace: 'default', name: 'key', apiVersion: 'v1' },
      annotations: { 'apiserver.latency.k8s.io/total': expect.stringMatching(/^[\d.]+ms$/) },
    })
  })

  test('that is refused says why, and who asked as whom', async () => {
    await api.ask(secretsPath, { headers: { 'impersonate-user': 'ann' } })
    await api.ask(secretsPath, { headers: { authorization: 'Bearer hunter2' } }, api.session())
    const lines = await done()
    expect(lines).toMatchObject([
      {
        user: { username: 'kubernetes-admin' },
        impersonatedUser: { username: 'ann', groups: ['system:authenticated'] },
        responseStatus: { code: 403, status: 'Failure', reason: 'Forbidden' },
      },
      { responseStatus: { code: 401, reason: 'Unauthorized' } },
    ])
    expect(lines[1]).not.toHaveProperty('user')
    expect(JSON.stringify(lines)).not.toContain('hunter2')
  })

  test('that lasts makes a line when it begins and one when it ends', async () => {
    await api.ask(`${secretsPath}?watch=true&timeoutSeconds=1`)
    const lines = await done()
    expect(lines.map(({ stage, verb }) => `${stage} ${verb}`)).toEqual([
      'RequestReceived watch',
      'ResponseComplete watch',
    ])
    expect(new Set(lines.map(({ auditID }) => auditID)).size).toBe(1)
  })

  test('for health, version or discovery makes none', async () => {
    for (const asked of ['/readyz', '/version', '/api', '/apis/apps/v1']) await api.ask(asked)
    await api.ask(secretsPath)
    expect(await done()).toHaveLength(1)
  })
})
