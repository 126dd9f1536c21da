import { deepStrictEqual as equal, ok } from 'node:assert/strict'
import type { Scale } from '../../../src/api/generated/types.ts'
import type { KubeObject } from '../../../src/api/object.ts'
import type { Resource } from '../../../src/api/resource.ts'
import type { World } from '../world.ts'

interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
}

interface WithConditions extends KubeObject {
  readonly status?: { readonly conditions?: readonly Condition[] }
}

function conditionsOf(object: KubeObject): readonly Condition[] {
  return (object as WithConditions).status?.conditions ?? []
}

/** GET, PUT and PATCH of `/status`: what is written is read, heard and kept. */
export async function statusEndpoints<T extends KubeObject>(
  world: World,
  resource: Resource<T>,
  name: string,
): Promise<void> {
  const heard = world.watch(resource)
  const read = await world.get(resource, name, 'status')
  equal([read.kind, read.metadata.name], [resource.kind, name])
  const set: Condition = {
    type: 'StatusUpdate',
    status: 'True',
    reason: 'E2E',
    message: 'Set from e2e test',
  }
  const withSet = (object: T): T => ({
    ...object,
    status: {
      ...(object as WithConditions).status,
      conditions: [...conditionsOf(object), set],
    },
  })
  const isSet = (object: KubeObject) =>
    conditionsOf(object).some(
      ({ type, reason, message }) =>
        type === set.type && reason === set.reason && message === set.message,
    )
  const updated = await world.replace(resource, name, withSet, 'status')
  ok(isSet(updated), 'the answer to a PUT of /status has its condition')
  await world.hears(heard, 'StatusUpdate', ({ object }) => isSet(object))
  const isPatched = (object: KubeObject) =>
    conditionsOf(object).some(({ type, status }) => type === 'StatusPatched' && status === 'True')
  const conditions = [{ type: 'StatusPatched', status: 'True' }]
  const patched = await world.merge(resource, name, { status: { conditions } }, 'status')
  ok(isPatched(patched), 'the answer to a PATCH of /status has its condition')
  await world.hears(heard, 'StatusPatched', ({ object }) => isPatched(object))
}

interface Scalable extends KubeObject {
  readonly spec?: { readonly replicas?: number }
}

/** GET, PUT and PATCH of `/scale`, of something with one replica. */
export async function scaleSubresource<T extends Scalable>(
  world: World,
  resource: Resource<T>,
  name: string,
): Promise<void> {
  const key = { namespace: world.namespace, name }
  const scale = (await world.api.get(resource, key, 'scale')) as KubeObject as Scale
  equal([scale.kind, scale.spec?.replicas, scale.status?.replicas], ['Scale', 1, 1])
  const { resourceVersion: _, ...metadata } = scale.metadata
  const wanted: Scale = { ...scale, metadata, spec: { replicas: 2 } }
  const answer = await world.api.update(resource, key, wanted, { subresource: 'scale' })
  equal((answer as Scalable).spec?.replicas, 2)
  equal((await world.get(resource, name)).spec?.replicas, 2)
  await world.patch(resource, name, { spec: { replicas: 4 } }, 'scale')
  equal((await world.get(resource, name)).spec?.replicas, 4)
}
