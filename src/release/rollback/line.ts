import { isSameConfiguration } from '../record/next-record.ts'
import { type Health, positionOf, type Release } from '../record/release.ts'
import { isSameTemplate } from '../template.ts'

/**
 * Releases as a line of states: going back moves along it without making it longer, so going back
 * twice goes further back, and forward is a way of its own.
 */
export interface Line {
  /** Where the last release stands. */
  readonly position: number
  /**
   * Positions that were left by going back since the last new state, the last one left at the end.
   */
  readonly left: readonly number[]
}

export function lineOf(releases: readonly Release[]): Line | undefined {
  let line: Line | undefined
  for (const release of releases) {
    const position = positionOf(release)
    const isBack = release.source === 'rollback' || release.source === 'undo'
    if (line && isBack) line = { position, left: leftBehind(line, position) }
    else if (line && release.source === 'redo') line = { position, left: line.left.slice(0, -1) }
    else line = { position, left: [] }
  }
  return line
}

/** A rollback may bring back the rest of a state of which a raw undo brought the template. */
function leftBehind(line: Line, position: number): readonly number[] {
  return position === line.position ? line.left : [...line.left, line.position]
}

/** One state, and the last release that had it: a raw undo brings back the template alone. */
export interface State {
  readonly position: number
  readonly release: Release
  /** Healthy when it ever was; else what was said of it last. */
  readonly health: Health
}

/** The states of a line, in its order. */
export function statesOf(releases: readonly Release[]): readonly State[] {
  const states = new Map<number, State>()
  for (const release of releases) {
    const position = positionOf(release)
    const known = states.get(position)
    if (known && !isSameState(known.release, release)) continue
    const before = known?.health ?? 'unknown'
    const health = before === 'healthy' || release.health === 'unknown' ? before : release.health
    states.set(position, { position, release, health })
  }
  return [...states.values()].sort((a, b) => a.position - b.position)
}

export function isSameState(a: Release, b: Release): boolean {
  return isSameTemplate(a.template, b.template) && isSameConfiguration(a.configMaps, b.configMaps)
}

/** The states one can go back to without saying which: the best first; failed ones are none. */
export function rollbackCandidates(releases: readonly Release[]): readonly State[] {
  const [line, last] = [lineOf(releases), releases.at(-1)]
  if (!line || !last) return []
  const before = statesOf(releases).filter(
    ({ position, health, release }) =>
      position <= line.position &&
      health !== 'failed' &&
      !line.left.includes(position) &&
      !isSameState(release, last),
  )
  const newestFirst = [...before].reverse()
  const of = (health: Health) => newestFirst.filter((state) => state.health === health)
  return [...of('healthy'), ...of('unknown')]
}

/**
 * The state that was left last by going back; undefined when nothing was, or something new came
 * since.
 */
export function redoTarget(releases: readonly Release[]): State | undefined {
  const position = lineOf(releases)?.left.at(-1)
  return statesOf(releases).find((state) => state.position === position)
}

/** The release that ran at a time: the last one seen before it. */
export function releaseAt(releases: readonly Release[], timeMs: number): Release | undefined {
  return [...releases].reverse().find(({ at }) => Date.parse(at) <= timeMs)
}
