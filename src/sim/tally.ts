import type { Clock } from '../base/clock.ts'
import type { SeedReport } from './simulation.ts'

const hourMs = 3_600_000

/** What many seeds have come to. */
export class Tally {
  readonly #clock: Clock
  readonly #startMs: number
  readonly #faults = new Map<string, number>()
  readonly #broken = new Map<string, number[]>()
  #seeds = 0
  #simulatedMs = 0
  #operations = 0
  #revisions = 0
  #checks = 0
  readonly #least = {
    minutes: Number.POSITIVE_INFINITY,
    operations: Number.POSITIVE_INFINITY,
    faults: Number.POSITIVE_INFINITY,
  }

  constructor(clock: Clock) {
    this.#clock = clock
    this.#startMs = clock.monotonic()
  }

  get seeds(): number {
    return this.#seeds
  }

  get violations(): number {
    return [...this.#broken.values()].reduce((total, seeds) => total + seeds.length, 0)
  }

  add(report: SeedReport): void {
    this.#seeds++
    this.#simulatedMs += report.simulatedMs
    this.#operations += report.operations
    this.#revisions += report.revisions
    this.#checks += report.checks
    for (const [kind, count] of Object.entries(report.faults)) {
      this.#faults.set(kind, (this.#faults.get(kind) ?? 0) + count)
    }
    if (report.violation) {
      const { invariant } = report.violation
      this.#broken.set(invariant, [...(this.#broken.get(invariant) ?? []), report.seed])
      return
    }
    const faults = Object.values(report.faults).reduce((total, count) => total + count, 0)
    const least = this.#least
    least.minutes = Math.min(least.minutes, report.simulatedMs / 60_000)
    least.operations = Math.min(least.operations, report.operations)
    least.faults = Math.min(least.faults, faults)
  }

  /** One line. */
  progress(seeds: number): string {
    const perSeed = Math.round(this.#elapsedMs / this.#seeds)
    return `${this.#seeds} of ${seeds} seeds, ${this.violations} violations, ${perSeed} ms a seed`
  }

  table(): string {
    const { minutes, operations, faults } = this.#least
    const rows: readonly (readonly [string, string | number])[] = [
      ['seeds', this.#seeds],
      ['seconds', (this.#elapsedMs / 1000).toFixed(1)],
      ['simulated hours', (this.#simulatedMs / hourMs).toFixed(1)],
      ['operations', this.#operations],
      ['revisions', this.#revisions],
      ['invariants checked', this.#checks],
      [
        'least of a seed',
        `${minutes.toFixed(1)} minutes, ${operations} operations, ${faults} faults`,
      ],
      ...[...this.#faults].sort().map(([kind, count]) => [`fault: ${kind}`, count] as const),
      ...[...this.#broken].map(
        ([invariant, seeds]) => [`broken: ${invariant}`, `seeds ${seeds.join(' ')}`] as const,
      ),
      ['violations', this.violations],
    ]
    const width = Math.max(...rows.map(([name]) => name.length))
    return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n')
  }

  get #elapsedMs(): number {
    return this.#clock.monotonic() - this.#startMs
  }
}

/** What a failing seed prints: the seed, what is broken first, and what came before. */
export function describeViolation({ seed, violation }: SeedReport): string {
  if (!violation) return `seed ${seed}: all is well`
  const { invariant, what, revision, last } = violation
  const head = `seed ${seed} breaks ${invariant} at revision ${revision}: ${what}`
  return [head, ...last.map((line) => `  ${line}`)].join('\n')
}
