import { isJsonObject, type JsonObject, type JsonValue, stringifyJson } from '../json.ts'
import type { ListMapType } from './field-type.ts'

/**
 * One step of a path, as FieldsV1 writes it: `f:NAME` of a member, `k:{"KEY":VALUE}` of an element
 * of a keyed list, `v:VALUE` of an element of a set, `i:NUMBER` of any other element.
 */
export type PathElement = string

export function memberElement(name: string): PathElement {
  return `f:${name}`
}

/** The element of a keyed list; members of the key that it leaves out have their default. */
export function keyedElement({ keys }: ListMapType, item: JsonValue | undefined): PathElement {
  const members = (item ?? {}) as JsonObject
  const parts = keys.map(({ name, fallback }) => {
    const value = members[name] ?? fallback
    return `${JSON.stringify(name)}:${stringifyJson(value)}`
  })
  return `k:{${parts.join(',')}}`
}

export function valueElement(value: JsonValue): PathElement {
  return `v:${stringifyJson(value)}`
}

const prefixes = ['f:', 'k:', 'v:', 'i:']

const rankOf = (element: PathElement) => prefixes.indexOf(element.slice(0, 2))

const compareTexts = (a: string, b: string) => (a < b ? -1 : Number(a > b))

/** Numbers by their size, before everything else. */
function compareJson(a: JsonValue | undefined, b: JsonValue | undefined): number {
  const isNumber = typeof a === 'number'
  if (isNumber !== (typeof b === 'number')) return isNumber ? -1 : 1
  return isNumber ? a - Number(b) : compareTexts(String(a), String(b))
}

/** The order in which FieldsV1 lists elements: members, keys, values; numbers by their size. */
export function compareElements(a: PathElement, b: PathElement): number {
  if (a.startsWith('f:') && b.startsWith('f:')) return compareTexts(a, b)
  const rank = rankOf(a)
  if (rank !== rankOf(b)) return rank - rankOf(b)
  return compareJsonTexts(a.slice(2), b.slice(2))
}

/** Where there is none, texts are in the order of what they say. */
const holdsNumber = /(?:^|:)-?\d/

function compareJsonTexts(a: string, b: string): number {
  if (!holdsNumber.test(a) && !holdsNumber.test(b)) return compareTexts(a, b)
  const left = JSON.parse(a) as JsonValue
  const right = JSON.parse(b) as JsonValue
  if (!isJsonObject(left) || !isJsonObject(right)) return compareJson(left, right)
  const others = Object.entries(right)
  for (const [index, [name, value]] of Object.entries(left).entries()) {
    const [otherName = '', other] = others[index] ?? []
    const order = compareTexts(name, otherName) || compareJson(value, other)
    if (order !== 0) return order
  }
  return 0
}

/** Whether a text is a path element that can have been written by a server. */
export function isPathElement(text: string): boolean {
  if (!prefixes.includes(text.slice(0, 2))) return false
  if (text.startsWith('f:')) return true
  try {
    const value = JSON.parse(text.slice(2)) as unknown
    const isKey = typeof value === 'object' && value !== null && !Array.isArray(value)
    return text.startsWith('k:') ? isKey : true
  } catch {
    return false
  }
}

/** As error texts write it: `.spec`, `[name="app"]`, `[containerPort=80,protocol="TCP"]`. */
export function elementText(element: PathElement): string {
  const rest = element.slice(2)
  switch (element.slice(0, 2)) {
    case 'f:':
      return `.${rest}`
    case 'k:': {
      const key = JSON.parse(rest) as JsonObject
      const parts = Object.entries(key).map(([name, value]) => `${name}=${stringifyJson(value)}`)
      return `[${parts.join(',')}]`
    }
    case 'v:':
      return `[=${rest}]`
    default:
      return `[${rest}]`
  }
}
