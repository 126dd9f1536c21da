import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJson,
  stringifyJson,
} from '../../api/json.ts'
import { lastAppliedAnnotation } from '../../api/names.ts'

/**
 * The text that `kubectl apply` of a manifest leaves in last-applied-configuration: keys sorted, no
 * such annotation in it, the namespace filled in, `<`, `>`, `&` escaped, a newline at the end. The
 * same bytes, so that the next apply finds nothing to do.
 */
export function lastAppliedText(manifest: JsonObject, namespace: string): string {
  const metadata = isJsonObject(manifest.metadata) ? manifest.metadata : {}
  const given = isJsonObject(metadata.annotations) ? metadata.annotations : {}
  const { [lastAppliedAnnotation]: _, ...annotations } = given
  const whole = { ...manifest, metadata: { ...metadata, annotations, namespace } }
  const text = stringifyJson(sorted(whole))
  return `${text.replace(/[<>&\u2028\u2029]/g, escaped)}\n`
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isJsonObject(value)) return value
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(members.map(([key, member]) => [key, sorted(member ?? null)]))
}

/** What was applied last on the client's side; undefined without it. */
export function lastApplied(
  annotations: { readonly [key: string]: string } | undefined,
): JsonObject | undefined {
  const text = annotations?.[lastAppliedAnnotation]
  if (text === undefined) return undefined
  try {
    const value = parseJson(text)
    return isJsonObject(value) ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
