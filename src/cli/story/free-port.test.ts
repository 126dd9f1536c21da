import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { claimFreePort, type PortClaim } from './free-port.ts'

const claim = (first: number) => claimFreePort({ first, note: 'a test' })

test('a port that somebody has is passed over', async () => {
  const first = await claim(28_080)
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(first.port, '127.0.0.1', resolve))
  first.release()
  const second = await claim(first.port)
  expect(second.port).toBeGreaterThan(first.port)
  second.release()
  await new Promise((resolve) => server.close(resolve))
})

test('two that ask in the same moment get two ports; a released one is free again', async () => {
  const claims: readonly PortClaim[] = await Promise.all([claim(28_280), claim(28_280)])
  const [one, other] = claims.map(({ port }) => port)
  expect(one).not.toBe(other)
  for (const each of claims) each.release()
  const again = await claim(Math.min(one ?? 0, other ?? 0))
  expect(again.port).toBe(Math.min(one ?? 0, other ?? 0))
  again.release()
})

test('a claim whose holder is dead is taken over', async () => {
  const holder = { pid: 1, startTime: 'never', bootId: 'another boot', note: 'gone' }
  const dead = await claimFreePort({ first: 28_480, note: 'gone', holder })
  const alive = await claim(dead.port)
  expect(alive.port).toBe(dead.port)
  alive.release()
})
