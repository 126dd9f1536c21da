import type { Status } from '../api/generated/types.ts'
import { deepFreeze, escapeHtml, stringifyJson } from '../api/json.ts'
import type { KubeObject } from '../api/object.ts'
import { StatusError } from '../api/status-error.ts'
import type { Entry, Value } from '../store/store.ts'
import type { Encoded } from './operations.ts'

/** An object's JSON may have 1.5 MiB, as upstream's store allows. */
export const objectBytesMax = 1_572_864

/**
 * Clients compare a revision's data byte for byte with what Go writes (D-01), and Go keeps HTML out
 * of its strings.
 */
function jsonOf(object: KubeObject): string {
  const text = stringifyJson(object)
  return object.kind === 'ControllerRevision' ? escapeHtml(text) : text
}

/** The object and its bytes, for an answer that is not what is stored. */
export function encode(object: KubeObject): Encoded {
  return { object: deepFreeze(object), bytes: Buffer.from(jsonOf(object)) }
}

/**
 * What the store keeps for a revision: the object that says so itself, and its bytes, made once.
 */
export function valueAt(revision: number, object: KubeObject): Value & Encoded {
  const metadata = { ...object.metadata, resourceVersion: String(revision) }
  const value = encode({ ...object, metadata })
  if (value.bytes.length > objectBytesMax) {
    const text = `Request entity too large: the object has ${value.bytes.length} bytes, limit is ${objectBytesMax}`
    throw new StatusError('RequestEntityTooLarge', text)
  }
  return value
}

export function encodedEntry(entry: Entry): Encoded {
  return { object: entry.object as KubeObject, bytes: entry.bytes }
}

/** The answer to a POST that creates nothing one could read: a binding, an eviction. */
export const createdStatus: Status & KubeObject = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  code: 201,
}
