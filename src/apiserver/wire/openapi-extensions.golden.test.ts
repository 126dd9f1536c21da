import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { JsonObject } from '../../api/json.ts'
import { openApiV2 } from './openapi.ts'
import { servedResources } from './served.ts'

const prefix = 'x-kubernetes-'
const unrelated = new Set(['x-kubernetes-group-version-kind', 'x-kubernetes-unions'])

type Definitions = Readonly<Record<string, { readonly properties?: JsonObject }>>

/** `NAME list-type=map list-map-keys=name`, the members of a key in order. */
function lineOf(name: string, schema: object): string | undefined {
  const words = Object.entries(schema)
    .filter(([key]) => key.startsWith(prefix) && !unrelated.has(key))
    .map(([key, value]) => `${key.slice(prefix.length)}=${[value].flat().join(',')}`)
  return words.length > 0 ? [name, ...words.sort()].join(' ') : undefined
}

function linesOf(definitions: Definitions): readonly (string | undefined)[] {
  return Object.entries(definitions).flatMap(([name, schema]) => [
    lineOf(name, schema),
    ...Object.entries(schema.properties ?? {}).map(([field, property]) =>
      lineOf(`${name}.${field}`, property as JsonObject),
    ),
  ])
}

test('H-13, H-15: every list, map and struct of ours is merged and owned as upstream says', () => {
  const { definitions } = openApiV2(servedResources(), {}) as { definitions: Definitions }
  const has = (name: string) => {
    const dot = name.lastIndexOf('.')
    const model = definitions[name.slice(0, dot)]
    return name in definitions || (model?.properties && name.slice(dot + 1) in model.properties)
  }
  const file = new URL('openapi-extensions.upstream.txt', import.meta.url)
  const expected = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .filter((line) => has(line.slice(0, line.indexOf(' '))))
  expect(expected.length).toBeGreaterThan(200)
  const ours = linesOf(definitions).filter((line) => line !== undefined)
  expect(ours.sort()).toEqual(expected.sort())
})
