import { isJsonObject, type JsonValue, stringifyJson } from '../../api/json.ts'

const unsafe = /[<>&\u2028\u2029]/g

/** Go's JSON encoder writes these as escapes, so that the text may stand in HTML. */
function escaped(text: string): string {
  return text.replace(unsafe, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Members in alphabetical order throughout, as Go writes maps; undefined members are left out. */
export function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isJsonObject(value)) return value
  const names = Object.keys(value).filter((name) => value[name] !== undefined)
  return Object.fromEntries(names.sort().map((name) => [name, sorted(value[name] ?? null)]))
}

/** One line: what `last-applied-configuration` holds (G-05). */
export function compactJson(value: JsonValue): string {
  return escaped(stringifyJson(sorted(value)))
}

/** As `-o json` prints it, with a last newline; members keep their order. */
export function jsonText(value: JsonValue): string {
  return `${escaped(indented(value, ''))}\n`
}

function indented(value: JsonValue | undefined, margin: string): string {
  const inner = `${margin}    `
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    const items = value.map((item) => `${inner}${indented(item, inner)}`)
    return `[\n${items.join(',\n')}\n${margin}]`
  }
  if (!isJsonObject(value)) return stringifyJson(value ?? null)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  if (members.length === 0) return '{}'
  const lines = members.map(
    ([name, member]) => `${inner}${JSON.stringify(name)}: ${indented(member, inner)}`,
  )
  return `{\n${lines.join(',\n')}\n${margin}}`
}
