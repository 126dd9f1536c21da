import { expect, test } from 'vitest'
import { ReadMemory } from './read-memory.ts'

const large = 64 * 1024

/** Reads as the kernel would: `length` bytes of `fill` into the memory that is next. */
function read(memory: ReadMemory, length: number, isDone = false): Buffer {
  const given: Buffer[] = []
  memory.next.fill(length % 251, 0, length)
  memory.deliver(length, (chunk) => {
    given.push(chunk)
    return isDone
  })
  expect(given.map((chunk) => chunk.length)).toEqual([length])
  return given[0] as Buffer
}

test('small reads share memory, and what they bring does not lie there', () => {
  const [one, other] = [new ReadMemory(), new ReadMemory()]
  expect(one.next).toBe(other.next)
  const chunk = read(one, 100)
  read(other, 200)
  expect(chunk.equals(Buffer.alloc(100, 100))).toBe(true)
})

test('large ones get memory of their own, which is used again only when the receiver is done', () => {
  const memory = new ReadMemory()
  const shared = memory.next
  read(memory, large)
  const own = memory.next
  expect(own).not.toBe(shared)
  expect(read(memory, large, true).buffer).toBe(own.buffer)
  expect(memory.next).toBe(own)
  const kept = read(memory, large, false)
  expect(kept.buffer).toBe(own.buffer)
  expect(memory.next).not.toBe(own)
  read(memory, large - 1, true)
  expect(kept.equals(Buffer.alloc(large, large % 251))).toBe(true)
  memory.release()
  expect(memory.next).toBe(shared)
})

test('it is given back after some small reads', () => {
  const memory = new ReadMemory()
  const shared = memory.next
  read(memory, large)
  for (let turn = 0; turn < 7; turn++) read(memory, 10)
  expect(memory.next).not.toBe(shared)
  read(memory, 10)
  expect(memory.next).toBe(shared)
})

test('a socket that is closed while it delivers keeps none', () => {
  const memory = new ReadMemory()
  const shared = memory.next
  read(memory, large)
  memory.deliver(large, () => {
    memory.release()
    return false
  })
  expect(memory.next).toBe(shared)
})

test('256 sockets have memory of their own; for those beyond, all is copied', () => {
  const owners = Array.from({ length: 256 }, () => new ReadMemory())
  for (const owner of owners) read(owner, large)
  const late = new ReadMemory()
  const shared = late.next
  const chunk = read(late, large)
  expect(late.next).toBe(shared)
  expect(chunk.buffer).not.toBe(shared.buffer)
  owners[0]?.release()
  read(late, large)
  expect(late.next).not.toBe(shared)
  for (const memory of [late, ...owners]) memory.release()
})
