import type { Item } from '../select/items.ts'

/** What was deleted, and the uid by which to tell when it is gone. */
export interface Deleted {
  readonly item: Item
  readonly uid: string | undefined
}
