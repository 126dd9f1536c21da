import { describe, expect, test } from 'vitest'
import { deepFreeze, type JsonValue } from '../json.ts'
import { applyPatch } from './apply-patch.ts'

const resource = { kind: 'Deployment' }
const object = deepFreeze({ metadata: { name: 'a' }, spec: { replicas: 1 } })
const types = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
}

function nested(depth: number): JsonValue {
  let value: JsonValue = {}
  for (let i = 0; i < depth; i++) value = { a: value }
  return value
}

test.each([
  [types.json, [{ op: 'replace', path: '/spec/replicas', value: 2 }]],
  [types.merge, { spec: { replicas: 2 } }],
  [types.strategic, { spec: { replicas: 2 } }],
])('H-12: %s', (type, body) => {
  const expected = { metadata: { name: 'a' }, spec: { replicas: 2 } }
  expect(applyPatch(resource, object, { type, body })).toEqual(expected)
  expect(object.spec.replicas).toBe(1)
})

describe('H-12: what is refused', () => {
  const accepted =
    'application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json'
  const notAnObject = (found: string) =>
    `error decoding patch: json: cannot unmarshal ${found} into Go value of type map[string]interface {}`
  const cases: readonly (readonly [string, JsonValue, number, string])[] = [
    [
      'application/json',
      {},
      415,
      `the body of the request was in an unknown format - accepted media types include: ${accepted}`,
    ],
    [types.merge, [], 400, notAnObject('array')],
    [types.strategic, 'x', 400, notAnObject('string')],
    [
      types.json,
      {},
      400,
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    ],
    [types.merge, nested(100_000), 400, 'exceeded max depth'],
    [types.strategic, nested(100_000), 400, 'exceeded max depth'],
    [types.json, [{ op: 'add', path: '/x', value: nested(100_000) }], 400, 'exceeded max depth'],
    [
      types.json,
      [{ op: 'replace', path: '', value: [] }],
      422,
      'the server rejected our request due to an error in our request: the patch leaves no object',
    ],
  ]
  test.each(cases.map((row, index) => [index, ...row] as const))(
    'case %i: %s',
    (...[, type, body, code, message]) => {
      expect(() => applyPatch(resource, object, { type, body })).toThrow(
        expect.objectContaining({ code, message }),
      )
    },
  )
})
