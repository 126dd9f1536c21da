export type Style = 'good' | 'bad' | 'busy' | 'dim' | 'strong'

/** Text of one colour; never with an escape code or a line break in it. */
export interface Segment {
  readonly text: string
  readonly style?: Style | undefined
}

export type Line = readonly Segment[]

export interface Column<Row> {
  readonly cell: (row: Row) => Segment
  readonly isRight?: boolean
  /**
   * Where there is no room for all columns, the one with the highest number goes first; 0 stays.
   */
  readonly dispensable: number
}

const gap = '  '

export function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + text.length, 0)
}

/** The line, or its beginning. */
export function clip(line: Line, width: number): Line {
  let room = Math.max(0, width)
  const clipped: Segment[] = []
  for (const { text, style } of line) {
    if (room > 0) clipped.push({ text: text.slice(0, room), style })
    room -= text.length
  }
  return clipped
}

/** A line for each row, cells one below the other. */
export function alignRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  widthMax: number,
): readonly Line[] {
  const kept = fitting(rows, columns, widthMax)
  const widths = kept.map((column) => columnWidth(rows, column))
  return rows.map((row) =>
    kept.map((column, index) => {
      const { text, style } = column.cell(row)
      const width = widths[index] ?? 0
      const padded = column.isRight ? text.padStart(width) : text.padEnd(width)
      return { text: index === 0 ? padded : `${gap}${padded}`, style }
    }),
  )
}

function columnWidth<Row>(rows: readonly Row[], { cell }: Column<Row>): number {
  return Math.max(0, ...rows.map((row) => cell(row).text.length))
}

function fitting<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  widthMax: number,
): readonly Column<Row>[] {
  const width = columns.reduce((sum, column) => sum + columnWidth(rows, column) + gap.length, 0)
  const leastNeeded = Math.max(0, ...columns.map(({ dispensable }) => dispensable))
  if (width - gap.length <= widthMax || leastNeeded === 0) return columns
  const fewer = columns.filter(({ dispensable }) => dispensable !== leastNeeded)
  return fitting(rows, fewer, widthMax)
}
