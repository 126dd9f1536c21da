import type { ObjectMeta } from '../api/generated/types.ts'
import type { Managers } from '../api/managed-fields/managers.ts'
import type { KubeObject } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'
import { alreadyExists, badRequest, isStatusError, StatusError } from '../api/status-error.ts'
import type { Collection } from '../api/transport.ts'
import { validateCreate, warningsForNew } from '../api/validation/validate.ts'
import { versionOf } from '../api/versions/versions.ts'
import { RevisionMismatch } from '../store/store.ts'
import { admitCreate, allocate } from './admission/admit.ts'
import type { GuardedOptions } from './auth/write-guard.ts'
import { encode, encodedEntry, valueAt } from './encode.ts'
import { managersAtCreation, withManagers } from './field-ownership.ts'
import type { Body, Encoded, Written } from './operations.ts'
import { readBody } from './read-body.ts'
import { refuseIfInvalid } from './refuse-if-invalid.ts'
import { strategyOf } from './registry/strategies.ts'
import type { ServerContext } from './server-context.ts'
import { showObject } from './shown-version.ts'
import { storeKey } from './store-keys.ts'
import { metadataAtCreation, placeInNamespace } from './written-metadata.ts'

/** V-12: how often another name is tried when a generated one is taken. */
const nameAttemptsMax = 8
/** C-04: a generated name has 63 characters at most, five of them the suffix. */
const generatedBaseMax = 58

interface CreateRequest {
  readonly resource: Resource
  readonly where: Collection
  readonly body: Body
  /** Who owns which of its fields, if that is settled already. */
  readonly managers?: Managers
}

/** POST of a whole object: 201 with what was stored (H-24). */
export async function createObject(
  context: ServerContext,
  { resource, where, body, managers }: CreateRequest,
  options: GuardedOptions,
): Promise<Written> {
  const strategy = strategyOf(resource)
  const read = readBody(resource, body, options)
  if (read.object.metadata.resourceVersion) {
    throw badRequest('resourceVersion should not be set on objects to be created')
  }
  const placed = placeInNamespace(resource, read.object, where)
  const metadata = metadataAtCreation(context, placed.metadata)
  const generation = strategy.raisesGeneration ? { generation: 1 } : {}
  const resets = strategy.resetFields.main
  const owners = managers ?? managersAtCreation(context, placed, { resource, options, resets })
  const born = withManagers({ ...placed, metadata: { ...metadata, ...generation } }, owners)
  const version = versionOf(resource)
  const object = version.store(born)
  const insertion = { resource: version.stored, object, warnings: read.warnings }
  if (born.metadata.name || !born.metadata.generateName) {
    return showObject(version, await insert(context, insertion, options))
  }
  return showObject(version, await insertGenerated(context, insertion, options))
}

interface Insertion {
  readonly resource: Resource
  readonly object: KubeObject
  readonly warnings: readonly string[]
}

async function insertGenerated(
  context: ServerContext,
  insertion: Insertion,
  options: GuardedOptions,
): Promise<Written> {
  for (let attempt = 1; ; attempt += 1) {
    const metadata = withGeneratedName(context, insertion.object.metadata)
    const named = { ...insertion, object: { ...insertion.object, metadata } }
    try {
      return await insert(context, named, options)
    } catch (error) {
      if (!isStatusError(error, 'AlreadyExists')) throw error
      if (attempt === nameAttemptsMax) throw noUniqueName(error)
    }
  }
}

function withGeneratedName(context: ServerContext, metadata: ObjectMeta): ObjectMeta {
  const base = (metadata.generateName ?? '').slice(0, generatedBaseMax)
  return { ...metadata, name: `${base}${context.ids.suffix()}` }
}

function noUniqueName({ message, details }: StatusError): StatusError {
  const text = `${message}, the server was not able to generate a unique name for the object`
  return new StatusError('AlreadyExists', text, { ...details, retryAfterSeconds: 1 })
}

async function insert(
  context: ServerContext,
  { resource, object, warnings }: Insertion,
  options: GuardedOptions,
): Promise<Written> {
  const admitted = admitCreate(context, resource, object)
  const prepared = strategyOf(resource).prepareForCreate(admitted)
  refuseIfInvalid(resource, prepared, validateCreate(resource, prepared))
  options.guard?.content(resource, prepared)
  const allocated = allocate(context, { resource, object: prepared })
  try {
    const stored = await put(context, { resource, object: allocated.object }, options)
    return { ...stored, code: 201, warnings: [...warnings, ...warningsForNew(resource, prepared)] }
  } finally {
    allocated.release()
  }
}

async function put(
  { store }: ServerContext,
  { resource, object }: Pick<Insertion, 'resource' | 'object'>,
  options: GuardedOptions,
): Promise<Encoded> {
  const { namespace, name = '' } = object.metadata
  const key = storeKey(resource, { namespace, name })
  if (options.dryRun) {
    if (store.get(key)) throw alreadyExists(resource, name)
    return encode(object)
  }
  try {
    return encodedEntry(await store.put(key, 0, (revision) => valueAt(revision, object)))
  } catch (error) {
    if (error instanceof RevisionMismatch) throw alreadyExists(resource, name)
    throw error
  }
}
