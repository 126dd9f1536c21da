import { isJsonObject, type JsonObject, type JsonValue } from '../../api/json.ts'
import { blockLines, scalarText } from './yaml-scalar.ts'

/**
 * A value as `kubectl -o yaml` prints it: members in alphabetical order, lists not indented, quotes
 * only where Go's YAML library puts them. Ends with a newline.
 */
export function yamlText(value: JsonValue): string {
  return `${linesOf(value).join('\n')}\n`
}

/** The lines of a value that stands by itself, without indentation. */
function linesOf(value: JsonValue): readonly string[] {
  if (Array.isArray(value) && value.length > 0) return value.flatMap((item) => itemLines(item))
  if (isJsonObject(value) && namesOf(value).length > 0) {
    return namesOf(value).flatMap((name) => memberLines(name, value[name] ?? null))
  }
  return scalarLines(value)
}

function namesOf(object: JsonObject): readonly string[] {
  return Object.keys(object)
    .filter((name) => object[name] !== undefined)
    .sort()
}

function itemLines(item: JsonValue): readonly string[] {
  const [first = '', ...rest] = linesOf(item)
  return [`- ${first}`, ...rest.map(indented)]
}

function memberLines(name: string, value: JsonValue): readonly string[] {
  const key = scalarText(name)
  const lines = linesOf(value)
  if (Array.isArray(value) && value.length > 0) return [`${key}:`, ...lines]
  if (isJsonObject(value) && namesOf(value).length > 0) {
    return [`${key}:`, ...lines.map(indented)]
  }
  const [first = '', ...rest] = lines
  return [`${key}: ${first}`, ...rest.map(indented)]
}

/** An empty line of text stays empty. */
function indented(line: string): string {
  return line === '' ? '' : `  ${line}`
}

function scalarLines(value: JsonValue): readonly string[] {
  if (typeof value === 'string') return blockLines(value) ?? [scalarText(value)]
  if (Array.isArray(value)) return ['[]']
  if (isJsonObject(value)) return ['{}']
  return [String(value)]
}
