import { type JsonValue, stringifyJson } from '../../api/json.ts'
import type { KubeObject } from '../../api/object.ts'
import { apiVersionOf, type Resource } from '../../api/resource.ts'
import { storedForm } from '../../api/versions/versions.ts'
import type { Encoded, EncodedList, EncodedWatchEvent } from '../operations.ts'
import type { Negotiated } from './negotiation.ts'
import type { TableDefinition } from './tables/table.ts'
import { tableOf } from './tables/tables.ts'

type Piece = Uint8Array | string

/** How much of each object a Table's rows carry. */
export type IncludeObject = 'None' | 'Metadata' | 'Object'

/** What is answered: the shape the client asked for, and what its tables need. */
export interface View extends Negotiated {
  readonly includeObject: IncludeObject
  readonly nowMs: number
}

type BookmarkEvent = Extract<EncodedWatchEvent, { type: 'BOOKMARK' }>

function partial(object: KubeObject, { metaVersion }: Negotiated): string {
  return stringifyJson({
    kind: 'PartialObjectMetadata',
    apiVersion: `meta.k8s.io/${metaVersion}`,
    metadata: object.metadata,
  })
}

/** One row, in a single piece unless it carries the whole object: long tables are made of these. */
function row(table: TableDefinition, item: Encoded, view: View): readonly Piece[] {
  const printed = storedForm(item.object)
  const conditions = table.conditions?.(printed) ?? []
  const cells = stringifyJson(table.cells(printed, view.nowMs))
  const marks = conditions.length > 0 ? `,"conditions":${stringifyJson(conditions)}` : ''
  const head = `{"cells":${cells}${marks},"object":`
  if (view.includeObject === 'Object') return [head, item.bytes, '}']
  return [`${head}${view.includeObject === 'None' ? 'null' : partial(item.object, view)}}`]
}

function* separated<T>(
  items: Iterable<T>,
  render: (item: T) => readonly Piece[],
): Generator<Piece> {
  let isFirst = true
  for (const item of items) {
    if (!isFirst) yield ','
    isFirst = false
    yield* render(item)
  }
}

interface TableParts {
  readonly definition: TableDefinition
  readonly metadata: JsonValue
  readonly items: readonly Encoded[]
  /** Columns go only with the first event of a watch (H-05). */
  readonly hasColumns: boolean
}

function* tablePieces(parts: TableParts, view: View): Generator<Piece> {
  const { definition, metadata, items, hasColumns } = parts
  const columns = stringifyJson(hasColumns ? definition.columns : [])
  yield `{"kind":"Table","apiVersion":"meta.k8s.io/${view.metaVersion}","metadata":${stringifyJson(metadata)},"columnDefinitions":${columns},"rows":[`
  yield* separated(items, (item) => row(definition, item, view))
  yield ']}'
}

/** One object in the shape asked for; the cached bytes themselves when that is the plain one. */
export function objectPieces(item: Encoded, view: View): Iterable<Piece> {
  const { resourceVersion } = item.object.metadata
  switch (view.shape) {
    case 'Table':
      return tablePieces(
        {
          definition: tableOf(item.object.kind),
          metadata: { resourceVersion },
          items: [item],
          hasColumns: true,
        },
        view,
      )
    case 'PartialObjectMetadata':
      return [partial(item.object, view)]
    default:
      return [item.bytes]
  }
}

/** A list in the shape asked for; plain ones join the cached bytes. */
export function* listPieces(resource: Resource, list: EncodedList, view: View): Generator<Piece> {
  const { items, ...metadata } = list
  if (view.shape === 'Table') {
    const definition = tableOf(resource.kind)
    yield* tablePieces({ definition, metadata: { ...metadata }, items, hasColumns: true }, view)
    return
  }
  const isPartial = view.shape === 'PartialObjectMetadataList'
  const kind = isPartial ? view.shape : `${resource.kind}List`
  const apiVersion = isPartial ? `meta.k8s.io/${view.metaVersion}` : apiVersionOf(resource)
  yield `${stringifyJson({ kind, apiVersion, metadata }).slice(0, -1)},"items":[`
  yield* separated(items, (item) => [isPartial ? partial(item.object, view) : item.bytes])
  yield ']}\n'
}

/**
 * Bookmarks carry nothing but a resourceVersion, and the mark that ends the initial events (H-08,
 * H-09).
 */
function bookmark(resource: Resource, event: BookmarkEvent): KubeObject {
  const annotations = { 'k8s.io/initial-events-end': 'true' }
  return {
    kind: resource.kind,
    apiVersion: apiVersionOf(resource),
    metadata: {
      resourceVersion: event.resourceVersion,
      ...(event.initialEventsEnd && { annotations }),
    },
  }
}

/**
 * Makes the lines of one watch (H-08): newline-delimited `{"type","object"}`. Ages in a Table are
 * those at the time of the event.
 */
export function watchEncoder(
  resource: Resource,
  view: Omit<View, 'nowMs'>,
  now: () => number,
): (event: EncodedWatchEvent) => readonly Piece[] {
  const { columns, ...printed } = tableOf(resource.kind)
  let hasColumns = true
  const encode = (item: Encoded, table: Omit<TableDefinition, 'columns'>): readonly Piece[] => {
    if (view.shape === 'PartialObjectMetadata') return [partial(item.object, view)]
    if (view.shape !== 'Table') return [item.bytes]
    const metadata = { resourceVersion: item.object.metadata.resourceVersion }
    const parts = { definition: { columns, ...table }, metadata, items: [item], hasColumns }
    hasColumns = false
    return [...tablePieces(parts, { ...view, nowMs: now() })]
  }
  return (event) => {
    const pieces =
      event.type === 'BOOKMARK'
        ? encode(encodeBookmark(bookmark(resource, event)), withoutCells)
        : encode(event, printed)
    return [`{"type":"${event.type}","object":`, ...pieces, '}\n']
  }
}

/** A bookmark is no object that could be printed. */
const withoutCells: Omit<TableDefinition, 'columns'> = { cells: () => [] }

function encodeBookmark(object: KubeObject): Encoded {
  return { object, bytes: Buffer.from(stringifyJson(object)) }
}
