import { expect, test } from 'vitest'
import type { PulledImage } from '../runtime.ts'
import { planCollection } from './collect-images.ts'

const nowMs = 10_000_000
const gigabyte = 1e9

function image(name: string, more: Partial<PulledImage> = {}): PulledImage {
  const references = [`docker.io/library/${name}:1`]
  const plain = { sizeBytes: gigabyte, pulledAtMs: 0, isUsed: false }
  return { imageId: `sha256:${name}`, references, ...plain, ...more }
}

function plan(images: readonly PulledImage[], freeBytes: number, unusedSince: object = {}) {
  const needed = {
    byReference: new Map([['docker.io/library/revision:1', ['replicaset/web-1']]]),
    digests: new Set(['sha256:release']),
  }
  const disk = { bytes: 100 * gigabyte, freeBytes }
  const lastUsedMs = new Map(Object.entries(unusedSince))
  const { remove, ...rest } = planCollection({ images, needed, disk, lastUsedMs, nowMs })
  return { ...rest, names: remove.map(({ imageId }) => imageId.slice('sha256:'.length)) }
}

test('below 85 % of the disk nothing goes', () => {
  expect(plan([image('old')], 15.1 * gigabyte).names).toEqual([])
})

test('at 85 % the longest unused go, until 80 % would be reached', () => {
  const images = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => image(name))
  const { names, wantedBytes } = plan(images, 15 * gigabyte, { 'sha256:a': 5_000, 'sha256:c': 9 })
  expect(wantedBytes).toBe(5 * gigabyte)
  expect(names).toEqual(['b', 'd', 'e', 'f', 'g'])
})

test('none that is used, or that a revision or a release needs, or that has just come', () => {
  const images = [
    image('used', { isUsed: true }),
    image('revision'),
    image('release'),
    image('fresh', { pulledAtMs: nowMs - 100_000 }),
    image('other'),
  ]
  expect(plan(images, gigabyte)).toEqual({
    names: ['other'],
    wantedBytes: 19 * gigabyte,
    foundBytes: gigabyte,
  })
})
