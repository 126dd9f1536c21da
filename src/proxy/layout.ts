import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { socketPath } from '../base/run-directory.ts'

/** The files of the proxy of one data directory, which must exist. */
export interface ProxyLayout {
  readonly dataDir: string
  readonly runDir: string
  readonly socket: string
  /** Held by the proxy that lives. */
  readonly lock: string
  readonly log: string
}

export function proxyLayout(dataDirAsGiven: string): ProxyLayout {
  const dataDir = realpathSync(dataDirAsGiven)
  const runDir = join(dataDir, 'run')
  return {
    dataDir,
    runDir,
    socket: socketPath(runDir, 'proxy.sock'),
    lock: join(runDir, 'proxy.lock'),
    log: join(runDir, 'proxy.log'),
  }
}
