import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/**
 * Which build of the proxy a command line starts: the hash of the program that it names last, which
 * names its parts by their hashes; '' when that cannot be read.
 */
export function buildOf(command: readonly string[]): string {
  try {
    const program = readFileSync(command.at(-1) ?? '')
    return createHash('sha256').update(program).digest('hex').slice(0, 16)
  } catch {
    return ''
  }
}
