import type { ObjectPrinter } from '../print/object-printer.ts'
import type { Selection } from '../select/targets.ts'

/** What `get` was asked for, complete and checked. */
export interface GetOptions {
  readonly selection: Selection
  /** Undefined: tables. */
  readonly print: ObjectPrinter | undefined
  readonly isWide: boolean
  readonly isWatch: boolean
  readonly isWatchOnly: boolean
  readonly isNotFoundIgnored: boolean
  readonly hasHeadings: boolean
  readonly hasKinds: boolean
  readonly hasLabels: boolean
  readonly labelColumns: readonly string[]
}
