import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Pod } from '../../src/api/generated/types.ts'
import { configMaps, pods, replicaSets, resourceQuotas } from '../../src/api/scheme.ts'
import { createInformers } from '../../src/client/informers.ts'
import type { Informers } from '../../src/client/lister.ts'
import { createEventRecorder } from '../../src/client/recorder.ts'
import type { Controller } from '../../src/controller/reconciler.ts'
import { replicaSetController } from '../../src/controllers/replicaset/controller.ts'
import { resourceQuotaController } from '../../src/controllers/resourcequota/controller.ts'
import { type GivenApi, givenApi } from '../client/given-api.ts'

let api: GivenApi
let informers: Informers
let controllers: readonly Controller[]

beforeEach(async () => {
  api = await givenApi()
  const { context, transport } = api
  informers = createInformers(context, transport)
  const recorder = createEventRecorder(context, { transport, component: 'replicaset-controller' })
  const common = { context, transport, informers }
  controllers = [resourceQuotaController(common), replicaSetController({ ...common, recorder })]
  await informers.start()
  for (const controller of controllers) controller.start()
})

afterEach(async () => {
  await Promise.all(controllers.map((controller) => controller.stop()))
  await informers.stop()
  await api.stop()
})

const inDefault = { namespace: 'default' }
const template = {
  metadata: { labels: { app: 'a' } },
  spec: { containers: [{ name: 'c', image: 'i' }] },
}

function limit(hard: object) {
  const metadata = { name: 'limited' }
  const object = { apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec: { hard } }
  return api.transport.create(resourceQuotas, inDefault, object)
}

async function statusOf() {
  await api.clock.advance(1_000)
  return (await api.transport.get(resourceQuotas, { ...inDefault, name: 'limited' })).status
}

const createPod = (name: string) =>
  api.transport.create<Pod>(pods, inDefault, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: template.spec,
  } as Pod)

it('a quota says what it limits and what is used, again after a deletion', async () => {
  await createPod('a')
  await limit({
    pods: '3',
    configmaps: '5',
    replicationcontrollers: '1',
    'count/widgets.example.com': '1',
  })
  const hard = {
    pods: '3',
    configmaps: '5',
    replicationcontrollers: '1',
    'count/widgets.example.com': '1',
  }
  const used = { pods: '1', configmaps: '0', replicationcontrollers: '0' }
  expect(await statusOf()).toEqual({ hard, used })
  await createPod('b')
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } }
  await api.transport.create(configMaps, inDefault, configMap)
  expect(await statusOf()).toEqual({ hard, used: { ...used, pods: '2', configmaps: '1' } })
  await api.transport.delete(pods, { ...inDefault, name: 'a' }, { gracePeriodSeconds: 0 })
  expect((await statusOf())?.used).toMatchObject({ pods: '1' })
})

it('a quota that changes is counted anew', async () => {
  await limit({ pods: '3' })
  await statusOf()
  const body = { spec: { hard: { pods: null, 'count/pods': '1' } } }
  const patch = { type: 'application/merge-patch+json', body } as const
  await api.transport.patch(resourceQuotas, { ...inDefault, name: 'limited' }, patch)
  expect(await statusOf()).toEqual({ hard: { 'count/pods': '1' }, used: { 'count/pods': '0' } })
})

it('I-15: a ReplicaSet beyond the quota says so, until it asks for less', async () => {
  await limit({ pods: '2' })
  const spec = { replicas: 3, selector: { matchLabels: { app: 'a' } }, template }
  const metadata = { name: 'rs' }
  const replicaSet = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata, spec }
  await api.transport.create(replicaSets, inDefault, replicaSet)
  await api.clock.advance(5_000)
  const key = { ...inDefault, name: 'rs' }
  const conditions = async () => (await api.transport.get(replicaSets, key)).status?.conditions
  expect(await conditions()).toMatchObject([
    {
      type: 'ReplicaFailure',
      status: 'True',
      reason: 'FailedCreate',
      message: expect.stringMatching(
        /^pods "rs-\w{5}" is forbidden: exceeded quota: limited, requested: pods=1, used: pods=2, limited: pods=2$/,
      ),
    },
  ])
  const patch = { type: 'application/merge-patch+json', body: { spec: { replicas: 2 } } } as const
  await api.transport.patch(replicaSets, key, patch)
  await api.clock.advance(60_000)
  expect(await conditions()).toBeUndefined()
})
