import fc from 'fast-check'
import { type Bodies, mutated } from './bodies.ts'
import type { Described, Operation } from './operations.ts'

export interface FuzzRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array
}

const json = 'application/json'

/** Names as a client may put them into a URL. */
const names = fc.oneof(
  { weight: 12, arbitrary: fc.constant('one') },
  { weight: 1, arbitrary: fc.constantFrom('..', '%2e%2e', '%2e%2e%2fetc', '%ff', '%', 'a%00b') },
  { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', 'x'.repeat(3000), 'a%2Fb') },
)
const spaces = fc.oneof(
  { weight: 12, arbitrary: fc.constant('default') },
  { weight: 1, arbitrary: names },
)

function pathOf({ path }: Operation): fc.Arbitrary<string> {
  return fc
    .tuple(spaces, names)
    .map(([namespace, name]) => path.replace('{namespace}', namespace).replace('{name}', name))
}

const odd = fc.oneof(
  fc.constantFrom('', '0', '-1', '1', 'true', 'All', 'x', '1e9', '99999999999999999999', 'a=b'),
  fc.constantFrom('a in (', '!', 'a,,b', 'metadata.name=one', '__proto__=1', 'Exact', '=', '\0'),
  fc.constantFrom('eyJydiI6MX0', Buffer.from('{"rv":-7,"start":""}').toString('base64url')),
  fc.string({ maxLength: 30 }),
)

/** Every parameter that the operation knows, with values that may mean nothing. */
function queryOf(operation: Operation): fc.Arbitrary<string> {
  const known = ['pretty', 'includeObject', 'timeout', ...operation.query]
  return fc
    .array(fc.tuple(fc.constantFrom(...known), odd), { maxLength: 4 })
    .map((pairs) => String(new URLSearchParams(pairs)))
}

/** Stands for lists inside each other, too many for `JSON.stringify`. */
const nested = (depth: number) => `@nested ${depth}@`

function bytesOf(value: unknown): Buffer {
  const text = JSON.stringify(value) ?? ''
  const deep = (_: string, depth: string) => '['.repeat(Number(depth)) + ']'.repeat(Number(depth))
  return Buffer.from(text.replace(/"@nested (\d+)@"/g, deep))
}

const isWriting = ({ body }: Operation) => body !== undefined

const jsonPatchType = 'application/json-patch+json'
const mergeTypes = [
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
]

/** What fits a body that is an object. */
function typeFor({ method }: Operation): fc.Arbitrary<string> {
  return method === 'PATCH' ? fc.constantFrom(...mergeTypes) : fc.constant(json)
}

/** A request of the operation with this body. */
function writing(operation: Operation, body: fc.Arbitrary<Uint8Array>): fc.Arbitrary<FuzzRequest> {
  return fc.record({
    method: fc.constant(operation.method),
    path: pathOf(operation).map((path) => `${path}?fieldManager=fuzz`),
    headers: typeFor(operation).map((type) => ({ 'content-type': type })),
    body,
  })
}

const aliases = `a: &a [x,x,x,x,x,x,x,x,x]
b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]
c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]
d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]
e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]
f: [*e,*e,*e,*e,*e,*e,*e,*e,*e]
`

function brokenText(value: unknown): fc.Arbitrary<Uint8Array> {
  const text = bytesOf(value)
  const at = fc.nat({ max: text.length })
  const noise = fc.uint8Array({ minLength: 1, maxLength: 4 })
  return fc.oneof(
    at.map((end) => text.subarray(0, end)),
    fc
      .tuple(at, noise)
      .map(([index, bytes]) =>
        Buffer.concat([text.subarray(0, index), bytes, text.subarray(index)]),
      ),
    fc.uint8Array({ maxLength: 200 }),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.concat([Buffer.from('k8s\0'), bytes])),
    fc
      .constantFrom('', 'null', '[]', '0', '"x"', '{}', '[{}]', '\ufeff{}', aliases, '---\n---\n')
      .map((odd) => Buffer.from(odd)),
  )
}

const bodyTypes = [json, 'application/yaml', 'application/vnd.kubernetes.protobuf']

const wrong = fc
  .constantFrom<unknown>(null, true, 0, -1.5, 1e300, '', 'x', [], {}, [[]], [null], { x: {} })
  .map((value) => () => value)

const hostileKeys = ['__proto__', 'constructor', 'prototype', 'toString', '', '\0', '$patch', '.']
const hostileValues = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom<unknown>({ polluted: true }, ['polluted'], 'polluted') },
  { weight: 2, arbitrary: fc.constantFrom(200, 5000, 100_000).map(nested) },
  { weight: 1, arbitrary: fc.constant('x'.repeat(1_000_000)) },
)
const hostile = fc
  .tuple(fc.oneof(fc.constantFrom(...hostileKeys), fc.constant('k'.repeat(70_000))), hostileValues)
  .map(([key, value]) => (old: unknown) => {
    const members = typeof old === 'object' && old !== null && !Array.isArray(old) ? old : {}
    return Object.fromEntries([...Object.entries(members), [key, value]])
  })

const pointers = fc
  .array(fc.constantFrom('', 'metadata', 'spec', 'labels', '0', '-', '~1', '~', '__proto__'), {
    maxLength: 4,
  })
  .map((parts) => parts.map((part) => `/${part}`).join(''))
const jsonPatch = fc.array(
  fc.record(
    {
      op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'burn'),
      path: pointers,
      from: pointers,
      value: fc.jsonValue({ maxDepth: 2 }),
    },
    { requiredKeys: ['op'] },
  ),
  { maxLength: 4 },
)
const directive = fc
  .tuple(
    fc.constantFrom(
      '$patch',
      '$retainKeys',
      '$setElementOrder/containers',
      '$deleteFromPrimitiveList/finalizers',
    ),
    fc.constantFrom<unknown>('delete', 'replace', 'merge', 'x', [], ['name'], [{ name: 'a' }], 1),
  )
  .map(([key, value]) => (old: unknown) => {
    const members = typeof old === 'object' && old !== null && !Array.isArray(old) ? old : {}
    return { ...members, [key]: value }
  })

const types = fc.oneof(
  fc.constantFrom(
    '',
    'text/plain',
    'application/xml',
    'application/json; charset=utf-16',
    ';',
    ',',
  ),
  fc.constantFrom('application/cbor', 'multipart/form-data', '*/*', 'x'.repeat(2000), ...bodyTypes),
  fc.constantFrom('application/json;as=Table;v=v9;g=meta.k8s.io', 'application/json;as=__proto__'),
  fc.string({ unit: 'grapheme-ascii', maxLength: 20 }).map((text) => text.trim()),
)

const segments = fc.constantFrom(
  ...[
    'api',
    'apis',
    'v1',
    'apps',
    'namespaces',
    'default',
    'pods',
    'watch',
    'one',
    'log',
    'status',
  ],
  ...[
    '..',
    '.',
    '',
    '%2e%2e',
    '%00',
    '%zz',
    '__proto__',
    'openapi',
    'v3',
    'astern',
    'x'.repeat(5000),
  ],
)
const methods = fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'BREW')

/** Requests by what is wrong with them. */
export function requestSorts(
  { operations }: Described,
  bodies: Bodies,
): Readonly<Record<string, fc.Arbitrary<FuzzRequest>>> {
  const writes = fc.constantFrom(...operations.filter(isWriting))
  const patches = fc.constantFrom(...operations.filter(({ method }) => method === 'PATCH'))
  const any = fc.constantFrom(...operations)
  const withBody = (make: (value: unknown) => fc.Arbitrary<unknown>) =>
    writes.chain((operation) => writing(operation, bodies.of(operation).chain(make).map(bytesOf)))
  return {
    'malformed bodies': writes.chain((operation) => {
      const request = writing(operation, bodies.of(operation).chain(brokenText))
      if (operation.method === 'PATCH') return request
      return fc
        .tuple(request, fc.constantFrom(...bodyTypes))
        .map(([made, type]) => ({ ...made, headers: { 'content-type': type } }))
    }),
    'wrong types': withBody((value) => mutated(value, wrong)),
    'hostile keys': withBody((value) => mutated(value, hostile)),
    'wrong content types': writes.chain((operation) =>
      fc
        .record({
          request: writing(operation, bodies.of(operation).map(bytesOf)),
          type: types,
          accept: types,
          encoding: fc.constantFrom('', 'gzip', 'br', 'identity', 'x'),
        })
        .map(({ request, type, accept, encoding }) => ({
          ...request,
          headers: {
            'content-type': type,
            accept,
            ...(encoding && { 'content-encoding': encoding }),
          },
        })),
    ),
    'odd queries': any.chain((operation) =>
      fc
        .tuple(pathOf(operation), queryOf(operation), typeFor(operation), bodies.of(operation))
        .map(([path, query, type, body]): FuzzRequest => {
          const request = { method: operation.method, path: `${path}?${query}`, headers: {} }
          if (!isWriting(operation)) return request
          return { ...request, headers: { 'content-type': type }, body: bytesOf(body) }
        }),
    ),
    'odd paths': fc
      .tuple(methods, fc.array(segments, { maxLength: 8 }), odd)
      .map(([method, parts, query]) => ({
        method,
        path: `/${parts.join('/')}?${new URLSearchParams({ limit: query })}`,
        headers: {},
      })),
    'odd patches': patches.chain((operation) => {
      const merge = bodies.of(operation).chain((value) => mutated(value, directive))
      const steps = writing(operation, jsonPatch.map(bytesOf))
      const headers = { 'content-type': jsonPatchType }
      return fc.oneof(
        writing(operation, merge.map(bytesOf)),
        steps.map((request) => ({ ...request, headers })),
      )
    }),
  }
}
