import { join } from 'node:path'
import { LevelPersistence } from './level-persistence.ts'
import { type Decode, MvccStore } from './mvcc-store.ts'
import type { Loaded } from './persistence.ts'
import type { Store } from './store.ts'
import { prepareStoreDirectory, StoreOpenFailed } from './store-directory.ts'

function openFailed(directory: string, error: unknown): StoreOpenFailed {
  const { cause } = error as { readonly cause?: { readonly code?: string; message?: string } }
  if (cause?.code === 'LEVEL_LOCKED') {
    const message = `the store in ${directory} is already in use; stop the Astern that uses it, or use another data directory`
    return new StoreOpenFailed('in-use', message, error)
  }
  const reason = cause?.message ?? (error as Error).message
  const message = `the store in ${directory} cannot be opened: ${reason}; free space or mend the disk if that is the reason, else restore the data directory from a backup`
  return new StoreOpenFailed('unreadable', message, error)
}

/**
 * The durable store in `directory`, which is created if need be. All keys and bytes are loaded;
 * `decode` turns an entry's bytes into its object, frozen to its leaves, when that is first asked
 * for. History before the last commit is not kept across processes. Rejects with StoreOpenFailed,
 * and with file system errors when the directory cannot be made.
 */
export async function openLevelStore(
  directory: string,
  options: { readonly decode: Decode },
): Promise<Store> {
  await prepareStoreDirectory(directory)
  const persistence = new LevelPersistence(join(directory, 'level'))
  let loaded: Loaded
  try {
    loaded = await persistence.load()
  } catch (error) {
    await persistence.close().catch(() => undefined)
    throw openFailed(directory, error)
  }
  return new MvccStore(persistence, loaded, options.decode)
}
