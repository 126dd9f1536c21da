import { describe, expect, test } from 'vitest'
import { template } from '../../test/rollout/given.ts'
import { fnv1a32, templateHash } from './template-hash.ts'

describe('B-11: the hash of a template', () => {
  // Published test vectors of FNV-1a.
  test.each([
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['foobar', 0xbf9cf968],
  ])('FNV-1a of %j', (text, hash) => {
    expect(fnv1a32(new TextEncoder().encode(text))).toBe(hash)
  })

  test('is a legal label of at most ten characters that spell no word', () => {
    for (let i = 0; i < 200; i++) {
      expect(templateHash(template(`app:${i}`))).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/)
    }
  })

  test('does not depend on the order of keys, on absent members or on its own label', () => {
    const hash = templateHash({
      metadata: { labels: { a: '1', b: '2' } },
      spec: { containers: [{ name: 'app', image: 'i' }] },
    })
    const other = {
      spec: { containers: [{ image: 'i', name: 'app' }], nodeName: undefined },
      metadata: { labels: { b: '2', 'pod-template-hash': 'xyz', a: '1' } },
    }
    expect(templateHash(other as never)).toBe(hash)
  })

  test('differs by template and by collisionCount', () => {
    const hashes = [
      templateHash(template('app:1')),
      templateHash(template('app:2')),
      templateHash(template('app:1'), 0),
      templateHash(template('app:1'), 1),
      templateHash(template('app:1'), 256),
    ]
    expect(new Set(hashes).size).toBe(hashes.length)
  })
})
