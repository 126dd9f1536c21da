import { isJsonObject, type JsonValue } from '../api/json.ts'
import { digest } from './template.ts'

/** One field that differs; absent on a side that does not have it. */
export interface FieldDifference {
  /** `spec.template.spec.containers[name=app].image`. */
  readonly path: string
  readonly from?: JsonValue
  readonly to?: JsonValue
}

function isSame(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  return digest([a ?? null]) === digest([b ?? null])
}

/** The key by which the members of a list are known, if all on both sides have it, each its own. */
function keyOfMembers(lists: readonly (readonly JsonValue[])[]): string | undefined {
  return ['name', 'containerPort', 'mountPath', 'key', 'ip'].find((key) =>
    lists.every((list) => {
      const values = list.map((member) => (isJsonObject(member) ? member[key] : undefined))
      return !values.includes(undefined) && new Set(values).size === values.length
    }),
  )
}

type Members = ReadonlyMap<string, JsonValue | undefined>

function listMembers(list: readonly JsonValue[], key: string | undefined): Members {
  return new Map(
    list.map((member, i) => {
      const name = key !== undefined && isJsonObject(member) ? `${key}=${member[key]}` : String(i)
      return [`[${name}]`, member]
    }),
  )
}

function objectMembers(value: { readonly [key: string]: JsonValue | undefined }): Members {
  const named = Object.entries(value).map(([key, member]) => {
    const name = /^[\w-]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
    return [name, member] as const
  })
  return new Map(named)
}

/** Field by field, the smallest parts that differ; absent, null and empty are one. */
export function fieldDifferences(
  from: JsonValue | undefined,
  to: JsonValue | undefined,
  path = '',
): readonly FieldDifference[] {
  if (isSame(from, to)) return []
  const members = membersOfBoth(from, to)
  if (members) {
    const [before, after] = members
    const names = new Set([...before.keys(), ...after.keys()])
    return [...names].flatMap((name) =>
      fieldDifferences(before.get(name), after.get(name), `${path}${name}`),
    )
  }
  const shown = path.replace(/^\./, '')
  return [{ path: shown, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }]
}

function membersOfBoth(
  from: JsonValue | undefined,
  to: JsonValue | undefined,
): readonly [Members, Members] | undefined {
  if (isJsonObject(from) && isJsonObject(to)) return [objectMembers(from), objectMembers(to)]
  if (!Array.isArray(from) || !Array.isArray(to)) return undefined
  const key = keyOfMembers([from, to])
  if (key === undefined && from.length !== to.length) return undefined
  return [listMembers(from, key), listMembers(to, key)]
}
