import type { JsonValue } from '../../api/json.ts'
import type { KubeObject } from '../../api/object.ts'
import type { Resource } from '../../api/resource.ts'
import type { Table, TableColumn, TableRow } from '../../client/table.ts'
import { Columns } from '../print/columns.ts'
import { objectName } from '../print/object-printer.ts'

export interface TableViewOptions {
  readonly resource: Resource
  readonly isWide: boolean
  readonly hasHeadings: boolean
  readonly hasNamespaces: boolean
  /** Names with their kind: `deployment.apps/app`. */
  readonly hasKinds: boolean
  readonly hasLabels: boolean
  readonly labelColumns: readonly string[]
}

/** Prints the server's tables of one resource (H-05); headings with the first rows. */
export class TableView {
  readonly #options: TableViewOptions
  readonly #columns = new Columns()
  #definitions: readonly TableColumn[] = []
  #hasPrintedHeadings = false

  constructor(options: TableViewOptions) {
    this.#options = options
  }

  /** The text of a table's rows; '' where it has none. In a watch only the first has columns. */
  format(table: Table): string {
    const definitions = table.columnDefinitions ?? []
    if (definitions.length > 0) this.#definitions = definitions
    const rows = table.rows ?? []
    if (rows.length === 0) return ''
    const lines = rows.map((row) => this.#line(row))
    const isFirst = this.#options.hasHeadings && !this.#hasPrintedHeadings
    this.#hasPrintedHeadings = true
    return this.#columns.format(isFirst ? [this.#headings(), ...lines] : lines)
  }

  #headings(): readonly string[] {
    const { hasNamespaces, hasLabels, labelColumns } = this.#options
    return [
      ...(hasNamespaces ? ['NAMESPACE'] : []),
      ...this.#shownColumns().map(({ name }) => name.toUpperCase()),
      ...labelColumns.map((label) => label.slice(label.lastIndexOf('/') + 1).toUpperCase()),
      ...(hasLabels ? ['LABELS'] : []),
    ]
  }

  #line({ cells, object }: TableRow): readonly string[] {
    const { hasNamespaces, hasLabels, labelColumns } = this.#options
    const { namespace = '', labels = {} } = object?.metadata ?? {}
    const shown = this.#shownColumns().map((column) => {
      const cell = cells[this.#definitions.indexOf(column)]
      return this.#cellText(column, cell, object)
    })
    return [
      ...(hasNamespaces ? [namespace] : []),
      ...shown,
      ...labelColumns.map((label) => labels[label] ?? ''),
      ...(hasLabels ? [labelsText(labels)] : []),
    ]
  }

  #cellText(
    { format }: TableColumn,
    cell: JsonValue | undefined,
    object: KubeObject | null | undefined,
  ): string {
    const text = firstLine(cell === null || cell === undefined ? '<none>' : String(cell))
    if (format !== 'name' || !this.#options.hasKinds || !object) return text
    const { group, version, kind } = this.#options.resource
    const apiVersion = group === '' ? version : `${group}/${version}`
    return objectName({ apiVersion, kind, metadata: { name: text } })
  }

  #shownColumns(): readonly TableColumn[] {
    return this.#definitions.filter(({ priority }) => priority === 0 || this.#options.isWide)
  }
}

function firstLine(text: string): string {
  const end = text.search(/[\f\n\r]/)
  return end < 0 ? text : `${text.slice(0, end)}...`
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const names = Object.keys(labels).sort()
  return names.length === 0 ? '<none>' : names.map((name) => `${name}=${labels[name]}`).join(',')
}
