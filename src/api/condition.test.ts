import { describe, expect, test } from 'vitest'
import { findCondition, isConditionTrue, setCondition, withoutCondition } from './condition.ts'
import type { PodCondition } from './generated/types.ts'

const early = '2026-01-01T00:00:00Z'
const late = '2026-01-01T00:05:00Z'
const ready: PodCondition = { type: 'Ready', status: 'True', lastTransitionTime: early }
const scheduled: PodCondition = { type: 'PodScheduled', status: 'True', lastTransitionTime: early }

describe('conditions', () => {
  test('are found by type', () => {
    expect(findCondition([scheduled, ready], 'Ready')).toBe(ready)
    expect(findCondition(undefined, 'Ready')).toBeUndefined()
    expect(isConditionTrue([ready], 'Ready')).toBe(true)
    expect(isConditionTrue([{ ...ready, status: 'Unknown' }], 'Ready')).toBe(false)
    expect(isConditionTrue([], 'Ready')).toBe(false)
  })

  test('F-02 a new condition is appended with the time of now', () => {
    const list = setCondition([scheduled], { type: 'Ready', status: 'False' }, late)
    expect(list).toEqual([scheduled, { type: 'Ready', status: 'False', lastTransitionTime: late }])
  })

  test('F-02 lastTransitionTime moves on a status flip, in place', () => {
    const list = setCondition([ready, scheduled], { type: 'Ready', status: 'False' }, late)
    expect(list).toEqual([{ type: 'Ready', status: 'False', lastTransitionTime: late }, scheduled])
  })

  test('F-02 another reason with the same status keeps lastTransitionTime', () => {
    const list = setCondition([ready], { type: 'Ready', status: 'True', reason: 'Again' }, late)
    expect(list).toEqual([{ ...ready, reason: 'Again' }])
  })

  test('a reason that goes away is a change', () => {
    const list = setCondition(
      [{ ...ready, reason: 'Was' }],
      { type: 'Ready', status: 'True' },
      late,
    )
    expect(list).toEqual([ready])
  })

  test('nothing new: the same list', () => {
    const list = [ready]
    expect(setCondition(list, { type: 'Ready', status: 'True' }, late)).toBe(list)
  })

  test('removal keeps the list when there is nothing to remove', () => {
    const list = [ready, scheduled]
    expect(withoutCondition(list, 'Ready')).toEqual([scheduled])
    expect(withoutCondition(list, 'Other')).toBe(list)
  })
})
