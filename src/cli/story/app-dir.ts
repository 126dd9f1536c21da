import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** `examples/story-app` of this checkout, whether this runs from the sources or from the build. */
export function findAppDir(): string {
  let dir = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(dir, 'examples', 'story-app', 'server.mjs'))) {
    if (dirname(dir) === dir) {
      throw new Error('examples/story-app is not here; run the story in a checkout of Astern')
    }
    dir = dirname(dir)
  }
  return join(dir, 'examples', 'story-app')
}
