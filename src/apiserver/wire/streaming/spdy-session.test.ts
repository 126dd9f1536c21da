import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { controlFrame, frameType, SpdyFault } from '../../../base/spdy/frames.ts'
import { inPieces } from './client-frame.fixture.ts'
import { SpdyClient } from './spdy-client.fixture.ts'
import { SpdySession, type SpdyStream } from './spdy-session.ts'

let client: SpdyClient
beforeEach(() => {
  client = new SpdyClient()
})
afterEach(() => client.close())

/** Sends back what comes on every stream whose header `accept` is not `no`; notes what happens. */
class Echo {
  readonly sent: Buffer[] = []
  readonly happened: string[] = []

  session(): SpdySession {
    return new SpdySession({
      send: async (...parts) => {
        this.sent.push(Buffer.concat(parts))
        return true
      },
      open: (stream) => (stream.headers.get('accept') === 'no' ? undefined : this.#echo(stream)),
    })
  }

  #echo(stream: SpdyStream) {
    const name = stream.headers.get('name')
    return {
      data: (bytes: Buffer) => stream.send(bytes),
      end: () => {
        this.happened.push(`${name} ends`)
        stream.end()
      },
      reset: () => {
        this.happened.push(`${name} is reset`)
      },
    }
  }
}

async function* chunksOf(bytes: readonly Buffer[], lengths: readonly number[] = []) {
  yield* inPieces(Buffer.concat(bytes), lengths)
}

describe('SpdySession', () => {
  test('carries streams side by side, whatever the pieces', async () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(lengths, async (pieces) => {
        const echo = new Echo()
        const speaker = new SpdyClient()
        const bytes = [
          await speaker.open(1, { name: 'a', 'long-header': 'x'.repeat(2_000) }),
          await speaker.open(3, { name: 'b' }),
          speaker.data(1, 'to a'),
          speaker.data(3, 'to b', true),
          speaker.data(1, '', true),
        ]
        await echo.session().run(chunksOf(bytes, pieces))
        expect(echo.happened.sort()).toEqual(['a ends', 'b ends'])
        const data = echo.sent.filter((frame) => frame[0] === 0)
        expect(data).toContainEqual(client.data(1, 'to a'))
        expect(data).toContainEqual(client.data(3, 'to b'))
        speaker.close()
      }),
      { numRuns: 30 },
    )
  })

  test('a refused stream is reset, and the headers of the next one are still read', async () => {
    const echo = new Echo()
    const bytes = [
      await client.open(1, { accept: 'no', name: 'refused' }),
      await client.open(3, { accept: 'yes', name: 'taken' }),
      client.data(3, '', true),
    ]
    await echo.session().run(chunksOf(bytes))
    expect(echo.sent[0]).toEqual(controlFrame(frameType.rstStream, 1, 3))
    expect(echo.happened).toEqual(['taken ends'])
  })

  test('a reset by the client, and the end of the connection, end streams', async () => {
    const echo = new Echo()
    const bytes = [
      await client.open(1, { name: 'a' }),
      await client.open(3, { name: 'b' }),
      controlFrame(frameType.rstStream, 1, 5),
    ]
    await echo.session().run(chunksOf(bytes))
    expect(echo.happened).toEqual(['a is reset', 'b is reset'])
  })

  test('a ping comes back', async () => {
    const echo = new Echo()
    await echo.session().run(chunksOf([controlFrame(frameType.ping, 7)]))
    expect(echo.sent).toEqual([controlFrame(frameType.ping, 7)])
  })

  test('one stream beyond the bound is refused', async () => {
    const echo = new Echo()
    const bytes: Buffer[] = []
    for (let id = 1; id <= 2001; id += 2) bytes.push(await client.open(id, { name: 'x' }))
    await echo.session().run(chunksOf(bytes))
    expect(echo.sent.at(-1)).toEqual(controlFrame(frameType.rstStream, 2001, 3))
  })

  test('what is no SPDY is a fault', async () => {
    const faults = [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      controlFrame(frameType.synStream, 1),
      controlFrame(frameType.synStream, 1, 0, Buffer.from('xxnot compressed')),
      controlFrame(frameType.rstStream),
      Buffer.from([0x80, 2, 0, 1, 0, 0, 0, 0]),
    ]
    for (const bytes of faults) {
      await expect(new Echo().session().run(chunksOf([bytes]))).rejects.toThrow(SpdyFault)
    }
  })

  test('anything ends, with a fault or without', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        const ended = new Echo().session().run(chunksOf([Buffer.from(bytes)]))
        await ended.catch((error) => expect(error).toBeInstanceOf(SpdyFault))
      }),
    )
  })
})
