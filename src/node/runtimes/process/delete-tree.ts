import { chmod, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isErrno } from '../../../base/process-identity.ts'

/** Deletes what programs have made, also directories that they have closed. */
export async function deleteTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 3 })
  } catch (error) {
    if (!isErrno(error, 'EACCES') && !isErrno(error, 'EPERM')) throw error
    await openTree(path)
    await rm(path, { recursive: true, force: true })
  }
}

async function openTree(dir: string): Promise<void> {
  await chmod(dir, 0o700)
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (entry.isDirectory()) await openTree(join(dir, entry.name))
  }
}
