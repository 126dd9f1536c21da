import type { KubeObject } from '../../api/object.ts'
import type { Clock } from '../../base/clock.ts'

/**
 * A write may be lost from the caches' view for good, when the object is deleted right after it.
 */
const timeoutMs = 30_000

interface Write {
  readonly resourceVersion: bigint
  readonly expiresMs: number
}

/**
 * What this controller wrote last, per Deployment and object: a pass waits until the caches show
 * it. Without this, a pass on late ReplicaSets could count too few wanted pods and grow past
 * maxSurge, or take a shrunk ReplicaSet's former status for the present one. Only its own writes
 * count, so nobody else can hold a Deployment up.
 */
export class OwnWrites {
  readonly #clock: Clock
  /** By the Deployment's key, then by the uid of what was written. */
  readonly #writes = new Map<string, Map<string, Write>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  wrote(key: string, { metadata }: KubeObject): void {
    const writes = this.#writes.get(key) ?? new Map<string, Write>()
    this.#writes.set(key, writes)
    writes.set(metadata.uid ?? '', {
      resourceVersion: BigInt(metadata.resourceVersion ?? 0),
      expiresMs: this.#clock.monotonic() + timeoutMs,
    })
  }

  /**
   * Until the caches are waited for no longer; undefined when they show every write. `cached` finds
   * what they hold by uid.
   */
  remainingMs(key: string, cached: (uid: string) => KubeObject | undefined): number | undefined {
    const nowMs = this.#clock.monotonic()
    const writes = this.#writes.get(key) ?? new Map<string, Write>()
    for (const [uid, { resourceVersion, expiresMs }] of writes) {
      const seen = BigInt(cached(uid)?.metadata.resourceVersion ?? 0)
      if (seen >= resourceVersion || expiresMs <= nowMs) writes.delete(uid)
    }
    if (writes.size === 0) {
      this.#writes.delete(key)
      return undefined
    }
    return Math.max(...[...writes.values()].map(({ expiresMs }) => expiresMs - nowMs))
  }

  /** A ReplicaSet that is gone need not be waited for, nor anything of a Deployment that is. */
  forget(key: string, uid?: string): void {
    if (uid === undefined) this.#writes.delete(key)
    else this.#writes.get(key)?.delete(uid)
  }
}
