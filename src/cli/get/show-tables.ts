import { isStatusError } from '../../api/status-error.ts'
import type { Table } from '../../client/table.ts'
import { throwCollected } from '../cli-error.ts'
import { explained, selectorOptions } from '../select/list-all.ts'
import type { Target } from '../select/targets.ts'
import type { Session } from '../session.ts'
import type { GetOptions } from './get-options.ts'
import { TableView } from './table-view.ts'

const pageSize = 500

/** One table per resource, in the order asked for; what cannot be had is told at the end. */
export async function showTables(
  session: Session,
  targets: readonly Target[],
  options: GetOptions,
): Promise<void> {
  const { stdout, stderr } = session.io
  const errors: Error[] = []
  let hasPrinted = false
  for (const group of byResource(targets)) {
    const tables: Table[] = []
    for (const target of group) {
      try {
        for await (const table of tablesOf(session, target, options)) tables.push(table)
      } catch (error) {
        const isIgnored = options.isNotFoundIgnored && isStatusError(error, 'NotFound')
        if (!isIgnored) errors.push(error as Error)
      }
    }
    const hasKinds = options.hasKinds || new Set(targets.map(({ resource }) => resource)).size > 1
    const text = tableView(group, { ...options, hasKinds }).format(joined(tables))
    if (text === '') continue
    if (hasPrinted && options.hasHeadings) stdout.write('\n')
    stdout.write(text)
    hasPrinted = true
  }
  throwCollected(errors)
  if (!hasPrinted && !options.isNotFoundIgnored)
    stderr.write(nothingFound(session, targets, options))
}

/** The view of one resource's tables. */
export function tableView([target]: readonly Target[], options: GetOptions): TableView {
  if (!target) throw new Error('a table is of something')
  const { resource } = target
  const hasNamespaces = options.selection.isAllNamespaces === true && resource.namespaced
  return new TableView({ ...options, resource, hasNamespaces })
}

/** Targets of the same resource that follow each other share a table. */
function byResource(targets: readonly Target[]): readonly (readonly Target[])[] {
  const groups: Target[][] = []
  for (const target of targets) {
    const last = groups.at(-1)
    if (last?.[0]?.resource === target.resource) last.push(target)
    else groups.push([target])
  }
  return groups
}

/** The target's table, a collection's page by page. */
export async function* tablesOf(
  { transport }: Session,
  { resource, namespace, name }: Target,
  { selection }: Pick<GetOptions, 'selection'>,
): AsyncGenerator<Table> {
  if (name !== undefined) {
    yield await transport.getTable(resource, { namespace }, { name })
    return
  }
  try {
    let next: string | undefined
    do {
      const page = { limit: pageSize, ...(next && { continue: next }) }
      const options = { ...selectorOptions(selection), ...page }
      const table = await transport.getTable(resource, { namespace }, options)
      yield table
      next = table.metadata?.continue
    } while (next)
  } catch (error) {
    throw explained(error, { resource: resource as Target['resource'], selectors: selection })
  }
}

function joined(tables: readonly Table[]): Table {
  const [first] = tables
  const rows = tables.flatMap((table) => table.rows ?? [])
  const columnDefinitions = first?.columnDefinitions ?? []
  return { kind: 'Table', metadata: {}, columnDefinitions, rows }
}

function nothingFound(
  { namespace }: Session,
  targets: readonly Target[],
  { selection }: GetOptions,
): string {
  const isInNamespace =
    !selection.isAllNamespaces && targets.every(({ resource }) => resource.namespaced)
  return `No resources found${isInNamespace ? ` in ${namespace} namespace.` : ''}\n`
}
