import { type DecodedModel, decodeModel, ModelError } from './decode-model.ts'
import { describeJson } from './decode-scalar.ts'
import { fieldFindings } from './field-findings.ts'
import { isJsonObject, type JsonObject, type JsonValue, parseJson, stringifyJson } from './json.ts'
import type { KubeObject } from './object.ts'
import { apiVersionOf, type Resource } from './resource.ts'
import { type ModelSchema, modelNameOf, modelSchema } from './schema.ts'
import { resourceOfKind } from './scheme.ts'
import { badRequest, type StatusError } from './status-error.ts'

/** What becomes of unknown and duplicate fields: refused, reported, or silently dropped (H-20). */
export type FieldValidation = 'Strict' | 'Warn' | 'Ignore'

/**
 * A body as it came, or a value that has been parsed (or built) already; made of `known`, maybe, an
 * object in canonical form, whose parts need not be decoded again.
 */
export type Source =
  | { readonly text: string }
  | { readonly value: unknown; readonly known?: KubeObject | undefined }

export interface Decoded<T> {
  /** Frozen throughout; shares nothing with the source but what is known of it. */
  readonly object: T
  /** Texts for `Warning` headers; empty unless the validation is `Warn`. */
  readonly warnings: readonly string[]
}

/** What is being decoded: a served resource, or a kind that has none, as Scale. */
export type Target<T extends KubeObject = KubeObject> = Pick<
  Resource<T>,
  'group' | 'version' | 'kind' | 'objectType'
>

interface Identity {
  readonly apiVersion: string
  readonly kind: string
}

/** Makes the error for a body that is wrong for this reason. */
type Rejection = (why: string) => StatusError

/** The start of a body, for people who look for what they sent. */
function summary(text: string): string {
  if (text === '') return '<empty>'
  return text.length > 30 ? `${text.slice(0, 30)} ...` : text
}

function unrecognized(kind: string, source: Source, why: string): StatusError {
  const text = 'text' in source ? source.text : stringifyJson(source.value)
  const message = `the object provided is unrecognized (must be of type ${kind}): ${why}`
  return badRequest(`${message} (${summary(text ?? '')})`)
}

function cannotBeHandled({ apiVersion, kind }: Identity, as: string, why: string): StatusError {
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1)
  return badRequest(`${kind} in version "${version}" cannot be handled as a ${as}: ${why}`)
}

function readJson(kind: string, source: Source): JsonObject {
  let value: JsonValue
  try {
    value = 'text' in source ? parseJson(source.text) : (source.value as JsonValue)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw unrecognized(kind, source, `couldn't get version/kind; json parse error: ${why}`)
  }
  if (isJsonObject(value)) return value
  throw unrecognized(kind, source, "couldn't get version/kind; the body is no JSON object")
}

/** apiVersion or kind of a body; undefined when it is absent or empty. */
function identityField(
  body: JsonObject,
  name: keyof Identity,
  reject: Rejection,
): string | undefined {
  const value = body[name] ?? ''
  if (typeof value === 'string') return value === '' ? undefined : value
  const mismatch = `cannot unmarshal ${describeJson(value)} into Go struct field .${name}`
  const why = `couldn't get version/kind; json parse error: json: ${mismatch} of type string`
  throw reject(why)
}

/** The internal type that upstream names in conversion errors: `apps.Deployment`, `core.Pod`. */
function internalType({ group, kind }: Target): string {
  return `${group === '' ? 'core' : group.split('.')[0]}.${kind}`
}

function checkIdentity(target: Target, given: Identity): void {
  const expected = apiVersionOf(target)
  if (given.apiVersion === expected && given.kind === target.kind) return
  const { apiVersion, kind } = given
  const isOtherVersion = apiVersion.startsWith(`${target.group}/`) && target.group !== ''
  if (kind === target.kind && isOtherVersion) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`,
    )
  }
  const why = resourceOfKind(apiVersion, kind)
    ? `converting (v1.${kind}) to (${internalType(target)}): unknown conversion`
    : `no kind "${kind}" is registered for version "${apiVersion}"`
  throw cannotBeHandled(given, target.kind, why)
}

/** Unknown and duplicate fields; a parsed value has no duplicates. */
function findings(schema: ModelSchema, source: Source, hasUnknown: boolean): readonly string[] {
  if ('text' in source) return fieldFindings(schema, source.text)
  return hasUnknown ? fieldFindings(schema, stringifyJson(source.value)) : []
}

interface Request {
  readonly schema: ModelSchema
  readonly source: Source
  readonly body: JsonObject
  readonly fieldValidation: FieldValidation
  readonly refuse: Rejection
}

function decodeChecked({ schema, source, body, refuse }: Request): DecodedModel {
  try {
    return decodeModel(schema, body, 'known' in source ? source.known : undefined)
  } catch (error) {
    throw error instanceof ModelError ? refuse(error.message) : error
  }
}

function decode<T>(request: Request): Decoded<T> {
  const { schema, source, fieldValidation, refuse } = request
  const { value, hasUnknown } = decodeChecked(request)
  const found = fieldValidation === 'Ignore' ? [] : findings(schema, source, hasUnknown)
  if (found.length > 0 && fieldValidation === 'Strict') {
    throw refuse(`strict decoding error: ${found.join(', ')}`)
  }
  return { object: value as T, warnings: found }
}

/**
 * Decodes an object of `target` (A-25, A-26, H-20) into canonical form (see `decodeModel`); absent
 * apiVersion and kind are the target's. Rejects with a 400 StatusError in upstream's words: broken
 * JSON, another kind, a wrong type, and under `Strict` unknown and duplicate fields.
 */
export function decodeObject<T extends KubeObject>(
  target: Target<T>,
  source: Source,
  fieldValidation: FieldValidation,
): Decoded<T> {
  const given = readJson(target.kind, source)
  const reject: Rejection = (why) => unrecognized(target.kind, source, why)
  const identity = {
    apiVersion: identityField(given, 'apiVersion', reject) ?? apiVersionOf(target),
    kind: identityField(given, 'kind', reject) ?? target.kind,
  }
  checkIdentity(target, identity)
  return decode<T>({
    schema: modelSchema(modelNameOf(apiVersionOf(target), target.kind)),
    source,
    body: { ...given, ...identity },
    fieldValidation,
    refuse: (why) => cannotBeHandled(identity, target.kind, why),
  })
}

/**
 * Decodes a value of a model that need not say what it is, or that every API group has a version
 * of (DeleteOptions); apiVersion and kind are neither checked nor filled in. Otherwise as
 * `decodeObject`.
 */
export function decodeValue<T>(
  modelName: string,
  source: Source,
  fieldValidation: FieldValidation,
): Decoded<T> {
  const identity = { apiVersion: 'v1', kind: modelName }
  return decode<T>({
    schema: modelSchema(modelName),
    source,
    body: readJson(modelName, source),
    fieldValidation,
    refuse: (why) => cannotBeHandled(identity, modelName, why),
  })
}
