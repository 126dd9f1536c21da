import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../base/log.ts'
import { CommitFailed } from '../../store/store.ts'
import { statusOf } from './respond.ts'

const diskFull = new Error('No space left on device')

describe('what the server could not do', () => {
  it.each([
    [
      'a disk that takes no writes',
      new CommitFailed('pods/default/a', new Error('failed to open', { cause: diskFull })),
      'Internal error occurred: key pods/default/a could not be written: No space left on device',
    ],
    [
      'a fault of its own, without its text',
      new TypeError('x is not a function'),
      'Internal error occurred: the server met an unexpected condition; see its log',
    ],
  ])('says %s', (_, error, message) => {
    const status = statusOf(error, silentLogger)
    expect([status.reason, status.code, status.message]).toEqual(['InternalError', 500, message])
  })
})
