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

/**
 * JSON lines on stderr from `level` on; `$ASTERN_LOG` sets it (debug, info, warn, error, silent).
 */
export function processLogger(level: string): Logger {
  return wrap(pino({ level, base: undefined }, destination({ fd: 2, sync: true })))
}
