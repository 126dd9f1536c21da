import { type JsonObject, type JsonValue, parseJson } from '../../../api/json.ts'
import {
  type FieldSchema,
  type ModelSchema,
  modelNameOf,
  modelSchema,
  type Scalar,
} from '../../../api/schema.ts'
import { badRequest } from '../../../api/status-error.ts'
import { microTimestamp, timestamp } from '../../../base/clock.ts'
import { fieldsOfMessage } from './field-numbers.ts'
import { bytesOf, fieldsIn, integerIn, malformed, type RawValue, textOf } from './reader.ts'

export const protobufType = 'application/vnd.kubernetes.protobuf'

const magic = Buffer.from('k8s\0')

/** Members of `runtime.Unknown`, the envelope of every body. */
const envelope = { typeMeta: 1, raw: 2, contentEncoding: 3 }

/**
 * A request body in Kubernetes' protobuf encoding as the JSON object it stands for. kubectl writes
 * this form for what it makes by itself (`create configmap`, `create deployment`, ...), without
 * asking whether the server reads it. Zero values that Go's JSON would leave out are left out.
 * Throws BadRequest.
 */
export function decodeProtobuf(body: Buffer): JsonObject {
  if (!body.subarray(0, magic.length).equals(magic)) throw malformed('it lacks the prefix k8s')
  const members = new Map<number, RawValue>()
  for (const { number, value } of fieldsIn(body.subarray(magic.length))) members.set(number, value)
  if (members.get(envelope.contentEncoding)?.toString()) throw malformed('its content is encoded')
  const { apiVersion, kind } = typeOf(bytesOf(members.get(envelope.typeMeta) ?? Buffer.alloc(0)))
  if (!fieldsOfMessage(kind)) {
    throw badRequest(`no kind ${JSON.stringify(kind)} is registered for version "${apiVersion}"`)
  }
  const raw = bytesOf(members.get(envelope.raw) ?? Buffer.alloc(0))
  return { apiVersion, kind, ...decodeMessage(raw, modelSchema(modelNameOf(apiVersion, kind))) }
}

function typeOf(typeMeta: Buffer): { apiVersion: string; kind: string } {
  const texts = new Map<number, string>()
  for (const { number, value } of fieldsIn(typeMeta)) texts.set(number, textOf(value))
  return { apiVersion: texts.get(1) ?? '', kind: texts.get(2) ?? '' }
}

type Members = Record<string, JsonValue>

function decodeMessage(message: Buffer, model: ModelSchema): JsonObject {
  const members: Members = {}
  decodeInto(members, message, { model, name: model.name })
  return members
}

/**
 * `name` is the message's; it differs from the model's where the model has the message's fields
 * as its own.
 */
function decodeInto(
  members: Members,
  message: Buffer,
  { model, name }: { readonly model: ModelSchema; readonly name: string },
): void {
  const numbered = fieldsOfMessage(name)
  for (const { number, value } of fieldsIn(message)) {
    const known = numbered?.get(number)
    if (known?.isInlined) decodeInto(members, bytesOf(value), { model, name: known.name })
    // What is not known is newer than we are, and dropped as upstream drops it.
    const field = known && !known.isInlined ? model.fields.get(known.name) : undefined
    if (field) addField(members, field, value)
  }
}

function addField(members: Members, field: FieldSchema, value: RawValue): void {
  const { name, shape } = field
  if (shape === 'list') {
    members[name] = [
      ...((members[name] as readonly JsonValue[]) ?? []),
      decodeElement(field, value),
    ]
  } else if (shape === 'one') {
    const element = decodeElement(field, value)
    if (!isOmitted(field, element)) members[name] = element
  } else {
    const { key, element } = decodeEntry(field, bytesOf(value))
    members[name] = { ...(members[name] as JsonObject | undefined), [key]: element }
  }
}

function decodeEntry(field: FieldSchema, entry: Buffer): { key: string; element: JsonValue } {
  if (field.shape === 'map-of-lists') throw malformed(`${field.name} cannot be read`)
  const parts = new Map<number, RawValue>()
  for (const { number, value } of fieldsIn(entry)) parts.set(number, value)
  const key = textOf(parts.get(1) ?? Buffer.alloc(0))
  return { key, element: decodeElement(field, parts.get(2) ?? Buffer.alloc(0)) }
}

function decodeElement({ element }: FieldSchema, value: RawValue): JsonValue {
  if (typeof element !== 'string') return decodeMessage(bytesOf(value), element)
  return scalars[element](value)
}

/** As Go's `omitempty`: zero values, unless they are behind a pointer and so were meant. */
function isOmitted({ isPointer, isAlwaysWritten }: FieldSchema, value: JsonValue): boolean {
  if (value === null) return true
  if (isPointer || isAlwaysWritten) return false
  if (typeof value === 'object') return Object.keys(value).length === 0
  return value === '' || value === 0 || value === false
}

const numbersIn = (value: RawValue) =>
  new Map([...fieldsIn(bytesOf(value))].map((field) => [field.number, field.value]))

/** `{seconds, nanos}`; an empty message is the zero time. */
function timeIn(value: RawValue, format: (epochMs: number) => string): JsonValue {
  const parts = numbersIn(value)
  const seconds = parts.get(1)
  if (seconds === undefined) return null
  const nanos = parts.get(2) ?? 0n
  return format(Number(integerIn(seconds)) * 1000 + Number(integerIn(nanos)) / 1_000_000)
}

/** `{type, intVal, strVal}`, where type 1 is a string. */
function intOrStringIn(value: RawValue): JsonValue {
  const parts = numbersIn(value)
  return parts.get(1) === 1n
    ? textOf(parts.get(3) ?? Buffer.alloc(0))
    : integerIn(parts.get(2) ?? 0n)
}

/** JSON in a message with nothing else. */
function embeddedJson(value: RawValue): JsonValue {
  const text = textOf(numbersIn(value).get(1) ?? Buffer.alloc(0))
  try {
    return text === '' ? null : parseJson(text)
  } catch {
    throw malformed('a member that should hold JSON does not')
  }
}

const scalars: Readonly<Record<Scalar, (value: RawValue) => JsonValue>> = {
  string: textOf,
  int32: integerIn,
  int64: integerIn,
  double: (value) => bytesOf(value).readDoubleLE(),
  boolean: (value) => value === 1n,
  'date-time': (value) => timeIn(value, timestamp),
  'micro-time': (value) => timeIn(value, microTimestamp),
  bytes: (value) => bytesOf(value).toString('base64'),
  'int-or-string': intOrStringIn,
  quantity: (value) => textOf(numbersIn(value).get(1) ?? Buffer.alloc(0)),
  any: embeddedJson,
}
