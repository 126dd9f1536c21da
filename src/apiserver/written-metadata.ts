import type { ObjectMeta } from '../api/generated/types.ts'
import type { KubeObject, ObjectKey } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'
import { badRequest } from '../api/status-error.ts'
import type { Collection } from '../api/transport.ts'
import { timestamp } from '../base/clock.ts'
import type { Context } from '../base/context.ts'

/** What the server alone writes, whatever a body says. */
type Owned = 'managedFields' | 'selfLink' | 'resourceVersion' | DeletionField | 'generation'
type DeletionField = 'deletionTimestamp' | 'deletionGracePeriodSeconds'

function clientPart(metadata: ObjectMeta): Omit<ObjectMeta, Owned> {
  const {
    managedFields: _managedFields,
    selfLink: _selfLink,
    resourceVersion: _resourceVersion,
    deletionTimestamp: _deletionTimestamp,
    deletionGracePeriodSeconds: _deletionGracePeriodSeconds,
    generation: _generation,
    ...rest
  } = metadata
  return rest
}

/** The metadata of an object at its creation, its name aside. */
export function metadataAtCreation(context: Context, metadata: ObjectMeta): ObjectMeta {
  return {
    ...clientPart(metadata),
    uid: context.ids.uid(),
    creationTimestamp: timestamp(context.clock.now()),
  }
}

/** The metadata of an update: what the server alone writes is as before. */
export function metadataAtUpdate(metadata: ObjectMeta, old: ObjectMeta): ObjectMeta {
  const { resourceVersion, generation, deletionTimestamp, deletionGracePeriodSeconds } = old
  const { uid, creationTimestamp } = old
  return {
    uid,
    creationTimestamp,
    ...clientPart(metadata),
    resourceVersion,
    ...(generation !== undefined && { generation }),
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    ...(deletionGracePeriodSeconds !== undefined && { deletionGracePeriodSeconds }),
  }
}

/**
 * The object in the namespace of its request. Throws 400 when its body names another one (H-24).
 */
export function placeInNamespace(
  resource: Resource,
  object: KubeObject,
  where: Collection,
): KubeObject {
  const { namespace, ...metadata } = object.metadata
  if (!resource.namespaced) return namespace === undefined ? object : { ...object, metadata }
  if (namespace && namespace !== where.namespace) {
    const text =
      'the namespace of the provided object does not match the namespace sent on the request'
    throw badRequest(text)
  }
  return { ...object, metadata: { ...object.metadata, namespace: where.namespace } }
}

/** Throws 400 when a body is not of the object that its request names. */
export function checkName(object: KubeObject, { name }: ObjectKey): void {
  const given = object.metadata.name
  if (given === name) return
  throw badRequest(
    given
      ? `the name of the object (${given}) does not match the name on the URL (${name})`
      : `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
  )
}
