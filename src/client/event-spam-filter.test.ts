import { expect, test } from 'vitest'
import { VirtualClock } from '../base/virtual-clock.ts'
import { EventSpamFilter } from './event-spam-filter.ts'

const about = (uid: string) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', uid } })

test('25 Events about one object pass, then one each 5 minutes; other objects are not affected', async () => {
  const clock = new VirtualClock()
  const filter = new EventSpamFilter(clock)
  const passed = (count: number) =>
    Array.from({ length: count }, () => filter.allows(about('a'))).filter(Boolean).length
  expect(passed(40)).toBe(25)
  expect(filter.allows(about('b'))).toBe(true)
  await clock.advance(4 * 60_000)
  expect(passed(5)).toBe(0)
  await clock.advance(60_000)
  expect(passed(5)).toBe(1)
})
