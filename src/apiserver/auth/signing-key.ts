import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writePrivateFile } from '../wire/private-file.ts'

const fileName = 'service-account.key'

/** A key that signs tokens of ServiceAccounts: ECDSA P-256. */
export function newSigningKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
}

/**
 * The key in `dir` (mode 0600), made when it is first asked for. Tokens are good for as long as it
 * stays; who deletes it makes all of them void at the next start.
 */
export async function loadOrCreateSigningKey(dir: string): Promise<KeyObject> {
  const path = join(dir, fileName)
  try {
    return createPrivateKey(await readFile(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const key = newSigningKey()
  await writePrivateFile(path, key.export({ type: 'pkcs8', format: 'pem' }).toString())
  return key
}
