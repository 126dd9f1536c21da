import { readFile, rm } from 'node:fs/promises'
import { writePrivateFile } from '../apiserver/wire/private-file.ts'
import { required } from '../base/assert.ts'
import { identityOf, isAlive, isErrno, type ProcessIdentity } from '../base/process-identity.ts'
import type { DataDirectory } from './data-directory.ts'

/**
 * A running engine, as it says itself on disk: for `status`, `down` and everyone who looks for its
 * API.
 */
export interface EngineRecord extends ProcessIdentity {
  readonly server: string
  readonly kubeconfig: string
  readonly runtime: string
  readonly serviceCidr: string
  readonly podNetwork: string
  readonly podCidr?: string
  /** RFC 3339. */
  readonly startedAt: string
}

export type EngineFacts = Omit<EngineRecord, keyof ProcessIdentity>

/** Says that this process runs the engine of the directory, until `forget`. */
export async function recordEngine(directory: DataDirectory, facts: EngineFacts): Promise<void> {
  const identity = required(identityOf(process.pid), 'the identity of this process')
  await writePrivateFile(directory.engine, `${JSON.stringify({ ...identity, ...facts })}\n`)
}

export function forgetEngine(directory: DataDirectory): Promise<void> {
  return rm(directory.engine, { force: true })
}

/**
 * The engine that runs on these data now; undefined when none does, or it is still starting.
 * Rejects with the file system's error when that cannot be known.
 */
export async function runningEngine(directory: DataDirectory): Promise<EngineRecord | undefined> {
  const text = await readFile(directory.engine, 'utf8').catch((error) => {
    if (isErrno(error, 'ENOENT')) return undefined
    throw error
  })
  if (text === undefined) return undefined
  const record = JSON.parse(text) as EngineRecord
  return isAlive(record) ? record : undefined
}
