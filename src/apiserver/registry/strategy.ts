import type { FieldSet } from '../../api/managed-fields/field-set.ts'
import type { KubeObject } from '../../api/object.ts'
import type { Resource } from '../../api/resource.ts'
import type { Subresource } from '../../api/transport.ts'

export type ServedSubresource = Subresource | 'log' | 'exec' | 'attach' | 'portforward'

/**
 * A kind's API rules: what a request may change and what the server sets by itself. Pure: each
 * function returns a new object (or the one it got). Names, namespace, uid, timestamps and
 * resourceVersion are settled by the verbs, before and after.
 */
export interface RegistryStrategy<T extends KubeObject = KubeObject> {
  readonly resource: Resource<T>
  readonly subresources: readonly ServedSubresource[]
  /** Whether a PUT without resourceVersion is taken. */
  readonly allowsUnconditionalUpdate: boolean
  /** Whether a DELETE that says nothing of dependents leaves them (E-03): only for old kinds. */
  readonly orphansByDefault: boolean
  /** Clears what a client may not set at birth (status), fills in what the server knows. */
  prepareForCreate(object: T): T
  /** Keeps of `old` what the main resource may not change. */
  prepareForUpdate(object: T, old: T): T
  /** Keeps of `old` what `/status` may not change. */
  prepareForStatusUpdate(object: T, old: T): T
  /**
   * What a write to the main resource, and to `/status`, cannot change: nobody gets to own it there
   * (H-15).
   */
  readonly resetFields: ResetFields
  /**
   * Whether this change raises metadata.generation (H-70..73); absent for kinds without a
   * generation.
   */
  raisesGeneration?(object: T, old: T): boolean
  /**
   * Seconds for which a DELETE lets the object linger (E-09); absent for kinds without graceful
   * deletion.
   */
  gracePeriodSeconds?(object: T, askedSeconds: number | undefined): number
  /** What the first DELETE changes in an object that lingers, besides its metadata (E-20). */
  beginDeletion?(object: T): T
  /** Whether something besides metadata.finalizers still holds the object (E-20). */
  isHeld?(object: T): boolean
}

export interface ResetFields {
  readonly main: FieldSet
  readonly status: FieldSet
}

const withStatus: ResetFields = { main: { 'f:status': {} }, status: { 'f:spec': {} } }
const withoutStatus: ResetFields = { main: {}, status: {} }

type Rules<T extends KubeObject> = Partial<Omit<RegistryStrategy<T>, 'resource'>>

/** The strategy of a plain kind, which stores what it is given, with the rules that differ. */
export function defineStrategy<T extends KubeObject>(
  resource: Resource<T>,
  rules: Rules<T> = {},
): RegistryStrategy<T> {
  return {
    resource,
    subresources: [],
    allowsUnconditionalUpdate: true,
    orphansByDefault: false,
    resetFields: rules.subresources?.includes('status') ? withStatus : withoutStatus,
    prepareForCreate: (object) => object,
    prepareForUpdate: (object) => object,
    prepareForStatusUpdate: (object) => object,
    ...rules,
  }
}

/** A copy of `object` whose field `name` is as in `source`: also absent if it is absent there. */
export function withFieldOf<T extends object>(object: T, source: T, name: keyof T): T {
  const copy = { ...object }
  if (source[name] === undefined) delete copy[name]
  else copy[name] = source[name]
  return copy
}

export function without<T extends object>(object: T, name: keyof T): T {
  if (!(name in object)) return object
  const copy = { ...object }
  delete copy[name]
  return copy
}
