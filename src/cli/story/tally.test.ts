import { expect, test } from 'vitest'
import { type Answer, emptyTally, type Tally, tallyLines, tallySince, withAnswer } from './tally.ts'

function tallyOf(answers: readonly Answer[], from: Tally = emptyTally): Tally {
  const isFaulty = (version: string) => version === '1.2.0'
  return answers.reduce((tally, answer) => withAnswer(tally, answer, isFaulty), from)
}

const ok = { version: '1.1.0', status: 200 }
const ownFailure = { version: '1.2.0', status: 500 }

test('what 1.2.0 itself answers with 500 is not dropped', () => {
  const tally = tallyOf([ok, ok, ownFailure, { version: '1.2.0', status: 200 }])
  expect(tally).toEqual({
    byVersion: { '1.1.0': { answered: 2, failed: 0 }, '1.2.0': { answered: 2, failed: 1 } },
    requests: 4,
    dropped: 0,
    examples: [],
  })
})

test.each([
  ['500 of a version that should not', { version: '1.1.0', status: 500 }, '500 from version 1.1.0'],
  ['503 of 1.2.0', { version: '1.2.0', status: 503 }, '503 from version 1.2.0'],
  ['the proxy itself', { status: 502 }, '502 from the proxy'],
  ['200 of nobody', { status: 200 }, '200 from the proxy'],
  ['no answer', { error: 'read ECONNRESET' }, 'read ECONNRESET'],
])('dropped: %s', (_, answer, example) => {
  expect(tallyOf([answer])).toEqual({
    byVersion: {},
    requests: 1,
    dropped: 1,
    examples: [example],
  })
})

test('all that is dropped is counted, the first few are kept', () => {
  const tally = tallyOf(Array.from({ length: 9 }, () => ({ status: 502 })))
  expect(tally).toMatchObject({ dropped: 9, requests: 9 })
  expect(tally.examples).toHaveLength(5)
})

test('since: only what was added, only versions that answered', () => {
  const before = tallyOf([ok, ok, { status: 502 }])
  const after = tallyOf([ownFailure, { error: 'gone' }], before)
  expect(tallySince(before, after)).toEqual({
    byVersion: { '1.2.0': { answered: 1, failed: 1 } },
    requests: 2,
    dropped: 1,
    examples: ['gone'],
  })
})

test('as lines', () => {
  expect(tallyLines(tallyOf([ownFailure, ok, { status: 502 }]))).toEqual([
    'version 1.1.0: 1 requests, 0 answered with 500',
    'version 1.2.0: 1 requests, 1 answered with 500',
    '3 requests in all, 1 dropped',
    'dropped: 502 from the proxy',
  ])
})
