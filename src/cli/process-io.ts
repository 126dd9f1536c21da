import { basename } from 'node:path'
import { systemClock } from '../base/system-clock.ts'
import type { CliIo } from './io.ts'

const columnsDefault = 80

/**
 * The streams and surroundings of this process; the first Ctrl-C aborts `signal`, the second ends
 * the process.
 */
export function processIo(): CliIo {
  const leaving = new AbortController()
  const { stdin, stdout, stderr, env } = process
  return {
    programName: basename(process.argv[1] ?? 'astern').replace(/\.(js|ts)$/, ''),
    stdin,
    stdout: { write: (text) => void stdout.write(text) },
    stderr: { write: (text) => void stderr.write(text) },
    env,
    cwd: process.cwd(),
    isTerminal: stdout.isTTY === true,
    columns: stdout.columns ?? columnsDefault,
    canAsk: stdin.isTTY === true && stderr.isTTY === true,
    clock: systemClock,
    get signal() {
      listenForInterrupt(leaving)
      return leaving.signal
    },
  }
}

const listening = new WeakSet<AbortController>()

/** Only for commands that ask: the others end on Ctrl-C as every program does. */
function listenForInterrupt(leaving: AbortController): void {
  if (listening.has(leaving)) return
  listening.add(leaving)
  process.once('SIGINT', () => leaving.abort())
}
