import type { KubeObject } from '../api/object.ts'
import type { ServedVersion } from '../api/versions/versions.ts'
import { encode } from './encode.ts'
import type { Encoded, EncodedList, EncodedWatchSink } from './operations.ts'

/** By version, what it makes of a stored object: made once for all who ask. */
const shown = new WeakMap<ServedVersion, WeakMap<KubeObject, Encoded>>()

/** A stored object as a version shows it: the very same bytes where that is how it is stored. */
export function showObject<T extends Encoded>(version: ServedVersion, stored: T): T {
  if (version.resource === version.stored) return stored
  return { ...stored, ...convert(version, stored.object) }
}

function convert(version: ServedVersion, object: KubeObject): Encoded {
  const known = shown.get(version) ?? new WeakMap<KubeObject, Encoded>()
  shown.set(version, known)
  const made = known.get(object) ?? encode(version.show(object))
  known.set(object, made)
  return made
}

export function showList(version: ServedVersion, list: EncodedList): EncodedList {
  if (version.resource === version.stored) return list
  return { ...list, items: list.items.map((item) => showObject(version, item)) }
}

/** A sink of stored objects that hands on what the version shows of them. */
export function showingSink(version: ServedVersion, sink: EncodedWatchSink): EncodedWatchSink {
  if (version.resource === version.stored) return sink
  return {
    event: (event) => sink.event(event.type === 'BOOKMARK' ? event : showObject(version, event)),
    end: (error) => sink.end(error),
  }
}
