import { requiredValue } from '../api/field-errors.ts'
import type { Scale } from '../api/generated/types.ts'
import { isJsonObject, type JsonObject } from '../api/json.ts'
import { checkConfig, typeText } from '../api/managed-fields/applied-config.ts'
import { applyConfig } from '../api/managed-fields/apply.ts'
import { emptySet } from '../api/managed-fields/field-set.ts'
import { objectType } from '../api/managed-fields/field-type.ts'
import {
  kubectlManager,
  lastAppliedFields,
  withLastApplied,
} from '../api/managed-fields/last-applied.ts'
import type { Managers } from '../api/managed-fields/managers.ts'
import type { KubeObject, ObjectKey } from '../api/object.ts'
import { checkDepth } from '../api/patch/patch-bounds.ts'
import { apiVersionOf, type Resource } from '../api/resource.ts'
import {
  badRequest,
  conflict,
  invalid,
  isStatusError,
  notFound,
  type StatusError,
} from '../api/status-error.ts'
import type { WriteOptions } from '../api/transport.ts'
import { versionOf } from '../api/versions/versions.ts'
import { timestamp } from '../base/clock.ts'
import type { GuardedOptions } from './auth/write-guard.ts'
import { createObject } from './create.ts'
import { bareObject, managerOf, modelOf, otherVersionOf, ownersOfAll } from './field-ownership.ts'
import type { RawPatch, Written } from './operations.ts'
import { type ReadBody, readBody } from './read-body.ts'
import type { ServerContext } from './server-context.ts'
import { storeKey } from './store-keys.ts'
import { rewrite } from './update.ts'
import { scales, type View, viewOf } from './views.ts'
import { checkName } from './written-metadata.ts'

/** The media type of server-side apply. */
export const applyPatchType = 'application/apply-patch+yaml'

/** How often an apply is tried again when others write at the same time. */
const retriesMax = 5

interface ApplyRequest {
  readonly resource: Resource
  readonly key: ObjectKey
  readonly patch: RawPatch
}

/**
 * PATCH by server-side apply (H-15): 200, or 201 with the object where there was none. Throws 422
 * without a field manager, 400 for a config that is none of this kind, 409 for conflicts.
 */
export async function applyObject(
  context: ServerContext,
  { resource, key, patch }: ApplyRequest,
  options: GuardedOptions,
): Promise<Written> {
  const view = viewOf(resource, options.subresource)
  const config = readConfig(view.resource, patch)
  const applying: Applying = { context, resource, key, view, config, options }
  for (let attempt = 0; ; attempt += 1) {
    const isThere = context.store.get(storeKey(resource, key)) !== undefined
    try {
      return isThere ? await applyToPresent(applying) : await applyToNothing(applying)
    } catch (error) {
      const isOvertaken = isStatusError(error, isThere ? 'NotFound' : 'AlreadyExists')
      if (!isOvertaken || options.subresource || attempt === retriesMax) throw error
    }
  }
}

/** Throws 422 for an apply that does not say who applies: unlike other writes, it has to. */
export function checkFieldManager({ fieldManager }: WriteOptions): void {
  if (!fieldManager) throw noFieldManager()
}

function noFieldManager(): StatusError {
  const why = requiredValue('fieldManager', 'is required for apply patch')
  return invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [why])
}

function readConfig(resource: Resource, { body }: RawPatch): JsonObject {
  checkDepth(body)
  if (!isJsonObject(body)) throw badRequest('error decoding YAML: the body is no object')
  if (body.apiVersion !== apiVersionOf(resource) || body.kind !== resource.kind) {
    throw badRequest(`invalid object type: ${typeText(body)}`)
  }
  if (isJsonObject(body.metadata) && body.metadata.managedFields != null) {
    throw badRequest('metadata.managedFields must be nil')
  }
  return checkConfig(modelOf(resource), body)
}

interface Applying extends Omit<ApplyRequest, 'patch'> {
  readonly context: ServerContext
  readonly view: View
  readonly config: JsonObject
  readonly options: GuardedOptions
}

/** Live object, owners and config in; what is to be stored, and who owns it, out. */
function merge(
  { context, resource, view, config, options }: Applying,
  live: JsonObject,
  managers: Managers,
): ReadBody & { readonly managers: Managers } {
  const time = timestamp(context.clock.now())
  const who = managerOf('Apply', resource, options)
  const type = objectType(modelOf(resource))
  const isKubectl = who.manager === kubectlManager
  const version = versionOf(resource)
  const { object, managers: owners } = applyConfig({
    type,
    live,
    config: view.resource === scales ? configOfScale(config) : config,
    managers,
    who,
    time,
    force: options.force === true,
    resets: view.resetFields,
    complete: (merged) => {
      const { object } = readBody(resource, { object: merged as unknown as KubeObject }, options)
      return version.show(version.store(object)) as unknown as JsonObject
    },
    otherVersion: otherVersionOf(resource),
    conceded: () => (isKubectl ? lastAppliedFields(type, live) : emptySet),
  })
  const final = isKubectl ? withLastApplied(object, config) : object
  return { object: final as unknown as KubeObject, warnings: [], managers: owners }
}

function applyToPresent(applying: Applying): Promise<Written> {
  const { context, resource, key, view, options } = applying
  const { subresource } = options
  const before = {
    who: managerOf('Update', resource, { fieldManager: 'before-first-apply' }),
    resets: emptySet,
    time: timestamp(context.clock.now()),
  }
  const { show } = versionOf(resource)
  const next = (_: KubeObject, stored: KubeObject) => {
    const present = show(stored)
    const managers = present.metadata.managedFields ?? ownersOfAll(present, before)
    const merged = merge(applying, present as unknown as JsonObject, managers)
    return view.resource === scales ? { ...merged, object: view.read(merged.object) } : merged
  }
  return rewrite(context, { resource, key, subresource, retriesMax, next }, options)
}

function applyToNothing(applying: Applying): Promise<Written> {
  const { context, resource, key, options } = applying
  if (options.subresource) throw notFound(resource, key.name)
  const merged = merge(applying, bareObject(modelOf(resource)), [])
  const { uid } = merged.object.metadata
  if (uid) {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`
    throw conflict(resource, key.name, why)
  }
  options.guard?.creation(resource, key)
  checkName(merged.object, key)
  const where = { namespace: key.namespace }
  const { object, managers } = merged
  return createObject(context, { resource, where, body: { object }, managers }, options)
}

/** Of a Scale, as a config of what it scales. */
function configOfScale(config: JsonObject): JsonObject {
  const { spec } = config as Partial<Pick<Scale, 'spec'>>
  return spec?.replicas === undefined ? {} : { spec: { replicas: spec.replicas } }
}
