import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { freePort } from './free-port.ts'

test('a port that somebody has is passed over', async () => {
  const first = await freePort(28_080)
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(first, '127.0.0.1', resolve))
  try {
    expect(await freePort(first)).toBeGreaterThan(first)
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
})
