import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { AccessLog, type AccessRecord, fileBytesMax } from './access-log.ts'

const directory = mkdtempSync(join(tmpdir(), 'astern-access-log-'))
afterAll(() => rmSync(directory, { recursive: true }))

const record: AccessRecord = {
  time: '2026-01-01T00:00:00.000Z',
  client: '127.0.0.1',
  service: 'shop/web',
  endpoint: '',
  pod: '',
  revision: '',
  method: 'GET',
  path: '/',
  status: 503,
  bytes: 0,
  ms: 1,
}

test('a file that has grown too large becomes FILE.1, in the place of the one before', async () => {
  const file = join(directory, 'access.log')
  writeFileSync(file, '')
  truncateSync(file, fileBytesMax)
  writeFileSync(`${file}.1`, 'old')
  const log = new AccessLog(file)
  log.add(record)
  await vi.waitFor(() => expect(statSync(`${file}.1`).size).toBeGreaterThan(fileBytesMax), {
    timeout: 10_000,
  })
  log.add(record)
  await vi.waitFor(() => expect(statSync(file).size).toBe(JSON.stringify(record).length + 1), {
    timeout: 10_000,
  })
})
