import { isJsonObject, type JsonObject, type JsonValue } from '../../api/json.ts'
import { blockLines, keyText, scalarLines } from './yaml-scalar.ts'

/**
 * A value as `kubectl -o yaml` prints it: members in alphabetical order, lists not indented, quotes
 * and folds only where Go's YAML library puts them. Ends with a newline.
 */
export function yamlText(value: JsonValue): string {
  return `${linesOf(value, { column: 0, indent: 0 }).join('\n')}\n`
}

/** Where a value is written: its first line from `column`, what is below it at `indent`. */
interface Place {
  readonly column: number
  readonly indent: number
}

/** The lines of a value, without the indentation of its place. */
function linesOf(value: JsonValue, place: Place): readonly string[] {
  if (Array.isArray(value)) {
    return value.length === 0 ? ['[]'] : value.flatMap((item) => itemLines(item, place.indent))
  }
  if (isJsonObject(value)) {
    const names = namesOf(value)
    return names.length === 0
      ? ['{}']
      : names.flatMap((name) => memberLines(name, value[name] ?? null, place.indent))
  }
  if (typeof value !== 'string') return [String(value)]
  return blockLines(value) ?? scalarLines(value, place.column, place.indent)
}

function namesOf(object: JsonObject): readonly string[] {
  return Object.keys(object)
    .filter((name) => object[name] !== undefined)
    .sort()
}

function itemLines(item: JsonValue, indent: number): readonly string[] {
  const inner = indent + 2
  const [first = '', ...rest] = linesOf(item, { column: inner, indent: inner })
  return [`- ${first}`, ...rest.map(indented)]
}

function memberLines(name: string, value: JsonValue, indent: number): readonly string[] {
  const key = keyText(name)
  if (Array.isArray(value) && value.length > 0) {
    return [`${key}:`, ...linesOf(value, { column: indent, indent })]
  }
  const inner = indent + 2
  if (isJsonObject(value) && namesOf(value).length > 0) {
    return [`${key}:`, ...linesOf(value, { column: inner, indent: inner }).map(indented)]
  }
  const [first = '', ...rest] = linesOf(value, { column: indent + key.length + 2, indent: inner })
  return [`${key}: ${first}`, ...rest.map(indented)]
}

/** An empty line stays empty. */
function indented(line: string): string {
  return line === '' ? '' : `  ${line}`
}
