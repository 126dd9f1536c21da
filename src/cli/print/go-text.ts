import { isJsonObject, type JsonValue } from '../../api/json.ts'

/** A value as Go's `%v` prints it: `map[a:1 b:2]`, `[x y]`. */
export function goText(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`
  if (!isJsonObject(value)) return String(value)
  const names = Object.keys(value).sort()
  return `map[${names.map((name) => `${name}:${goText(value[name])}`).join(' ')}]`
}
