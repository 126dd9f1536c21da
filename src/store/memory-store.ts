import { MvccStore } from './mvcc-store.ts'
import type { Persistence } from './persistence.ts'

const nothing: Persistence = {
  commit: () => Promise.resolve(),
  close: () => Promise.resolve(),
}

/**
 * A store that ends with the process. It answers as the durable one does: never within the call,
 * always in order.
 */
export class MemoryStore extends MvccStore {
  constructor() {
    super(nothing, { revision: 0, entries: [] }, () => undefined)
  }
}
