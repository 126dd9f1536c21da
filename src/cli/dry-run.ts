import { CliError } from './cli-error.ts'
import type { Invocation } from './kubectl-command.ts'

export type DryRun = 'none' | 'client' | 'server'

/** `--dry-run` (G-02): bare it still means client, with a word of warning. Throws CliError. */
export function dryRunOf({ flags, io }: Invocation): DryRun {
  const text = flags.text('dry-run')
  switch (text) {
    case 'none':
    case 'client':
    case 'server':
      return text
    case 'unchanged':
      io.stderr.write(
        'Warning: --dry-run is deprecated and can be replaced with --dry-run=client.\n',
      )
      return 'client'
    default:
      throw new CliError(`Invalid dry-run value (${text}). Must be "none", "server", or "client".`)
  }
}

const suffixes: Readonly<Record<DryRun, string>> = {
  none: '',
  client: ' (dry run)',
  server: ' (server dry run)',
}

/** `created (dry run)`. */
export function operationText(operation: string, dryRun: DryRun): string {
  return `${operation}${suffixes[dryRun]}`
}
