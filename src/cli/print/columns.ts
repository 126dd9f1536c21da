/** The least distance between columns, and the least width of one with it. */
const padding = 3
const widthMin = 6

/**
 * Prints rows in aligned columns as kubectl does. Widths are kept, so that rows of a watch that
 * come later stay in their columns.
 */
export class Columns {
  #widths: readonly number[] = []

  /** The rows as text, each with its newline. The last cell of a row is not padded. */
  format(rows: readonly (readonly string[])[]): string {
    const count = Math.max(0, ...rows.map((row) => row.length))
    this.#widths = Array.from({ length: count }, (_, column) => {
      const cells = rows.filter((row) => column < row.length - 1)
      const widths = cells.map((row) => [...(row[column] ?? '')].length + padding)
      return Math.max(widthMin, this.#widths[column] ?? 0, ...widths)
    })
    return rows.map((row) => `${this.#line(row)}\n`).join('')
  }

  #line(row: readonly string[]): string {
    return row
      .map((cell, column) => {
        if (column === row.length - 1) return cell
        return cell + ' '.repeat(Math.max(0, (this.#widths[column] ?? 0) - [...cell].length))
      })
      .join('')
  }
}
