import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Pod, PodSpec, ResourceQuotaSpec } from '../../api/generated/types.ts'
import {
  configMaps,
  deployments,
  persistentVolumeClaims,
  pods,
  resourceQuotas,
  services,
} from '../../api/scheme.ts'
import {
  configMap,
  deployment,
  type GivenServer,
  givenServer,
  inDefault,
  named,
  pod,
  refusal,
  service,
} from '../server.fixture.ts'

let given: GivenServer
beforeEach(async () => {
  given = await givenServer()
})
afterEach(() => given.stop())

function quota(hard: ResourceQuotaSpec['hard'], spec: ResourceQuotaSpec = {}) {
  const metadata = { name: 'limited' }
  const object = { apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec: { hard, ...spec } }
  return given.api.create(resourceQuotas, inDefault, object)
}

const createPod = (name: string, spec?: Partial<PodSpec>) =>
  given.api.create(pods, inDefault, pod(name, spec))

const asking = (requests: object, limits: object = {}): Partial<PodSpec> => ({
  containers: [{ name: 'app', image: 'i', resources: { requests, limits } as never }],
})

const forbidden = (what: string, why: string) => ({
  code: 403,
  reason: 'Forbidden',
  message: `${what} is forbidden: ${why}`,
})

describe('object counts', () => {
  test('I-15: the pod beyond the last one allowed is refused in upstream’s words', async () => {
    await quota({ pods: '2' })
    await createPod('a')
    await createPod('b')
    expect(await refusal(createPod('c'))).toMatchObject(
      forbidden(
        'pods "c"',
        'exceeded quota: limited, requested: pods=1, used: pods=2, limited: pods=2',
      ),
    )
  })

  test('what is deleted, or has ended, makes room', async () => {
    await quota({ pods: '1' })
    await createPod('a')
    await given.api.delete(pods, named('a'), { gracePeriodSeconds: 0 })
    const b = await createPod('b')
    const ended = { ...(b as Pod), status: { phase: 'Succeeded' } }
    await given.api.update(pods, named('b'), ended, { subresource: 'status' })
    await createPod('c')
    expect(await refusal(createPod('d'))).toMatchObject({ code: 403 })
  })

  test('of many that race, as many as there is room for get in', async () => {
    await quota({ 'count/pods': '3' })
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) => createPod(`p${index}`)),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
    expect((await given.api.list(pods, inDefault)).items).toHaveLength(3)
  })

  test('a refused write and a dry run hold no place', async () => {
    await quota({ pods: '1' })
    await given.api.create(pods, inDefault, pod('a'), { dryRun: true })
    expect(await refusal(createPod('a', { restartPolicy: 'Sometimes' }))).toMatchObject({
      code: 422,
    })
    await createPod('a')
    expect(await refusal(createPod('a'))).toMatchObject({ code: 403 })
  })

  test.each([
    ['configmaps', configMaps, () => configMap('x'), 'configmaps "x"'],
    ['count/configmaps', configMaps, () => configMap('x'), 'configmaps "x"'],
    ['count/deployments.apps', deployments, () => deployment('x'), 'deployments.apps "x"'],
    ['services', services, () => service('x'), 'services "x"'],
    ['resourcequotas', resourceQuotas, undefined, 'resourcequotas "x"'],
  ] as const)('%s', async (name, resource, object, what) => {
    await quota({ [name]: '0' })
    const bare = { apiVersion: 'v1', kind: resource.kind, metadata: { name: 'x' } }
    // The quota itself, and the Service of the API.
    const used = name === 'resourcequotas' || name === 'services' ? 1 : 0
    expect(
      await refusal(given.api.create(resource as never, inDefault, object?.() ?? bare)),
    ).toMatchObject(
      forbidden(
        what,
        `exceeded quota: limited, requested: ${name}=1, used: ${name}=${used}, limited: ${name}=0`,
      ),
    )
  })

  test('another namespace has room of its own', async () => {
    await quota({ pods: '0' })
    await given.api.create(pods, { namespace: 'kube-system' }, pod('a'))
  })
})

test('a Service that takes more by an update is held to the quota, one that takes less is not', async () => {
  await quota({ 'services.loadbalancers': '0', 'services.nodeports': '1' })
  await given.api.create(services, inDefault, service('a', { type: 'NodePort' }))
  const become = (type: string) => {
    const type1 = 'application/merge-patch+json'
    return given.api.patch(services, named('a'), { type: type1, body: { spec: { type } } })
  }
  expect(await refusal(become('LoadBalancer'))).toMatchObject({
    message: expect.stringContaining(
      'requested: services.loadbalancers=1, used: services.loadbalancers=0, limited: services.loadbalancers=0',
    ),
  })
  await become('ClusterIP')
  await become('NodePort')
})

describe('compute resources', () => {
  test('requests and limits of pods add up', async () => {
    await quota({ 'requests.cpu': '1', 'limits.memory': '2Gi' })
    await createPod('a', asking({ cpu: '600m' }, { memory: '1Gi' }))
    expect(await refusal(createPod('b', asking({ cpu: '500m' }, { memory: '1Gi' })))).toMatchObject(
      forbidden(
        'pods "b"',
        'exceeded quota: limited, requested: requests.cpu=500m, used: requests.cpu=600m, limited: requests.cpu=1',
      ),
    )
    await createPod('b', asking({ cpu: '400m' }, { memory: '1Gi' }))
  })

  test('an init container counts where it needs more than what runs after it', async () => {
    await quota({ 'requests.cpu': '1' })
    const { containers } = asking({ cpu: '200m' })
    const initContainers = [{ ...asking({ cpu: '1100m' }).containers?.[0], name: 'init' }] as never
    expect(await refusal(createPod('a', { containers, initContainers }))).toMatchObject({
      message: expect.stringContaining('requested: requests.cpu=1100m'),
    })
  })

  test('who is limited must say what he asks for', async () => {
    await quota({ 'requests.cpu': '1', 'limits.memory': '1Gi' })
    expect(await refusal(createPod('a'))).toMatchObject(
      forbidden(
        'pods "a"',
        'failed quota: limited: must specify limits.memory for: app; requests.cpu for: app',
      ),
    )
  })

  test('claims: how many, and how much they ask for, of a class too', async () => {
    const ofClass = 'fast.storageclass.storage.k8s.io/requests.storage'
    await quota({ 'requests.storage': '10Gi', [ofClass]: '1Gi' })
    const claim = (name: string, storage: string, storageClassName?: string) =>
      given.api.create(persistentVolumeClaims, inDefault, {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name },
        spec: {
          accessModes: ['ReadWriteOnce'],
          resources: { requests: { storage } },
          storageClassName,
        },
      } as never)
    await claim('a', '8Gi')
    expect(await refusal(claim('b', '3Gi'))).toMatchObject({
      message: expect.stringContaining('requested: requests.storage=3Gi'),
    })
    expect(await refusal(claim('c', '2Gi', 'fast'))).toMatchObject({
      message: expect.stringContaining(`requested: ${ofClass}=2Gi`),
    })
  })
})

describe('scopes', () => {
  test('a quota of pods without requests leaves others alone', async () => {
    await quota({ pods: '0' }, { scopes: ['BestEffort'] })
    await createPod('a', asking({ cpu: '1' }))
    expect(await refusal(createPod('b'))).toMatchObject({ code: 403 })
  })

  test('a quota of pods that end leaves others alone', async () => {
    await quota({ pods: '0' }, { scopes: ['Terminating'] })
    await createPod('a')
    expect(await refusal(createPod('b', { activeDeadlineSeconds: 60 }))).toMatchObject({
      code: 403,
    })
  })

  test('a quota of one priority leaves others alone', async () => {
    const expression = {
      scopeName: 'PriorityClass',
      operator: 'In',
      values: ['system-node-critical'],
    }
    await quota({ pods: '0' }, { scopeSelector: { matchExpressions: [expression] } })
    await createPod('a')
    const refused = createPod('b', { priorityClassName: 'system-node-critical' })
    expect(await refusal(refused)).toMatchObject({ code: 403 })
  })
})
