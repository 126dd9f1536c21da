import { afterEach, describe, expect, test } from 'vitest'
import type { PodDisruptionBudget, PodDisruptionBudgetSpec } from '../../src/api/generated/types.ts'
import { podDisruptionBudgets, pods } from '../../src/api/scheme.ts'
import type { StatusError } from '../../src/api/status-error.ts'
import { GivenCluster } from './given-cluster.ts'
import { givenDeployment } from './given-objects.ts'

const inDefault = { namespace: 'default' }
let cluster: GivenCluster
afterEach(() => cluster.stop())

async function given(spec: PodDisruptionBudgetSpec, replicas = 3): Promise<void> {
  cluster = await GivenCluster.start()
  await cluster.create(givenDeployment({ replicas }))
  await cluster.rolledOut()
  const selector = { matchLabels: { app: 'app' } }
  await cluster.create<PodDisruptionBudget>({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'budget' },
    spec: { selector, ...spec },
  })
  await cluster.quiet()
}

async function statusNow() {
  const { status } = await cluster.transport.get(podDisruptionBudgets, {
    ...inDefault,
    name: 'budget',
  })
  return status
}

async function evict(name: string, dryRun = false): Promise<'evicted' | StatusError> {
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, ...inDefault } }
  const options = { subresource: 'eviction', dryRun } as const
  try {
    await cluster.transport.create(pods, { ...inDefault, name }, body, options)
    return 'evicted'
  } catch (error) {
    return error as StatusError
  }
}

const podNames = async () =>
  (await cluster.livePods()).map(({ metadata }) => metadata.name ?? '').sort()

describe('what a budget allows', () => {
  test.each<[PodDisruptionBudgetSpec, number, object]>([
    [{ minAvailable: 2 }, 3, { disruptionsAllowed: 1, desiredHealthy: 2, expectedPods: 3 }],
    [{ minAvailable: '50%' }, 3, { disruptionsAllowed: 1, desiredHealthy: 2, expectedPods: 3 }],
    [{ maxUnavailable: 2 }, 3, { disruptionsAllowed: 2, desiredHealthy: 1, expectedPods: 3 }],
    [{ maxUnavailable: '10%' }, 3, { disruptionsAllowed: 1, desiredHealthy: 2, expectedPods: 3 }],
    [{ maxUnavailable: 0 }, 3, { disruptionsAllowed: 0, desiredHealthy: 3, expectedPods: 3 }],
    [{ minAvailable: 5 }, 3, { disruptionsAllowed: 0, desiredHealthy: 5, expectedPods: 3 }],
    [{}, 3, { disruptionsAllowed: 0, desiredHealthy: 0, expectedPods: 0 }],
  ])('%j of %d', async (spec, replicas, expected) => {
    await given(spec, replicas)
    const isAllowed = 'disruptionsAllowed' in expected && expected.disruptionsAllowed !== 0
    expect(await statusNow()).toMatchObject({
      currentHealthy: 3,
      observedGeneration: 1,
      ...expected,
      conditions: [
        {
          type: 'DisruptionAllowed',
          status: isAllowed ? 'True' : 'False',
          reason: isAllowed ? 'SufficientPods' : 'InsufficientPods',
        },
      ],
    })
  })
})

test('evictions stop where the budget ends, and go on when the replacement is ready', async () => {
  await given({ minAvailable: 2 })
  const [first = '', second = ''] = await podNames()
  expect(await evict(first, true)).toBe('evicted')
  expect(await podNames()).toContain(first)
  expect(await evict(first)).toBe('evicted')
  const refused = await evict(second)
  expect(refused).toMatchObject({
    code: 429,
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
    details: {
      causes: [
        {
          reason: 'DisruptionBudget',
          // As the controller has counted last: with or without the pod that is on its way out.
          message: expect.stringMatching(
            /^The disruption budget budget needs 2 healthy pods and has [23] currently$/,
          ),
        },
      ],
    },
  })
  await cluster.until('a replacement', async () => (await statusNow())?.disruptionsAllowed === 1)
  expect(await podNames()).not.toContain(first)
  expect(await statusNow()).not.toHaveProperty('disruptedPods')
  expect(await evict(second)).toBe('evicted')
})

test('unready pods go without a charge only while the healthy ones suffice', async () => {
  cluster = await GivenCluster.start()
  await cluster.create(givenDeployment({ replicas: 3 }))
  await cluster.rolledOut()
  const [one, two] = await cluster.livePods()
  if (!one || !two) throw new Error('there are three pods')
  await cluster.pods.setReady(one, false)
  const budget = (name: string, minAvailable: number, policy?: string): PodDisruptionBudget => ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name },
    spec: {
      selector: { matchLabels: { app: 'app' } },
      minAvailable,
      ...(policy && { unhealthyPodEvictionPolicy: policy }),
    },
  })
  await cluster.create(budget('strict', 3))
  await cluster.quiet()
  expect(await evict(one.metadata.name ?? '')).toMatchObject({ code: 429 })
  expect(await evict(two.metadata.name ?? '')).toMatchObject({ code: 429 })
  await cluster.transport.delete(podDisruptionBudgets, { ...inDefault, name: 'strict' })
  await cluster.create(budget('lenient', 3, 'AlwaysAllow'))
  await cluster.quiet()
  expect(await evict(one.metadata.name ?? '')).toBe('evicted')
})

test('pods that nobody can count leave nothing allowed, and the budget says why', async () => {
  await given({ maxUnavailable: 1 })
  const ownerReferences = [
    { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'gone', uid: 'x', controller: true },
  ]
  const spec = { containers: [{ name: 'app', image: 'app:1' }] }
  const metadata = { name: 'stray', labels: { app: 'app' }, ownerReferences }
  await cluster.create({ apiVersion: 'v1', kind: 'Pod', metadata, spec } as never)
  await cluster.until('failed', async () => {
    const [condition] = (await statusNow())?.conditions ?? []
    return condition?.reason === 'SyncFailed' || (await podNames()).length < 4
  })
  const events = await cluster.eventsAbout('PodDisruptionBudget')
  expect(events.map(({ message }) => message)).toContain(
    'Failed to calculate the number of expected pods: daemonsets.apps does not implement the scale subresource',
  )
})

test('two budgets for one pod are an error; a terminated pod needs none', async () => {
  await given({ minAvailable: 3 })
  const [first, second] = await cluster.livePods()
  if (!first || !second) throw new Error('there are three pods')
  await cluster.pods.setPhase(second, 'Failed')
  expect(await evict(second.metadata.name ?? '')).toBe('evicted')
  await cluster.create<PodDisruptionBudget>({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'other' },
    spec: { selector: {}, minAvailable: 1 },
  })
  expect(await evict(first.metadata.name ?? '')).toMatchObject({
    code: 500,
    message:
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
  })
})

test('a pod that was to be disrupted, and was not, says so for two minutes', async () => {
  await given({ minAvailable: 1 }, 1)
  const [pod] = await cluster.livePods()
  if (!pod) throw new Error('there is one pod')
  const target = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
    lastTransitionTime: new Date(cluster.api.clock.now()).toISOString(),
  }
  const conditions = [...(pod.status?.conditions ?? []), target]
  const key = { ...inDefault, name: pod.metadata.name ?? '' }
  const told = { ...pod, status: { ...pod.status, conditions } }
  await cluster.transport.update(pods, key, told, { subresource: 'status' })
  const now = async () =>
    (await cluster.transport.get(pods, key)).status?.conditions?.find(
      ({ type }) => type === 'DisruptionTarget',
    )
  await cluster.pass(118_000)
  expect(await now()).toMatchObject({ status: 'True', reason: 'EvictionByEvictionAPI' })
  await cluster.pass(4_000)
  expect(await now()).toEqual({
    type: 'DisruptionTarget',
    status: 'False',
    lastTransitionTime: expect.any(String),
  })
})

test('a pod under two budgets is told of, for it cannot be evicted', async () => {
  await given({ minAvailable: 1 }, 1)
  await cluster.create<PodDisruptionBudget>({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'other' },
    spec: { selector: { matchLabels: { app: 'app' } }, minAvailable: 0 },
  })
  await cluster.quiet()
  const [name = ''] = await podNames()
  await cluster.changePod(name, { metadata: { labels: { seen: 'again' } } })
  await cluster.quiet()
  const events = await cluster.eventsAbout('Pod')
  expect(events.map(({ type, reason, message }) => [type, reason, message])).toContainEqual([
    'Warning',
    'MultiplePodDisruptionBudgets',
    `Pod "default"/"${name}" matches multiple PodDisruptionBudgets.  Chose "budget" arbitrarily.`,
  ])
})
