export const faultKinds = [
  'slow request',
  'conflict',
  'error before a write',
  'error after a write',
  'timeout after a write',
  'error on a read',
  'crash before a write',
  'crash after a write',
  'crash',
  'watch dropped',
  'watch expired',
  'stale cache',
  'compaction',
  'node lost',
  'node removed',
  'node cut off',
  'probes fail',
  'probes slow',
  'image pull fails',
  'clock jumps',
] as const

export type FaultKind = (typeof faultKinds)[number]

/** What went wrong so far, and how often. */
export class FaultLog {
  readonly #counts = new Map<FaultKind, number>()
  readonly #tell: (text: string) => void

  /** `tell` hears of each. */
  constructor(tell: (text: string) => void) {
    this.#tell = tell
  }

  add(kind: FaultKind, about = ''): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1)
    this.#tell(about ? `${kind}: ${about}` : kind)
  }

  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts)
  }
}
