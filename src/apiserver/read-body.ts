import { decodeObject, type Source } from '../api/decode.ts'
import { applyDefaults } from '../api/defaults/apply-defaults.ts'
import { isJsonObject } from '../api/json.ts'
import type { KubeObject } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'
import { StatusError } from '../api/status-error.ts'
import type { WriteOptions } from '../api/transport.ts'
import type { Body } from './operations.ts'

export interface ReadBody {
  readonly object: KubeObject
  /** Unknown fields, under `fieldValidation` Warn (H-20). */
  readonly warnings: readonly string[]
  /**
   * `metadata.managedFields` as the body says it, decoded only in a text: most writes send back
   * what is stored, and nothing of it needs to be looked at.
   */
  readonly given?: unknown
}

const jsonType = 'application/json'

function sourceOf(body: Body, { known }: Reading): Source {
  if ('object' in body) return { value: body.object, known }
  const [mediaType = ''] = body.contentType.split(';')
  if (mediaType === '' || mediaType.trim().toLowerCase() === jsonType) return { text: body.text }
  const text = `the body of the request was in an unknown format - accepted media types include: ${jsonType}`
  throw new StatusError('UnsupportedMediaType', text)
}

/** What a body may have been made of: a stored object of the same type. */
interface Reading extends WriteOptions {
  readonly known?: KubeObject | undefined
}

/**
 * A body as an object of the resource's type, with defaults; parts that it shares with a known
 * object are not read again. Throws 400, 415.
 */
export function readBody(resource: Resource, body: Body, options: Reading): ReadBody {
  const validation = options.fieldValidation ?? 'Warn'
  const [source, given] = withoutOwners(sourceOf(body, options))
  const { object, warnings } = decodeObject(resource, source, validation)
  const owners = given ?? object.metadata.managedFields
  return { object: applyDefaults(resource, object), warnings, given: owners }
}

function withoutOwners(source: Source): readonly [Source, unknown] {
  if ('text' in source) return [source, undefined]
  const { metadata } = source.value as Partial<KubeObject>
  if (!isJsonObject(metadata) || metadata.managedFields === undefined) return [source, undefined]
  const { managedFields, ...rest } = metadata
  return [{ ...source, value: { ...(source.value as KubeObject), metadata: rest } }, managedFields]
}
