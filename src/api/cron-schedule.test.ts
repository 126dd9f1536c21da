import { expect, test } from 'vitest'
import { scheduleError } from './cron-schedule.ts'

test.each([
  '* * * * *',
  '*/5 0-6,12 1 jan-mar,DEC mon-fri',
  '0 0 ? * 0',
  '10/15 * * * *',
  '@daily',
  '@every 1h30m',
])('%s is a schedule', (text) => {
  expect(scheduleError(text)).toBeUndefined()
})

test.each([
  ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
  ['60 * * * *', 'end of range (60) above maximum (59): 60'],
  ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
  ['* 5-3 * * *', 'beginning of range (5) beyond end of range (3): 5-3'],
  ['*/0 * * * *', 'step of range should be a positive number: */0'],
  ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
  ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
  ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
  ['@fortnightly', 'unrecognized descriptor: @fortnightly'],
  ['@every day', 'failed to parse duration @every day: time: invalid duration "day"'],
])('%s is not: %s', (text, error) => {
  expect(scheduleError(text)).toBe(error)
})
