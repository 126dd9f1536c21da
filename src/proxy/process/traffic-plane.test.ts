import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { freePort } from '../../../test/proxy/free-port.ts'
import { TrafficPlane } from './traffic-plane.ts'

const host = '127.0.0.1'
const open = new Set<Socket>()
const endpoint = createServer((socket) => {
  open.add(socket.on('error', () => {}))
  socket.on('data', () => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${2 ** 30}\r\n\r\n`)
    while (socket.write(Buffer.alloc(2 ** 18)));
    socket.on('drain', () => socket.write(Buffer.alloc(2 ** 18)))
  })
})

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  endpoint.listen(0, host)
  await once(endpoint, 'listening')
})

afterEach(() => {
  vi.useRealTimers()
  for (const socket of open) socket.destroy()
  endpoint.close()
})

test('it looks once a second for clients that are gone: one that has closed its side for 10', async () => {
  const plane = new TrafficPlane(() => {})
  const port = await freePort()
  const conditions = { ready: true, serving: true, terminating: false }
  const pod = { podUid: 'a', podName: 'a', templateHash: 'h', ...conditions }
  const endpoints = [{ ip: host, port: (endpoint.address() as AddressInfo).port, ...pod }]
  const listeners = [{ ip: host, port }]
  const web = { namespace: 'default', name: 'web', port: '', listeners, endpoints }
  expect(await plane.apply([web])).toEqual([])
  const client = connect({ port, host, allowHalfOpen: true })
  open.add(client.on('error', () => {}))
  client.pause()
  client.end('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await vi.waitFor(() => expect(plane.counters()[0]?.open).toBe(1))
  let seconds = 0
  for (; plane.counters()[0]?.open === 1 && seconds < 100; seconds++) {
    vi.advanceTimersByTime(1_000)
    await setImmediate()
  }
  // What the kernel takes at first is progress; who has not closed its side gets 120.
  expect(seconds).toBeGreaterThanOrEqual(11)
  expect(seconds).toBeLessThan(100)
  plane.retire(() => {})
  await plane.apply([])
})
