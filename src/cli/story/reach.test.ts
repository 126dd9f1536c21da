import { createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { systemContext } from '../../base/context.ts'
import { reachThroughApi } from './reach.ts'

test('through the API server: the answer of the pod, or why there is none', async () => {
  const path = '/api/v1/namespaces/n/services/app:8080/proxy/'
  const asked: unknown[] = []
  const api = createServer().on('stream', (stream, headers) => {
    asked.push([headers[':path'], headers.authorization])
    const isServed = asked.length === 1
    stream.respond(isServed ? { ':status': 500, 'x-version': '1.2.0' } : { ':status': 503 })
    stream.end('text')
  })
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  const server = `http://127.0.0.1:${(api.address() as AddressInfo).port}`
  const access = { server, tls: {}, token: 't' }
  const reach = reachThroughApi(systemContext(), access, path)
  expect(await reach.ask()).toEqual({ version: '1.2.0', status: 500 })
  expect(await reach.ask()).toEqual({ version: undefined, status: 503 })
  expect(asked).toEqual([
    [path, 'Bearer t'],
    [path, 'Bearer t'],
  ])
  reach.close()
  await new Promise((resolve) => api.close(resolve))
  const gone = reachThroughApi(systemContext(), access, path)
  expect((await gone.ask()).error).toContain('refused')
  gone.close()
})
