import type { WriteOptions } from '../api/transport.ts'
import { CliError } from './cli-error.ts'
import type { Flags } from './flags.ts'

/** `--validate`. Throws CliError in kubectl's words. */
export function fieldValidationOf(flags: Flags): NonNullable<WriteOptions['fieldValidation']> {
  const text = flags.text('validate')
  switch (text) {
    case 'strict':
    case 'true':
      return 'Strict'
    case 'warn':
      return 'Warn'
    case 'ignore':
    case 'false':
      return 'Ignore'
    default:
      throw new CliError(
        `invalid - validate option ${JSON.stringify(text)}; must be one of: strict (or true), warn, ignore (or false)`,
      )
  }
}
