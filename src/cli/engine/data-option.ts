import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { CliIo } from '../io.ts'

/** `--data`, else `$ASTERN_HOME`, else `~/.astern`. */
export function dataDirOf(io: Pick<CliIo, 'env' | 'cwd'>, option: string | undefined): string {
  const { ASTERN_HOME: home, HOME } = io.env
  const chosen = option ?? (home || undefined) ?? join(HOME ?? homedir(), '.astern')
  return resolve(io.cwd, chosen)
}

export const dataOption = [
  '--data <dir>',
  'data directory of the engine (default: $ASTERN_HOME, else ~/.astern)',
] as const
