import { findCondition } from '../../api/condition.ts'
import type { Lease, Node } from '../../api/generated/types.ts'

interface Sign {
  /** Monotonic. */
  readonly atMs: number
  readonly heartbeat: string | undefined
  readonly renewTime: string | undefined
}

/**
 * When each node was last heard of. By the clock of who listens, from when he first saw the sign:
 * a node's own clock may be wrong, and of the time before this engine ran nothing is known (F-14).
 */
export class NodeHealth {
  readonly #signs = new Map<string, Sign>()
  #restedMs: number | undefined

  /**
   * A look begins. Whoever has not looked for much longer than he meant to was held up himself
   * (stopped, or on a machine too busy): that time is nobody's silence.
   */
  begin(nowMs: number, periodMs: number): void {
    const lateMs = nowMs - (this.#restedMs ?? nowMs) - periodMs
    if (lateMs <= periodMs) return
    for (const [name, sign] of this.#signs) {
      this.#signs.set(name, { ...sign, atMs: sign.atMs + lateMs })
    }
  }

  end(nowMs: number): void {
    this.#restedMs = nowMs
  }

  /** Takes in what a node last said. True when it was not known before. */
  note(node: Node, lease: Lease | undefined, nowMs: number): boolean {
    const name = node.metadata.name ?? ''
    const heartbeat = findCondition(node.status?.conditions, 'Ready')?.lastHeartbeatTime
    const renewTime = lease?.spec?.renewTime
    const before = this.#signs.get(name)
    const isSame = before?.heartbeat === heartbeat && before?.renewTime === renewTime
    const atMs = before && isSame ? before.atMs : nowMs
    this.#signs.set(name, { atMs, heartbeat, renewTime })
    return before === undefined
  }

  /** Milliseconds since the last sign of life of a noted node. */
  silentMs(name: string, nowMs: number): number {
    return nowMs - (this.#signs.get(name)?.atMs ?? nowMs)
  }

  /** As if all had been heard of just now. */
  forgive(nowMs: number): void {
    for (const [name, sign] of this.#signs) this.#signs.set(name, { ...sign, atMs: nowMs })
  }

  /** Those known that are not among `names`; they are forgotten. */
  removeOthers(names: ReadonlySet<string>): readonly string[] {
    const gone = [...this.#signs.keys()].filter((name) => !names.has(name))
    for (const name of gone) this.#signs.delete(name)
    return gone
  }
}
