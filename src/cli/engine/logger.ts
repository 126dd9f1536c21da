import { destination, type Logger as Pino, pino } from 'pino'
import type { Logger } from '../../base/log.ts'

function wrap(inner: Pino): Logger {
  return {
    debug: (message, fields) => inner.debug(fields ?? {}, message),
    info: (message, fields) => inner.info(fields ?? {}, message),
    warn: (message, fields) => inner.warn(fields ?? {}, message),
    error: (message, fields) => inner.error(fields ?? {}, message),
    with: (fields) => wrap(inner.child(fields)),
  }
}

/** What cannot be written waits up to this size for a later line; then it is lost. */
const waitingBytesMax = 1024 * 1024

/**
 * JSON lines on stderr from `level` on; `$ASTERN_LOG` sets it (debug, info, warn, error, silent).
 * A log that cannot be written, since the disk is full or nobody reads, ends nothing.
 */
export function processLogger(level: string, fd = 2): Logger {
  const stream = destination({ fd, sync: true, maxLength: waitingBytesMax })
  stream.on('error', () => {})
  return wrap(pino({ level, base: undefined }, stream))
}
