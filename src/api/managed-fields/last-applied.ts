import { isJsonObject, type JsonObject, type JsonValue, parseJson, stringifyJson } from '../json.ts'
import { lastAppliedAnnotation } from '../names.ts'
import { compareObjects } from './compare.ts'
import { difference, emptySet, type FieldSet } from './field-set.ts'
import type { StructType } from './field-type.ts'
import { fieldsOf } from './fields-of.ts'

/** The manager for which client-side apply and server-side apply are one and the same user. */
export const kubectlManager = 'kubectl'

/** What annotations may have together, in bytes: upstream's limit. */
const annotationBytesMax = 256 * 1024

function annotationsOf(object: JsonObject): JsonObject {
  const metadata = isJsonObject(object.metadata) ? object.metadata : {}
  return isJsonObject(metadata.annotations) ? metadata.annotations : {}
}

/**
 * The fields that kubectl applied client-side and that still have the applied value: kubectl may
 * take them over by server-side apply without a conflict, as it only takes them from itself.
 */
export function lastAppliedFields(type: StructType, live: JsonObject): FieldSet {
  const applied = readConfig(annotationsOf(live)[lastAppliedAnnotation])
  if (!applied || applied.apiVersion !== live.apiVersion) return emptySet
  const { changed, removed } = compareObjects(type, applied, live)
  return difference(difference(fieldsOf(type, applied), changed), removed)
}

function readConfig(text: JsonValue | undefined): JsonObject | undefined {
  if (typeof text !== 'string') return undefined
  try {
    const value = parseJson(text)
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * The object, with the annotation of client-side apply, if it has one, up to date with the config:
 * so that a later client-side apply starts from what was applied last. Emptied where it would be
 * too long.
 */
export function withLastApplied(object: JsonObject, config: JsonObject): JsonObject {
  const annotations = annotationsOf(object)
  if (typeof annotations[lastAppliedAnnotation] !== 'string') return object
  const { [lastAppliedAnnotation]: _, ...rest } = annotations
  const text = `${stringifyJson(sorted(withoutAnnotation(config)))}\n`
  const bytes = Buffer.byteLength(Object.entries(rest).flat().join('') + text)
  const value = bytes > annotationBytesMax ? '' : text
  const metadata = {
    ...(object.metadata as JsonObject),
    annotations: { ...annotations, [lastAppliedAnnotation]: value },
  }
  return { ...object, metadata }
}

function withoutAnnotation(config: JsonObject): JsonObject {
  const annotations = annotationsOf(config)
  if (annotations[lastAppliedAnnotation] === undefined) return config
  const { [lastAppliedAnnotation]: _, ...rest } = annotations
  return { ...config, metadata: { ...(config.metadata as JsonObject), annotations: rest } }
}

function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isJsonObject(value)) return value
  const names = Object.keys(value).sort()
  return Object.fromEntries(names.map((name) => [name, sorted(value[name] as JsonValue)]))
}
