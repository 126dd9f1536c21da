import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Deployment, ReplicaSet } from '../../src/api/generated/types.ts'
import { controllerRef } from '../../src/api/object.ts'
import { deployments, replicaSets } from '../../src/api/scheme.ts'
import { claim } from '../../src/controller/controller-refs.ts'
import { type GivenApi, givenApi } from '../client/given-api.ts'

let api: GivenApi
let deployment: Deployment
beforeEach(async () => {
  api = await givenApi()
  deployment = await api.transport.create(
    deployments,
    inDefault,
    object('Deployment', 'web', 'web'),
  )
})
afterEach(() => api.stop())

const inDefault = { namespace: 'default' }

function object(kind: 'Deployment' | 'ReplicaSet', name: string, app: string) {
  const labels = { app }
  const template = { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'app' }] } }
  const spec = { selector: { matchLabels: labels }, template }
  return { apiVersion: 'apps/v1', kind, metadata: { name, labels }, spec }
}

const createReplicaSet = (name: string, app: string): Promise<ReplicaSet> =>
  api.transport.create(replicaSets, inDefault, object('ReplicaSet', name, app))

async function claimAll(controller = deployment) {
  const { items } = await api.transport.list(replicaSets, inDefault)
  const claimed = await claim({
    transport: api.transport,
    controller,
    controllerResource: deployments,
    resource: replicaSets,
    selector: ({ metadata }) => metadata.labels?.app === 'web',
    candidates: items,
  })
  return claimed.map(({ metadata }) => metadata.name)
}

const live = (name: string) => api.transport.get(replicaSets, { ...inDefault, name })

test('B-05: an orphan that matches is adopted, and released when it matches no longer', async () => {
  await createReplicaSet('one', 'web')
  await createReplicaSet('two', 'other')
  expect(await claimAll()).toEqual(['one'])
  expect((await live('one')).metadata.ownerReferences).toEqual([
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      name: 'web',
      uid: deployment.metadata.uid,
      controller: true,
      blockOwnerDeletion: true,
    },
  ])
  expect(controllerRef(await live('two'))).toBeUndefined()
  expect(await claimAll(), 'owned by now').toEqual(['one'])

  const body = { metadata: { labels: { app: 'other' } } }
  const type = 'application/merge-patch+json'
  await api.transport.patch(replicaSets, { ...inDefault, name: 'one' }, { type, body })
  expect(await claimAll()).toEqual([])
  expect(controllerRef(await live('one'))).toBeUndefined()
})

test('B-06: a controller that was deleted and made anew adopts nothing under its old uid', async () => {
  await createReplicaSet('one', 'web')
  await api.transport.delete(deployments, { ...inDefault, name: 'web' })
  await expect(claimAll()).rejects.toMatchObject({ reason: 'NotFound' })
  await api.transport.create(deployments, inDefault, object('Deployment', 'web', 'web'))
  await expect(claimAll()).rejects.toThrow(/wanted/)
  expect(controllerRef(await live('one'))).toBeUndefined()
})

test('a dependent that is gone is passed over; one of the same name but another uid is an error', async () => {
  const first = await createReplicaSet('one', 'web')
  await api.transport.delete(replicaSets, { ...inDefault, name: 'one' })
  const options = {
    transport: api.transport,
    controller: deployment,
    controllerResource: deployments,
    resource: replicaSets,
    selector: () => true,
    candidates: [first],
  }
  expect(await claim(options)).toEqual([])
  await createReplicaSet('one', 'web')
  await expect(claim(options)).rejects.toMatchObject({ name: 'StatusError' })
  expect(controllerRef(await live('one'))).toBeUndefined()
})
