import { createHash } from 'node:crypto'
import type { KubeObject } from '../api/object.ts'
import type { StoreEvent } from '../store/store.ts'

const keptMax = 30

type Line = () => string

/** What has happened: all of it as a digest, the last of it for people. */
export class History {
  readonly #digest = createHash('sha256')
  #last: Line[] = []

  written(event: StoreEvent, wallMs: number): void {
    this.#digest.update(event.key)
    this.#digest.update(event.entry.bytes)
    const object = event.entry.object as KubeObject
    if (object.kind === 'Lease' || object.kind === 'Event') return
    this.#keep(wallMs, () => `r${event.revision} ${verbOf(event)} ${event.key} ${summary(object)}`)
  }

  /** A fault, or an operation. */
  told(text: string, wallMs: number): void {
    this.#digest.update(text)
    this.#keep(wallMs, () => text)
  }

  /** The last thirty, oldest first. */
  last(): readonly string[] {
    return this.#last.slice(-keptMax).map((line) => line())
  }

  /** The same for two runs only if every byte was. */
  digest(): string {
    return this.#digest.copy().digest('hex')
  }

  #keep(wallMs: number, line: Line): void {
    this.#last.push(() => `${new Date(wallMs).toISOString().slice(11, 23)} ${line()}`)
    if (this.#last.length > 2 * keptMax) this.#last = this.#last.slice(-keptMax)
  }
}

function verbOf({ type, previous }: StoreEvent): string {
  if (type === 'delete') return '-'
  return previous ? '~' : '+'
}

/** Of what most invariants are about. */
function summary(object: KubeObject): string {
  const { metadata, spec, status } = object as KubeObject & {
    readonly spec?: Readonly<Record<string, unknown>>
    readonly status?: Readonly<Record<string, unknown>>
  }
  const conditions = (status?.conditions ?? []) as readonly {
    readonly type: string
    readonly status: string
    readonly reason?: string
  }[]
  const facts = {
    gen: metadata.generation,
    obs: status?.observedGeneration,
    leaving: metadata.deletionTimestamp,
    want: spec?.replicas,
    paused: spec?.paused,
    node: spec?.nodeName,
    phase: status?.phase,
    replicas: status?.replicas,
    available: status?.availableReplicas,
    updated: status?.updatedReplicas,
    revision: metadata.annotations?.['deployment.kubernetes.io/revision'],
    is: conditions.map(({ type, status, reason }) => `${type}=${status}/${reason ?? ''}`).join(' '),
  }
  return Object.entries(facts)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
}
