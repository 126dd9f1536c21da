import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clientFrame, inPieces } from './client-frame.fixture.ts'
import { FrameReader, frameHead, opcode, WebSocketFault } from './websocket-frames.ts'

const payloadMax = 70_000
const pieces = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 5 })
const mask = fc.array(fc.nat(255), { minLength: 4, maxLength: 4 })
const payload = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  // Around the lengths at which the head changes.
  fc.constantFrom(125, 126, 65_535, 65_536).map((length) => new Uint8Array(length).fill(7)),
)

/** Texts are quick to compare. */
function textOf(frame: { readonly isFinal: boolean; readonly payload: Uint8Array }): string {
  return `${frame.isFinal} ${Buffer.from(frame.payload).toString('latin1')}`
}

function readAll(bytes: Buffer, lengths: readonly number[], max = payloadMax) {
  const reader = new FrameReader(max)
  return [...inPieces(bytes, lengths)].flatMap((piece) => reader.push(piece))
}

describe('FrameReader', () => {
  test('finds the frames, however they are cut into pieces', () => {
    const frame = fc.record({ payload, mask, isFinal: fc.boolean() })
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 5 }), pieces, (frames, lengths) => {
        const bytes = frames.map((f) => clientFrame(f.payload, f))
        const found = readAll(Buffer.concat(bytes), lengths)
        expect(found.map(textOf)).toEqual(frames.map(textOf))
      }),
      { numRuns: 60 },
    )
  })

  test('anything else is a fault or waits for more, and nothing piles up', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), pieces, (bytes, lengths) => {
        try {
          readAll(Buffer.from(bytes), lengths)
        } catch (error) {
          expect(error).toBeInstanceOf(WebSocketFault)
        }
      }),
    )
  })

  test.each<[string, Buffer, number]>([
    ['without a mask', Buffer.concat([frameHead(2, 1), Buffer.alloc(5)]), 1002],
    ['with a reserved bit', withFirstByte(0xc2), 1002],
    ['of an unknown opcode', withFirstByte(0x83), 1002],
    ['of control in parts', withFirstByte(opcode.ping), 1002],
    ['of control that is too long', clientFrame(new Uint8Array(126), { opcode: 9 }), 1002],
    ['that is too long', clientFrame(new Uint8Array(101)), 1009],
    ['that claims 2^63 bytes', hugeHead(), 1009],
  ])('a frame %s is refused before its payload is read', (_title, bytes, code) => {
    expect(() => readAll(bytes, [14], 100)).toThrow(expect.objectContaining({ code }))
  })
})

function withFirstByte(first: number): Buffer {
  const bytes = clientFrame(Buffer.from('x'))
  bytes[0] = first
  return bytes
}

function hugeHead(): Buffer {
  const head = clientFrame(new Uint8Array(65_536)).subarray(0, 14)
  head[2] = 0x80
  return head
}
