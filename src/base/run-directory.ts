import { createHash } from 'node:crypto'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

/** The longest path a unix socket can have is 103 bytes on macOS and 107 on Linux. */
const socketPathBytesMax = 100

/** A directory of this user's own in the system's temporary directory, shared by all engines. */
export function machineWideDir(purpose: string): string {
  return join(tmpdir(), `astern-${purpose}-${userInfo().uid}`)
}

/**
 * Where a socket of this name lies: in `runDir`, or under a short name elsewhere if that is too
 * long.
 */
export function socketPath(runDir: string, name: string): string {
  const path = join(runDir, name)
  if (Buffer.byteLength(path) <= socketPathBytesMax) return path
  const digest = createHash('sha256').update(path).digest('hex').slice(0, 16)
  return join(machineWideDir('run'), `${digest}.sock`)
}
