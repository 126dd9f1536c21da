import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DirectSocket } from './direct-socket.ts'

const server = createServer()
let speaker: Socket
let direct: DirectSocket

beforeEach(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  direct = await connected()
})

afterEach(async () => {
  server.close()
  await once(server, 'close')
})

async function connected(): Promise<DirectSocket> {
  const accepted = once(server, 'connection')
  const socket = new DirectSocket({ allowHalfOpen: true })
  socket.connect((server.address() as AddressInfo).port, '127.0.0.1')
  speaker = (await accepted)[0]
  await once(socket, 'connect')
  speaker.once('close', () => socket.destroy())
  return socket
}

/** What comes until the speaker has ended; every chunk is kept as it was given. */
async function heard(socket: DirectSocket): Promise<Buffer[]> {
  const chunks: Buffer[] = []
  socket.receive = (chunk) => {
    chunks.push(chunk)
    return false
  }
  await once(socket, 'end')
  socket.destroy()
  return chunks
}

test.each([1, 1_000, 40_000, 5_000_000])(
  '%d bytes at a time: what was given before stays as it was',
  async (length) => {
    const all = heard(direct)
    const parts = [1, 2, 3].map((fill) => Buffer.alloc(length, fill))
    for (const part of parts) {
      speaker.write(part)
      await setImmediate()
    }
    speaker.end()
    expect(Buffer.concat(await all).equals(Buffer.concat(parts))).toBe(true)
  },
)

test('two that read in turn do not read over each other', async () => {
  const [first, firstSpeaker] = [direct, speaker]
  const second = await connected()
  const all = [heard(first), heard(second)]
  for (let turn = 0; turn < 50; turn++) {
    firstSpeaker.write(Buffer.alloc(100, 1))
    speaker.write(Buffer.alloc(100, 2))
    await setImmediate()
  }
  firstSpeaker.end()
  speaker.end()
  const [ones, twos] = (await Promise.all(all)).map((chunks) => Buffer.concat(chunks))
  expect(ones?.equals(Buffer.alloc(5_000, 1))).toBe(true)
  expect(twos?.equals(Buffer.alloc(5_000, 2))).toBe(true)
})

test('paused, it reads nothing, and hears of no end, until it is resumed', async () => {
  const sizes: number[] = []
  direct.pause()
  direct.receive = (chunk) => sizes.push(chunk.length) > 0
  const isEnded = once(direct, 'end')
  speaker.end('late')
  // A second connection's way there and back: what was sent first is in the kernel by then.
  const first = direct
  const probe = await connected()
  const isHeard = heard(probe)
  speaker.end('probe')
  await isHeard
  expect([sizes, first.readableEnded, first.readableLength]).toEqual([[], false, 0])
  first.resume()
  await isEnded
  expect(sizes).toEqual([4])
  first.destroy()
})
