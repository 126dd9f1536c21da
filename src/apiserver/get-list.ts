import type { KubeObject, ObjectKey } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'
import type { Collection, ListOptions, Subresource } from '../api/transport.ts'
import type { Entry, ListPage, Store } from '../store/store.ts'
import { encode, encodedEntry } from './encode.ts'
import { existingEntry } from './existing-entry.ts'
import { continueToken, listFault, listPosition } from './list-position.ts'
import type { Encoded, EncodedList } from './operations.ts'
import { type Selection, select } from './selection.ts'
import type { ServerContext } from './server-context.ts'
import { viewOf } from './views.ts'

/** GET of an object, or of what a subresource shows of it. Throws 404. */
export function getObject(
  context: ServerContext,
  { resource, key }: { readonly resource: Resource; readonly key: ObjectKey },
  subresource: Subresource | undefined,
): Encoded {
  const view = viewOf(resource, subresource)
  const entry = existingEntry(context, resource, key)
  const shown = view.read(entry.object as KubeObject)
  return shown === entry.object ? encodedEntry(entry) : encode(shown)
}

/** A page of a collection: all pages of a list show one revision (H-07). */
export function listObjects(
  { store }: ServerContext,
  { resource, where }: { readonly resource: Resource; readonly where: Collection },
  options: ListOptions,
): EncodedList {
  const selection = select(resource, where, options)
  const scope = { scope: selection.scope, current: store.revision }
  const position = listPosition(options, scope)
  const { revision = store.revision, startAfter } = position
  const limit = Math.max(options.limit ?? 0, 0)
  try {
    return asList(selectPage(store, selection, { revision, startAfter, limit }), selection)
  } catch (error) {
    throw listFault(error, options, position)
  }
}

interface PageOptions {
  readonly revision: number
  readonly startAfter: string
  /** 0 for no limit. */
  readonly limit: number
}

/** Reads on until the page is full, as selectors may leave little of what the store has. */
function selectPage(store: Store, selection: Selection, options: PageOptions): ListPage {
  const { revision, limit } = options
  if (limit === 0) {
    const { entries } = store.list(selection.scope, { revision, startAfter: options.startAfter })
    return { entries: entries.filter(selection.includes), revision, remaining: 0 }
  }
  const entries: Entry[] = []
  let { startAfter } = options
  for (;;) {
    const page = store.list(selection.scope, {
      revision,
      startAfter,
      limit: limit - entries.length,
    })
    entries.push(...page.entries.filter(selection.includes))
    if (page.remaining === 0 || entries.length === limit) {
      return { entries, revision, remaining: page.remaining }
    }
    startAfter = page.entries.at(-1)?.key ?? startAfter
  }
}

function asList({ entries, revision, remaining }: ListPage, selection: Selection): EncodedList {
  const last = entries.at(-1)
  return {
    resourceVersion: String(revision),
    items: entries.map(encodedEntry),
    ...(remaining > 0 && last && { continue: continueToken(revision, last.key) }),
    ...(remaining > 0 && !selection.isFiltered && { remainingItemCount: remaining }),
  }
}
