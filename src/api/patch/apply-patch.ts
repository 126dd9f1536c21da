import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts'
import type { Resource } from '../resource.ts'
import { type ModelSchema, modelNameOf, modelSchema } from '../schema.ts'
import { badRequest, StatusError } from '../status-error.ts'
import { jsonPatch } from './json-patch.ts'
import { mergePatch } from './merge-patch.ts'
import { checkDepth, unprocessable } from './patch-bounds.ts'
import { strategicMergePatch } from './strategic-merge-patch.ts'

/** The media types of patches that are understood (H-12). */
export const patchTypes: readonly string[] = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
]

/**
 * The object after a patch; `object` itself when a merge patch changes nothing, and it is never
 * changed in place. The result still has to be decoded and validated: a patch may put anything
 * anywhere. Throws 415 for another media type, 400 for a malformed patch, 413 for an oversized one,
 * 422 for one that cannot be applied.
 */
export function applyPatch(
  resource: Pick<Resource, 'kind'>,
  object: JsonObject,
  patch: { readonly type: string; readonly body: JsonValue },
): JsonObject {
  const { type, body } = patch
  checkDepth(body)
  switch (type) {
    case 'application/json-patch+json':
      return objectOnly(jsonPatch(object, body))
    case 'application/merge-patch+json':
      return mergePatch(object, objectBody(body)) as JsonObject
    case 'application/strategic-merge-patch+json':
      return strategicMergePatch(object, objectBody(body), modelOf(resource, object))
    default:
      throw new StatusError(
        'UnsupportedMediaType',
        `the body of the request was in an unknown format - accepted media types include: ${patchTypes.join(', ')}`,
      )
  }
}

function modelOf({ kind }: Pick<Resource, 'kind'>, { apiVersion }: JsonObject): ModelSchema {
  return modelSchema(typeof apiVersion === 'string' ? modelNameOf(apiVersion, kind) : kind)
}

function objectBody(body: JsonValue): JsonObject {
  if (isJsonObject(body)) return body
  const found = Array.isArray(body) ? 'array' : body === null ? 'null' : typeof body
  throw badRequest(
    `error decoding patch: json: cannot unmarshal ${found} into Go value of type map[string]interface {}`,
  )
}

function objectOnly(result: JsonValue): JsonObject {
  checkDepth(result)
  if (isJsonObject(result)) return result
  throw unprocessable('the patch leaves no object')
}
