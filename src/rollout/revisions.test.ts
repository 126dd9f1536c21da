import { describe, expect, test } from 'vitest'
import { givenReplicaSet } from '../../test/rollout/given.ts'
import { nextRevision, parseRevision, revisionOf, withRevision } from './revisions.ts'

const key = 'deployment.kubernetes.io/revision'
const historyKey = 'deployment.kubernetes.io/revision-history'

describe('B-20: the revision annotation', () => {
  test.each([
    ['1', 1n],
    ['3546343826724305832', 3546343826724305832n],
    ['9223372036854775807', 9223372036854775807n],
    ['9223372036854775808', undefined],
    ['one', undefined],
    ['1.5', undefined],
    ['', 0n],
    [undefined, 0n],
  ])('%j is %s', (revision, expected) => {
    expect(revisionOf(givenReplicaSet('one', { revision }))).toBe(expected)
  })

  test('an empty text is no integer', () => {
    expect(parseRevision('')).toBeUndefined()
  })
})

describe('B-21: the wanted revision', () => {
  test('is one more than the highest old one; unparsable ones are skipped, missing ones count 0', () => {
    const old = ['2', 'x', undefined, '7'].map((revision, i) =>
      givenReplicaSet(`rs${i}`, { revision }),
    )
    expect(nextRevision(old)).toBe(8n)
    expect(nextRevision([])).toBe(1n)
  })

  test('I-01: counts beyond what a number holds', () => {
    const adopted = givenReplicaSet('old', { revision: 3546343826724305832n })
    expect(String(nextRevision([adopted]))).toBe('3546343826724305833')
  })

  test('is written only over a smaller one', () => {
    expect(withRevision({}, 3n)).toEqual({ [key]: '3' })
    expect(withRevision({ [key]: '5' }, 3n)).toEqual({ [key]: '5' })
    expect(withRevision({ [key]: '3' }, 3n)).toEqual({ [key]: '3' })
  })

  test('a stored value that is no integer is left alone', () => {
    const annotations = { [key]: 'mine' }
    expect(withRevision(annotations, 3n)).toBe(annotations)
  })
})

describe('B-22: the history of a reused ReplicaSet', () => {
  test('gets the former number, oldest first', () => {
    const once = withRevision({ [key]: '2' }, 4n)
    expect(once).toEqual({ [key]: '4', [historyKey]: '2' })
    expect(withRevision(once, 9n)).toEqual({ [key]: '9', [historyKey]: '2,4' })
  })

  test('drops from the front what passes 2000 characters', () => {
    const long = Array.from({ length: 400 }, (_, i) => String(1000 + i)).join(',')
    expect(long).toHaveLength(1999)
    const next = withRevision({ [key]: '1400', [historyKey]: long }, 1500n)[historyKey] ?? ''
    expect(next).toHaveLength(1999)
    expect(next.startsWith('1001,')).toBe(true)
    expect(next.endsWith(',1399,1400')).toBe(true)
  })
})
