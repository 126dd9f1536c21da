import { dataDirectory as layoutOf } from '../../cluster/data-directory.ts'
import { runningEngine } from '../../cluster/engine-record.ts'
import { ImageStore } from '../../node/images/store.ts'
import type { ImageLookup } from '../../release/rollback/guard-facts.ts'
import type { Flags } from '../flags.ts'
import { dataDirectory, type Session } from '../session.ts'

/**
 * Knows what an image's name means now, where somebody does: the engine of this machine, if it is
 * the cluster and its images are its own. undefined elsewhere: a registry is asked by whoever
 * pulls.
 */
export async function imageLookup(
  { io, access }: Pick<Session, 'io' | 'access'>,
  flags: Flags,
): Promise<ImageLookup | undefined> {
  const directory = dataDirectory(io, flags.text('data'))
  const engine = await runningEngine(layoutOf(directory)).catch(() => undefined)
  if (engine?.server !== access.server || engine.runtime !== 'process') return undefined
  const images = new ImageStore(directory)
  return async (image) => {
    const found = await images.find(image)
    return found ? { id: found.digest } : 'gone'
  }
}
