import type { JsonObject, JsonValue } from '../api/json.ts'
import { compareObjects } from '../api/managed-fields/compare.ts'
import { difference, isEmptySet, union } from '../api/managed-fields/field-set.ts'
import { typeOfObject } from '../api/managed-fields/field-type.ts'
import { fieldsOf } from '../api/managed-fields/fields-of.ts'
import {
  isEntryOf,
  type Manager,
  type Managers,
  newEntry,
  setOf,
  settleManagers,
  withSet,
} from '../api/managed-fields/managers.ts'
import { lastAppliedAnnotation } from '../api/names.ts'
import type { KubeObject } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'
import type { Transport, WriteOptions } from '../api/transport.ts'
import { fieldManager } from './applier.ts'

export interface ExactApply<T extends KubeObject> {
  readonly live: T
  /** In whose name. */
  readonly manager: string
  /** What he shall apply, and own, from now on. */
  readonly config: JsonObject
  /** What the object shall be afterwards. */
  readonly wanted: JsonObject
}

/**
 * Before a server-side apply after which the object shall be as wanted, with nothing left that the
 * applier's next one could stumble over. What lives and is neither wanted nor in the config becomes
 * his first, whosever it was: so it goes in the very write that brings the rest. Returns the
 * version on which `applyConfig` is to be tried and done.
 */
export async function takeOver<T extends KubeObject>(
  transport: Transport,
  resource: Resource<T>,
  { live, ...apply }: ExactApply<T>,
): Promise<T> {
  const managers = managersForApply(live, apply)
  if (managers === undefined) return live
  return writeManagers(transport, resource, { object: live, managers })
}

/** undefined: they are as they shall be. */
function managersForApply(
  live: KubeObject,
  { manager, config, wanted }: Omit<ExactApply<KubeObject>, 'live'>,
): Managers | undefined {
  const { managedFields = [], creationTimestamp = '' } = live.metadata
  const type = typeOfObject(live)
  const { changed, removed } = compareObjects(type, live, wanted)
  const taken = difference(union(changed, removed), fieldsOf(type, config))
  if (isEmptySet(taken) || managedFields.length === 0) return undefined
  const who: Manager = { manager, operation: 'Apply', apiVersion: live.apiVersion }
  const mine = managedFields.find((entry) => isEntryOf(entry, who))
  const others = managedFields.filter((entry) => entry !== mine)
  return settleManagers([
    ...others.map((each) => withSet(each, difference(setOf(each), taken))),
    mine ? withSet(mine, union(setOf(mine), taken)) : newEntry(who, taken, creationTimestamp),
  ])
}

export interface ConfigApply<T extends KubeObject> {
  /** The version that is meant; without a resourceVersion, whichever there is. */
  readonly on: T
  readonly manager: string
  readonly config: JsonObject
  /** Default: forced. */
  readonly options?: WriteOptions
}

/**
 * The apply itself, of exactly that version; but where the server remembers for kubectl what was
 * applied, a version in it would stay there, and the next apply would want to take it away.
 */
export function applyConfig<T extends KubeObject>(
  transport: Transport,
  resource: Resource<T>,
  {
    on: { metadata, apiVersion, kind },
    manager,
    config,
    options = { force: true },
  }: ConfigApply<T>,
): Promise<T> {
  const { namespace, name = '', resourceVersion } = metadata
  const given = config.metadata as JsonObject
  const isRemembered = metadata.annotations?.[lastAppliedAnnotation] !== undefined
  const version = resourceVersion && !isRemembered ? { resourceVersion } : {}
  const place = { name, ...(namespace && { namespace }), ...version }
  const body = { ...config, apiVersion, kind, metadata: { ...given, ...place } } as JsonObject
  const patch = { type: 'application/apply-patch+yaml', body } as const
  return transport.patch(resource, { namespace, name }, patch, {
    ...options,
    fieldManager: manager,
  })
}

/** What to say of an object as the server makes it. */
export type Sign<T extends KubeObject> = (served: T) => { readonly [annotation: string]: string }

/**
 * The same with annotations that are said of the object as the server makes it: it is asked first.
 */
export async function applySigned<T extends KubeObject>(
  transport: Transport,
  resource: Resource<T>,
  { sign, ...apply }: ConfigApply<T> & { readonly sign: Sign<T> },
): Promise<T> {
  const { config, options = { force: true } } = apply
  const dry = { ...options, dryRun: true }
  const served = await applyConfig(transport, resource, { ...apply, options: dry })
  return applyConfig(transport, resource, {
    ...apply,
    config: withAnnotations(config, sign(served)),
  })
}

/** What the config says itself goes before. */
export function withAnnotations(
  config: JsonObject,
  said: { readonly [annotation: string]: string },
): JsonObject {
  const metadata = config.metadata as JsonObject
  const annotations = { ...said, ...(metadata.annotations as JsonObject | undefined) }
  return { ...config, metadata: { ...metadata, annotations } }
}

/** Writes who owns what, and nothing else, to this version of an object. Throws 409. */
export function writeManagers<T extends KubeObject>(
  transport: Transport,
  resource: Resource<T>,
  { object, managers }: { readonly object: T; readonly managers: Managers },
): Promise<T> {
  const { namespace, name = '', resourceVersion = '' } = object.metadata
  const body: readonly JsonValue[] = [
    { op: 'replace', path: '/metadata/managedFields', value: managers as unknown as JsonValue },
    { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
  ]
  const patch = { type: 'application/json-patch+json', body } as const
  return transport.patch(resource, { namespace, name }, patch, { fieldManager })
}
