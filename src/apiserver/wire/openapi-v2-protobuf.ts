import type { JsonValue } from '../../api/json.ts'

/** By what name clients ask for it, and by what name it is answered: upstream's two spellings. */
export const openApiV2ProtobufTypes = {
  asked: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
  answered: 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
} as const

/** A varint: seven bits a byte, the lowest first. */
function varint(value: number): Buffer {
  const bytes: number[] = []
  let left = value
  for (; left > 127; left = Math.floor(left / 128)) bytes.push((left % 128) | 128)
  return Buffer.from([...bytes, left])
}

type Fields = readonly Buffer[]

/** A string or a message as the field of another; nothing where there is none. */
function field(number: number, content: string | Fields | undefined): Fields {
  if (content === undefined) return []
  const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.concat(content)
  return [varint(number * 8 + 2), varint(bytes.length), bytes]
}

function flag(number: number, value: boolean | undefined): Fields {
  return value === true ? [varint(number * 8), varint(1)] : []
}

function repeated<T>(
  number: number,
  items: readonly T[] | undefined,
  encode: (item: T) => string | Fields,
): Fields {
  return (items ?? []).flatMap((item) => field(number, encode(item)))
}

const same = (text: string) => text

/** A map, in gnostic's words: pairs of a name (1) and a value (2). */
function pairs<T>(
  number: number,
  map: Readonly<Record<string, T>> | undefined,
  encode: (value: T) => Fields,
): Fields {
  return repeated(number, Object.entries(map ?? {}), ([name, value]) => [
    ...field(1, name),
    ...field(2, encode(value)),
  ])
}

/** What begins with `x-` travels as YAML, and JSON is some. */
function extensions(number: number, object: object): Fields {
  const named = Object.entries(object).filter(([name]) => name.startsWith('x-'))
  return pairs(number, Object.fromEntries(named), (value) => field(2, JSON.stringify(value)))
}

interface Schema {
  readonly $ref?: string
  readonly type?: string
  readonly format?: string
  readonly description?: string
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly additionalProperties?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
}

function schema(of: Schema): Fields {
  const { additionalProperties, items, properties, type } = of
  return [
    ...field(1, of.$ref),
    ...field(2, of.format),
    ...field(4, of.description),
    ...repeated(19, of.required, same),
    ...field(21, additionalProperties && field(1, schema(additionalProperties))),
    ...field(22, type === undefined ? undefined : field(1, type)),
    ...field(23, items && field(1, schema(items))),
    ...field(25, properties && pairs(1, properties, schema)),
    ...extensions(31, of),
  ]
}

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'body'
  readonly required?: boolean
  readonly type?: string
  readonly schema?: Schema
}

/** Where a parameter is decides which message it is, and where its type stands. */
function parameter(of: Parameter): Fields {
  if (of.schema) {
    const place = [...field(2, of.name), ...field(3, of.in)]
    return field(1, field(1, [...place, ...flag(4, of.required), ...field(5, schema(of.schema))]))
  }
  const isQuery = of.in === 'query'
  const place = [...flag(1, of.required), ...field(2, of.in), ...field(4, of.name)]
  const other = [...place, ...field(isQuery ? 6 : 5, of.type)]
  return field(1, field(2, field(isQuery ? 3 : 4, other)))
}

interface Response {
  readonly description: string
  readonly schema?: Schema
}

function response({ description, schema: body }: Response): Fields {
  return field(1, [...field(1, description), ...field(2, body && field(1, schema(body)))])
}

interface Operation {
  readonly operationId: string
  readonly produces: readonly string[]
  readonly consumes: readonly string[]
  readonly parameters: readonly Parameter[]
  readonly responses: Readonly<Record<string, Response>>
}

function operation(of: Operation): Fields {
  return [
    ...field(5, of.operationId),
    ...repeated(6, of.produces, same),
    ...repeated(7, of.consumes, same),
    ...repeated(8, of.parameters, parameter),
    ...field(9, pairs(1, of.responses, response)),
    ...extensions(13, of),
  ]
}

const methods: Readonly<Record<string, number>> = { get: 2, put: 3, post: 4, delete: 5, patch: 8 }

type PathItem = Readonly<Record<string, Operation>>

function pathItem(operations: PathItem): Fields {
  return Object.entries(operations).flatMap(([method, of]) =>
    field(methods[method] as number, operation(of)),
  )
}

interface Document {
  readonly swagger: string
  readonly info: { readonly title: string; readonly version: string }
  readonly paths: Readonly<Record<string, PathItem>>
  readonly definitions: Readonly<Record<string, Schema>>
}

/**
 * An OpenAPI v2 document in the form in which kubectl asks for it: gnostic's `openapi.v2.Document`
 * (`OpenAPIv2.proto`, whose field numbers these are).
 */
export function openApiV2Protobuf(document: JsonValue): Buffer {
  const { swagger, info, paths, definitions } = document as unknown as Document
  return Buffer.concat([
    ...field(1, swagger),
    ...field(2, [...field(1, info.title), ...field(2, info.version)]),
    ...field(8, pairs(2, paths, pathItem)),
    ...field(9, pairs(1, definitions, schema)),
  ])
}
