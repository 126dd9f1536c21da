import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { dataDirectory, makeDataDirectory } from './data-directory.ts'

const scratch = mkdtempSync(join(tmpdir(), 'astern-data-'))
afterAll(() => rmSync(scratch, { recursive: true }))

describe('makeDataDirectory', () => {
  it('makes what is missing, for this user alone', () => {
    const directory = dataDirectory(join(scratch, 'a', 'b'))
    makeDataDirectory(directory)
    makeDataDirectory(directory)
    expect(statSync(directory.path).mode & 0o777).toBe(0o700)
  })

  it.runIf(process.platform === 'linux')('says that nothing can be made in /proc', () => {
    expect(() => makeDataDirectory(dataDirectory('/proc/astern'))).toThrow(
      '/proc/astern cannot be the data directory: no directory can be made in /proc; mend that, or choose another directory with --data',
    )
  })

  it('says what is in the way', () => {
    writeFileSync(join(scratch, 'file'), '')
    expect(() => makeDataDirectory(dataDirectory(join(scratch, 'file')))).toThrow(
      /file cannot be the data directory: ENOTDIR/,
    )
  })
})
