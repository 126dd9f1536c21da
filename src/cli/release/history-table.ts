import type { HistoryRow } from '../../release/history.ts'
import { releaseLabel } from '../../release/release-label.ts'
import { Columns } from '../print/columns.ts'
import type { Colors } from './colors.ts'

const headings = [
  'RELEASE',
  'REVISION',
  'WHEN',
  'WHO',
  'WHY',
  'COMMIT',
  'IMAGES',
  'HEALTH',
  'SOURCE',
]
const none = '-'
const whyMax = 40

export interface HistoryTableOptions {
  /** Everything that is known, uncut. */
  readonly isWide: boolean
  readonly colors: Colors
}

/** The rows as a table; what runs now is marked with `*`. */
export function historyTable(
  rows: readonly HistoryRow[],
  { isWide, colors }: HistoryTableOptions,
): string {
  const cells = rows.map((row) =>
    isWide ? [...cellsOf(row, whole), details(row)] : cellsOf(row, cut),
  )
  const table = [isWide ? [...headings, 'DETAILS'] : headings, ...cells]
  const lines = new Columns().format(table).split('\n')
  return lines.map((line, i) => colored(line, rows[i - 1], colors)).join('\n')
}

type Shorten = (text: string) => string

const whole: Shorten = (text) => text.replace(/\s+/g, ' ')
const cut: Shorten = (text) => {
  const line = [...whole(text)]
  return line.length > whyMax ? `${line.slice(0, whyMax - 1).join('')}…` : line.join('')
}

function cellsOf(row: HistoryRow, shorten: Shorten): readonly string[] {
  const { release, revision, when, who, why, images, health, source, isLive } = row
  const number = release === undefined ? none : releaseLabel(release)
  return [
    isLive ? `${number} *` : number,
    revision ?? none,
    when ?? none,
    shorten(who ?? none),
    shorten(why ?? none),
    commitText(row),
    images.join(',') || none,
    row.type === 'commit' ? 'never ran' : health,
    source ?? none,
  ]
}

/** `~`: recognised by its template. */
function commitText({ commit, tree, isRecognised }: HistoryRow): string {
  if (commit === undefined) return none
  if (isRecognised) return `~${commit.slice(0, 12)}`
  return tree === 'dirty' ? `${commit.slice(0, 12)} dirty` : commit.slice(0, 12)
}

function details({ health, healthAt, failedBecause, restores, isPinned, gitOwed }: HistoryRow) {
  const parts = [
    ...(restores === undefined ? [] : [`as ${releaseLabel(restores)}`]),
    ...(healthAt ? [`${health} since ${healthAt}`] : []),
    ...(failedBecause ? [whole(failedBecause)] : []),
    ...(isPinned ? ['pinned'] : []),
    ...(gitOwed ? ['Git owed'] : []),
  ]
  return parts.join('; ') || none
}

function colored(line: string, row: HistoryRow | undefined, colors: Colors): string {
  if (!row) return line
  if (row.type === 'commit') return colors.dim(line)
  const paint = row.health === 'failed' ? colors.red : colors.green
  const painted = row.health === 'unknown' ? line : line.replace(` ${row.health} `, paint)
  return row.isLive ? colors.bold(painted) : painted
}
