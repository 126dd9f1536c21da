import { once } from 'node:events'
import { readFileSync, renameSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { AccessRecord } from '../../src/proxy/process/access-log.ts'
import { type Backend, endBackends, givenBackend } from './backend.ts'
import { freePort } from './free-port.ts'
import { proxyCommand } from './given-traffic.ts'
import { ProxyProcess } from './proxy-process.ts'

const host = '127.0.0.1'
const proxy = new ProxyProcess(proxyCommand)
const file = join(proxy.dataDir, 'access.log')
let backend: Backend
let port = 0
let url = ''

function table(accessLog: string | undefined, isReady = true) {
  const conditions = { ready: isReady, serving: isReady, terminating: false }
  const pod = { podUid: 'u', podName: 'web-1', templateHash: '6ff88c4474', ...conditions }
  const endpoints = [{ ip: host, port: backend.port, ...pod }]
  const listeners = [{ ip: host, port }]
  const log = accessLog !== undefined && { accessLog }
  return proxy.table([
    { namespace: 'shop', name: 'web', port: 'http', listeners, endpoints, ...log },
  ])
}

/** All lines, when there are so many. */
function records(count: number, path = file): Promise<readonly AccessRecord[]> {
  return vi.waitFor(
    () => {
      const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
      expect(lines).toHaveLength(count)
      return lines.map((line) => JSON.parse(line))
    },
    { timeout: 10_000 },
  )
}

const ask = async (path: string, init?: RequestInit) => (await fetch(url + path, init)).text()

beforeAll(async () => {
  backend = await givenBackend('a')
  port = await freePort()
  url = `http://${host}:${port}`
  await proxy.open()
})

afterAll(async () => {
  await proxy.end()
  endBackends()
})

test('each request is a line: who asked, who answered, how, and how long it took', async () => {
  await table(file)
  await ask('/name?token=secret')
  await ask('/echo', { method: 'POST', body: 'x'.repeat(5_000) })
  await ask('/nothing')
  await ask('/slow?50')
  const [name, echo, nothing, slow] = await records(4)
  const always = { client: host, service: 'shop/web:http', endpoint: `${host}:${backend.port}` }
  const pod = { pod: 'web-1', revision: '6ff88c4474' }
  expect(name).toMatchObject({ ...always, ...pod, method: 'GET', path: '/name', status: 200 })
  expect(echo).toMatchObject({ method: 'POST', path: '/echo', status: 200 })
  expect(nothing).toMatchObject({ method: 'GET', path: '/nothing', status: 404 })
  expect(echo?.bytes).toBeGreaterThan(5_000)
  expect(slow?.ms).toBeGreaterThanOrEqual(45)
  expect(Math.abs(Date.parse(slow?.time ?? '') - Date.now())).toBeLessThan(60_000)
  expect(readFileSync(file, 'utf8')).not.toMatch(/secret|aborted/)
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('what a client breaks off, and what nobody could answer, is there too; moved files stay', async () => {
  renameSync(file, `${file}.moved`)
  const socket = connect({ host, port })
  socket.write('GET /stream?1000 HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(socket, 'data')
  socket.destroy()
  expect((await records(1))[0]).toMatchObject({ path: '/stream', status: 200, aborted: true })
  await table(file, false)
  await ask('/name')
  expect((await records(2))[1]).toMatchObject({ path: '/name', status: 503, endpoint: '', pod: '' })
  await records(4, `${file}.moved`)
})

test('a newer proxy goes on with it, and a table without it ends it', async () => {
  await table(file)
  await proxy.handover()
  await ask('/name')
  await records(3)
  await table(undefined)
  await ask('/name')
  await table(file)
  await ask('/echo', { method: 'POST', body: '' })
  expect((await records(4)).map(({ path }) => path).at(-1)).toBe('/echo')
})

test('a file that cannot be written is told, and no request fails', async () => {
  await table(join(proxy.dataDir, 'nowhere', 'access.log'))
  for (let turn = 0; turn < 3; turn++) expect(await ask('/name')).toBe('a')
  await vi.waitFor(() => expect(proxy.log()).toMatch(/the access log cannot be written: ENOENT/), {
    timeout: 10_000,
  })
})
