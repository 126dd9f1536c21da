import type { KubeObject } from '../object.ts'
import type { Resource } from '../resource.ts'

/**
 * A further version in which a stored resource is served. Both ways lose nothing: what a version
 * has no field for, it carries along elsewhere. Neither decodes nor defaults: what comes in is in
 * canonical form, what comes out still has to be brought there.
 */
export interface VersionConversion {
  readonly resource: Resource
  /** A stored object as this version shows it. */
  show(stored: KubeObject): KubeObject
  /** What is stored for an object of this version. */
  store(shown: KubeObject): KubeObject
}

type Convert<From, To> = (object: From) => To

/** A conversion that knows the types of both forms. */
export function defineVersion<Shown extends KubeObject, Stored extends KubeObject>(
  resource: Resource<Shown>,
  {
    show,
    store,
  }: { readonly show: Convert<Stored, Shown>; readonly store: Convert<Shown, Stored> },
): VersionConversion {
  return { resource, show, store } as unknown as VersionConversion
}
