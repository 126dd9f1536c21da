import { accessSync, constants, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { isErrno } from '../../base/process-identity.ts'
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

/** The same for who uses what is there already. Throws CliError where this user may not. */
export function openDataDirOf(io: Pick<CliIo, 'env' | 'cwd'>, option: string | undefined): string {
  const dir = dataDirOf(io, option)
  try {
    accessSync(dir, constants.R_OK | constants.X_OK)
  } catch (error) {
    if (isErrno(error, 'EACCES')) {
      throw new CliError(`user ${process.getuid?.()} may not open ${dir}${ownerOf(dir)}`, {
        hint: 'run the command as the user who has called "astern up", or choose another directory with --data',
      })
    }
  }
  return dir
}

/** Not known below a directory that is closed, too. */
function ownerOf(dir: string): string {
  try {
    return `, which is user ${statSync(dir).uid}'s alone`
  } catch {
    return ''
  }
}

export const dataOption = [
  '--data <dir>',
  'data directory of the engine (default: $ASTERN_HOME, else ~/.astern)',
] as const
