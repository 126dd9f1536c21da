import type { WriteOptions } from '../../api/transport.ts'
import type { DryRun } from '../dry-run.ts'

/** What `apply` was asked for. */
export interface ApplyOptions {
  readonly dryRun: DryRun
  /** The server merges. */
  readonly isOnServer: boolean
  readonly write: WriteOptions
}
