import { decodeValue } from '../api/decode.ts'
import { decodeModel } from '../api/decode-model.ts'
import type { ObjectMeta } from '../api/generated/types.ts'
import type { JsonObject, JsonValue } from '../api/json.ts'
import type { OtherVersion } from '../api/managed-fields/apply.ts'
import { compareObjects } from '../api/managed-fields/compare.ts'
import { createdFields } from '../api/managed-fields/created-fields.ts'
import { emptySet, type FieldSet, recursiveDifference } from '../api/managed-fields/field-set.ts'
import { objectType } from '../api/managed-fields/field-type.ts'
import {
  areSameManagers,
  type Manager,
  type Managers,
  managersOfBody,
  recordUpdate,
} from '../api/managed-fields/managers.ts'
import type { KubeObject } from '../api/object.ts'
import { jsonEqual } from '../api/patch/json-equal.ts'
import { apiVersionOf, type Resource } from '../api/resource.ts'
import { modelNameOf, modelSchema } from '../api/schema.ts'
import type { WriteOptions } from '../api/transport.ts'
import { type ServedVersion, versionNamed, versionOf } from '../api/versions/versions.ts'
import { timestamp } from '../base/clock.ts'
import type { Context } from '../base/context.ts'
import type { Caller } from './operations.ts'

/** Bytes of a manager's name. */
const managerBytesMax = 128
const plainName = /^[ -~]{1,128}$/

/**
 * The options with the name under which a write is recorded: upstream's rule where none is given.
 */
export function withManager(options: WriteOptions, { userAgent }: Caller): WriteOptions {
  if (options.fieldManager) return options
  const [name = ''] = userAgent.split('/')
  if (plainName.test(name)) return { ...options, fieldManager: name }
  const printable = name.replace(/\p{C}/gu, '')
  const fieldManager = Buffer.from(printable).subarray(0, managerBytesMax).toString('utf8')
  return { ...options, fieldManager: fieldManager || 'unknown' }
}

/** Who writes through these options. */
export function managerOf(
  operation: Manager['operation'],
  resource: Resource,
  { fieldManager = 'unknown', subresource }: WriteOptions,
): Manager {
  return { manager: fieldManager, operation, apiVersion: apiVersionOf(resource), subresource }
}

const bareObjects = new Map<string, JsonObject>()

/** An object of a model that says nothing: what a creation starts from. */
export function bareObject(modelName: string): JsonObject {
  const known = bareObjects.get(modelName)
  if (known) return known
  const bare = decodeModel(modelSchema(modelName), {}).value as JsonObject
  bareObjects.set(modelName, bare)
  return bare
}

export function modelOf(resource: Resource): string {
  return modelNameOf(apiVersionOf(resource), resource.kind)
}

/** The other versions of a resource, seen from the one that a write comes in. */
export function otherVersionOf(
  resource: Resource,
): (apiVersion: string | undefined) => OtherVersion | undefined {
  const mine = versionOf(resource)
  const converted = (from: ServedVersion, to: ServedVersion) => (object: JsonObject) =>
    to.bare.show(from.bare.store(object as unknown as KubeObject)) as unknown as JsonObject
  return (apiVersion = '') => {
    const other = apiVersion === apiVersionOf(resource) ? mine : versionNamed(resource, apiVersion)
    if (!other || other.resource === resource) return undefined
    const type = objectType(modelOf(other.resource))
    return { type, from: converted(mine, other), to: converted(other, mine) }
  }
}

interface Write {
  readonly resource: Resource
  readonly options: WriteOptions
}

/** The owners of a new object: its creator owns all that the body and its defaults set. */
export function managersAtCreation(
  { clock }: Pick<Context, 'clock'>,
  object: KubeObject,
  { resource, options, resets }: Write & { readonly resets: FieldSet },
): Managers {
  const who = managerOf('Update', resource, options)
  return ownersOfAll(object, { who, resets, time: timestamp(clock.now()) })
}

export function ownersOfAll(
  object: KubeObject,
  {
    who,
    resets,
    time,
  }: { readonly who: Manager; readonly resets: FieldSet; readonly time: string },
): Managers {
  const model = modelNameOf(object.apiVersion, object.kind)
  const created = createdFields(model, bareObject(model), object)
  const changes = { changed: recursiveDifference(created, resets), removed: emptySet }
  return recordUpdate([], changes, { who, time })
}

/**
 * The owners after an update that makes `object` of `old`, both as they are stored. An object whose
 * owners were reset stays without until the next apply, as upstream's. `given` is what the body
 * says of owners itself.
 */
export function managersAtUpdate(
  { clock }: Pick<Context, 'clock'>,
  [old, object]: readonly [KubeObject, KubeObject],
  { resource, options, given }: Write & { readonly given: unknown },
): Managers {
  const stored = old.metadata.managedFields ?? []
  const present = options.subresource === undefined ? managersSaid(given, stored) : stored
  if (present.length === 0) return present
  const who = managerOf('Update', resource, options)
  const changesOf = ({ resource, show }: ServedVersion) =>
    compareObjects(objectType(modelOf(resource)), show(old), show(object))
  const changesIn = (apiVersion = '') => {
    const version = apiVersion === who.apiVersion ? undefined : versionNamed(resource, apiVersion)
    return version && changesOf(version)
  }
  const changes = changesOf(versionOf(resource))
  return recordUpdate(present, changes, { who, time: timestamp(clock.now()), changesIn })
}

/** What the body says, unless that is what is stored. Throws 400 for what is no list of owners. */
function managersSaid(given: unknown, stored: Managers): Managers {
  if (given === undefined || given === stored) return stored
  if (jsonEqual(given as JsonValue, stored as unknown as JsonValue)) return stored
  const source = { value: { managedFields: given } }
  const { object } = decodeValue<ObjectMeta>('ObjectMeta', source, 'Ignore')
  return managersOfBody(object.managedFields, stored)
}

export function withManagers(object: KubeObject, managers: Managers): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata
  const owned = managers.length > 0 ? { managedFields: managers } : {}
  return { ...object, metadata: { ...metadata, ...owned } }
}

/** The object, with the times of its owners as they were if nothing else about them is new. */
export function withTimesOf(object: KubeObject, old: KubeObject): KubeObject {
  const managers = object.metadata.managedFields ?? []
  const before = old.metadata.managedFields ?? []
  if (managers === before || !areSameManagers(managers, before)) return object
  return withManagers(object, before)
}
