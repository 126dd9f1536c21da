import { closeSync, openSync } from 'node:fs'
import { expect, test } from 'vitest'
import { processLogger } from './logger.ts'

test.runIf(process.platform === 'linux')('a full disk under the log ends nothing', async () => {
  const full = openSync('/dev/full', 'a')
  const log = processLogger('warn', full)
  for (let line = 0; line < 3; line++) log.warn('a line that has no place')
  // An error that nobody hears would come up here.
  await new Promise((resolve) => setImmediate(resolve))
  closeSync(full)
  expect(log).toBeDefined()
})
