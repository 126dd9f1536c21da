import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** The absolute path, or '' when it is not installed (macOS has no setsid). */
export function findTool(name: string, path: string): string {
  const found = path.split(':').find((dir) => dir !== '' && existsSync(join(dir, name)))
  return found === undefined ? '' : join(found, name)
}
