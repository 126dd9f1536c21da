import type { ManagedFieldsEntry } from '../api/generated/types.ts'
import { isJsonObject, type JsonObject } from '../api/json.ts'
import { difference, type FieldSet } from '../api/managed-fields/field-set.ts'
import { typeOfObject } from '../api/managed-fields/field-type.ts'
import { fieldsOf } from '../api/managed-fields/fields-of.ts'
import { setOf } from '../api/managed-fields/managers.ts'
import { removeFields } from '../api/managed-fields/remove-fields.ts'
import { lastAppliedAnnotation } from '../api/names.ts'
import type { KubeObject } from '../api/object.ts'

/** The name under which we write what nobody has applied. */
export const fieldManager = 'astern'

/** Under whose name an object is applied, so that a rollback may be written as his apply. */
export interface Applier {
  readonly manager: string
  /** By server-side apply: the entry says what it was. */
  readonly entry: ManagedFieldsEntry | undefined
}

/**
 * Whoever applied what an object is about (a selector, the content of a configuration): on the
 * server's side, the last one; else on the client's; else ourselves.
 */
export function applierOf(object: KubeObject): Applier {
  const entries = (object.metadata.managedFields ?? []).filter((each) => !each.subresource)
  const [newest] = entries
    .filter((entry) => entry.operation === 'Apply' && ownsSubstance(setOf(entry)))
    .sort((a, b) => ((a.time ?? '') < (b.time ?? '') ? 1 : -1))
  if (newest) return { manager: newest.manager ?? fieldManager, entry: newest }
  const onClient = entries.find((entry) => ownsMemory(setOf(entry)))
  return { manager: onClient?.manager ?? fieldManager, entry: undefined }
}

function ownsSubstance(set: FieldSet): boolean {
  const spec = set['f:spec']
  return [spec?.['f:selector'], set['f:data'], set['f:binaryData']].some(Boolean)
}

function ownsMemory(set: FieldSet): boolean {
  return set['f:metadata']?.['f:annotations']?.[`f:${lastAppliedAnnotation}`] !== undefined
}

/** What an applier on the server's side applied last, as far as it still lives. */
export function appliedConfig(object: KubeObject, entry: ManagedFieldsEntry): JsonObject {
  const live = object as unknown as JsonObject
  const type = typeOfObject(object)
  const notHis = difference(fieldsOf(type, object), setOf(entry))
  const { metadata, status: _, ...rest } = removeFields(type, live, notHis)
  const { name, namespace, labels, annotations } = isJsonObject(metadata) ? metadata : {}
  const kept = { name, namespace, ...(labels && { labels }), ...(annotations && { annotations }) }
  return { ...rest, metadata: kept }
}
