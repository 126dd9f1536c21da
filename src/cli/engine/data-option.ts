import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { CliError } from '../cli-error.ts'
import type { CliIo } from '../io.ts'

/**
 * `--data`, else `$ASTERN_HOME`, else `~/.astern`. Throws CliError for an empty `--data`: the
 * variable that was meant is not set, and the current directory is hardly what was meant.
 */
export function dataDirOf(io: Pick<CliIo, 'env' | 'cwd'>, option: string | undefined): string {
  if (option === '') throw new CliError('--data is empty', { code: 2 })
  const { ASTERN_HOME: home, HOME } = io.env
  const chosen = option ?? (home || undefined) ?? join(HOME ?? homedir(), '.astern')
  return resolve(io.cwd, chosen)
}

export const dataOption = [
  '--data <dir>',
  'data directory of the engine (default: $ASTERN_HOME, else ~/.astern)',
] as const
