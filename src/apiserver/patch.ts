import type { JsonObject } from '../api/json.ts'
import type { KubeObject, ObjectKey } from '../api/object.ts'
import { applyPatch } from '../api/patch/apply-patch.ts'
import type { Resource } from '../api/resource.ts'
import { applyObject, applyPatchType } from './apply.ts'
import type { GuardedOptions } from './auth/write-guard.ts'
import type { RawPatch, Written } from './operations.ts'
import { readBody } from './read-body.ts'
import type { ServerContext } from './server-context.ts'
import { rewrite } from './update.ts'
import { viewOf } from './views.ts'

/** H-06: how often a patch that names no resourceVersion is tried again. */
const retriesMax = 5

interface PatchRequest {
  readonly resource: Resource
  readonly key: ObjectKey
  readonly patch: RawPatch
}

/** PATCH of an object or a subresource (H-12). Throws 415 for a type that is not served. */
export async function patchObject(
  context: ServerContext,
  { resource, key, patch }: PatchRequest,
  options: GuardedOptions,
): Promise<Written> {
  if (patch.type === applyPatchType) {
    return applyObject(context, { resource, key, patch }, options)
  }
  const { subresource } = options
  const view = viewOf(resource, subresource)
  let before: KubeObject | undefined
  const next = (present: KubeObject) => {
    before = present
    const patched: unknown = applyPatch(view.resource, present as unknown as JsonObject, patch)
    const known = view.resource === resource ? present : undefined
    return readBody(view.resource, { object: patched as KubeObject }, { ...options, known })
  }
  const written = await rewrite(context, { resource, key, subresource, retriesMax, next }, options)
  if (!before || !context.adviseOnPatch) return written
  const advice = context.adviseOnPatch({ patch, before, after: written.object })
  return { ...written, warnings: [...written.warnings, ...advice] }
}
