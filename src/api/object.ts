import type { ObjectMeta, OwnerReference } from './generated/types.ts'

/**
 * Any object of the API. Objects are frozen from the moment they are decoded; change one by
 * copying it.
 */
export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
}

/** Identifies an object within its resource; `namespace` is absent for cluster-scoped ones. */
export interface ObjectKey {
  readonly namespace?: string | undefined
  readonly name: string
}

/** A work queue's key: `namespace/name`, or `name` for a cluster-scoped object. */
export function keyText({ namespace, name }: ObjectKey): string {
  return namespace ? `${namespace}/${name}` : name
}

export function parseKey(text: string): ObjectKey {
  const slash = text.indexOf('/')
  return slash < 0
    ? { name: text }
    : { namespace: text.slice(0, slash), name: text.slice(slash + 1) }
}

export function keyOf(object: KubeObject): ObjectKey {
  return { namespace: object.metadata.namespace, name: object.metadata.name ?? '' }
}

/** The reference to the one owner that manages this object. */
export function controllerRef(object: {
  readonly metadata: ObjectMeta
}): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true)
}

export function isTerminating(object: { readonly metadata: ObjectMeta }): boolean {
  return object.metadata.deletionTimestamp !== undefined
}
