import { accessSync, constants, existsSync, mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { required } from '../base/assert.ts'
import { claimFile, claimHolder, releaseClaim } from '../base/claim-file.ts'
import { identityOf, isErrno } from '../base/process-identity.ts'

/** Somebody else runs an engine on these data; the message says who. */
export class DataDirectoryInUse extends Error {
  override readonly name = 'DataDirectoryInUse'
}

/** The directory cannot be made or written; the message says why. */
export class DataDirectoryUnusable extends Error {
  override readonly name = 'DataDirectoryUnusable'
}

/** Where an engine keeps what it keeps (design: on disk). All of it is this user's alone. */
export interface DataDirectory {
  readonly path: string
  readonly store: string
  readonly pki: string
  readonly run: string
  readonly kubeconfig: string
  /** Who asked for what over the wire. */
  readonly auditLog: string
  readonly settings: string
  /** What runs here and how to reach it, for `status` and `down`; see `EngineRecord`. */
  readonly engine: string
}

export function dataDirectory(dir: string): DataDirectory {
  const path = resolve(dir)
  const at = (name: string) => join(path, name)
  return {
    path,
    store: at('store'),
    pki: at('pki'),
    run: at('run'),
    kubeconfig: at('kubeconfig'),
    auditLog: at('audit.log'),
    settings: at('settings.json'),
    engine: join(path, 'run', 'engine.json'),
  }
}

/** Makes the directory if need be, for this user alone. Throws DataDirectoryUnusable. */
export function makeDataDirectory({ path, run }: DataDirectory): void {
  try {
    makeDirectories(run)
    accessSync(run, constants.W_OK)
  } catch (error) {
    throw new DataDirectoryUnusable(
      `${path} cannot be the data directory: ${(error as Error).message}; mend that, or choose another directory with --data`,
      { cause: error },
    )
  }
}

/**
 * One after the other: Node's own recursive way never ends where the system says that the parent is
 * not there though it is, as below /proc.
 */
function makeDirectories(path: string): void {
  if (existsSync(path)) return
  makeDirectories(dirname(path))
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return
    if (!isErrno(error, 'ENOENT')) throw error
    throw new Error(`no directory can be made in ${dirname(path)}`, { cause: error })
  }
}

/**
 * Makes the directory and claims it for this process; `release` gives it up. Throws
 * DataDirectoryInUse and DataDirectoryUnusable.
 */
export function claimDataDirectory(directory: DataDirectory): { release(): void } {
  makeDataDirectory(directory)
  const lock = join(directory.run, 'engine.lock')
  const identity = required(identityOf(process.pid), 'the identity of this process')
  const holder = { ...identity, note: `astern ${process.argv.slice(2).join(' ')}` }
  if (!claimFile(lock, holder)) {
    const other = claimHolder(lock)
    const who = other ? `process ${other.pid} (${other.note})` : 'another process'
    throw new DataDirectoryInUse(
      `${directory.path} is in use by ${who}; end it with "astern down --data ${directory.path}", or choose another directory with --data`,
    )
  }
  return { release: () => releaseClaim(lock, holder) }
}
