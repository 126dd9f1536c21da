import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LimitRangeItem, ResourceRequirements } from '../../api/generated/types.ts'
import { limitRanges, persistentVolumeClaims, pods } from '../../api/scheme.ts'
import { type GivenServer, givenServer, inDefault, pod, refusal } from '../server.fixture.ts'

let given: GivenServer
beforeEach(async () => {
  given = await givenServer()
})
afterEach(() => given.stop())

function limits(...items: readonly Partial<LimitRangeItem>[]) {
  const spec = { limits: items.map((item) => ({ type: 'Container', ...item })) }
  const object = { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'bounds' }, spec }
  return given.api.create(limitRanges, inDefault, object)
}

const container = (name: string, resources: ResourceRequirements = {}) => ({
  name,
  image: 'i',
  resources,
})

const createPod = (...containers: readonly ReturnType<typeof container>[]) =>
  given.api.create(pods, inDefault, pod('p', { containers }))

const resourcesOf = async (created: ReturnType<typeof createPod>) =>
  (await created).spec?.containers.map(({ resources }) => resources)

describe('defaults', () => {
  test('a container gets what it does not say, and the pod tells so', async () => {
    await limits({ default: { cpu: '1', memory: '1Gi' }, defaultRequest: { cpu: '200m' } })
    const created = await createPod(
      container('a'),
      container('b', { requests: { cpu: '100m' }, limits: { memory: '2Gi' } }),
    )
    expect(created.spec?.containers.map(({ resources }) => resources)).toEqual([
      { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '200m', memory: '1Gi' } },
      { limits: { cpu: '1', memory: '2Gi' }, requests: { cpu: '100m', memory: '2Gi' } },
    ])
    expect(created.metadata.annotations?.['kubernetes.io/limit-ranger']).toBe(
      'LimitRanger plugin set: cpu, memory request for container a; cpu, memory limit for container a; cpu limit for container b',
    )
    expect(created.status?.qosClass).toBe('Burstable')
  })

  test('a maximum is the limit of who has none, a minimum the request', async () => {
    await limits({ max: { cpu: '2' }, min: { memory: '64Mi' } })
    expect(await resourcesOf(createPod(container('a')))).toEqual([
      { limits: { cpu: '2' }, requests: { cpu: '2', memory: '64Mi' } },
    ])
  })

  test('a pod without a LimitRange is as it was', async () => {
    const created = await createPod(container('a'))
    expect(created.metadata.annotations).toBeUndefined()
    expect(created.spec?.containers[0]?.resources).toEqual({})
  })
})

describe('bounds, in upstream’s words', () => {
  const item = {
    max: { cpu: '1' },
    min: { cpu: '100m' },
    maxLimitRequestRatio: { cpu: '2' },
  }

  test.each<[string, ResourceRequirements, string]>([
    [
      'a limit above the maximum',
      { requests: { cpu: '1' }, limits: { cpu: '2' } },
      'maximum cpu usage per Container is 1, but limit is 2',
    ],
    [
      'a request below the minimum',
      { requests: { cpu: '50m' }, limits: { cpu: '100m' } },
      'minimum cpu usage per Container is 100m, but request is 50m',
    ],
    [
      'a ratio above what is allowed',
      { requests: { cpu: '300m' }, limits: { cpu: '1' } },
      'cpu max limit to request ratio per Container is 2, but provided ratio is 3.333333',
    ],
    [
      'more than one at a time',
      { requests: { cpu: '50m' }, limits: { cpu: '2' } },
      '[minimum cpu usage per Container is 100m, but request is 50m, maximum cpu usage per Container is 1, but limit is 2, cpu max limit to request ratio per Container is 2, but provided ratio is 40.000000]',
    ],
  ])('%s', async (_what, resources, why) => {
    await limits(item)
    expect(await refusal(createPod(container('a', resources)))).toMatchObject({
      code: 403,
      message: `pods "p" is forbidden: ${why}`,
    })
  })

  test('a pod as a whole', async () => {
    await limits({ type: 'Pod', max: { memory: '1Gi' } })
    const half = { limits: { memory: '600Mi' } }
    expect(await refusal(createPod(container('a', half), container('b', half)))).toMatchObject({
      message: 'pods "p" is forbidden: maximum memory usage per Pod is 1Gi, but limit is 1200Mi',
    })
    expect(await refusal(createPod(container('a')))).toMatchObject({
      message: 'pods "p" is forbidden: maximum memory usage per Pod is 1Gi.  No limit is specified',
    })
  })

  test('a claim', async () => {
    await limits({
      type: 'PersistentVolumeClaim',
      min: { storage: '1Gi' },
      max: { storage: '2Gi' },
    })
    const claim = (storage: string) =>
      given.api.create(persistentVolumeClaims, inDefault, {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'c' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
      } as never)
    expect(await refusal(claim('3Gi'))).toMatchObject({
      message:
        'persistentvolumeclaims "c" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi',
    })
    await claim('2Gi')
  })
})
