import { deepStrictEqual as equal, rejects } from 'node:assert/strict'
import type {
  PodDisruptionBudget,
  PodDisruptionBudgetSpec,
} from '../../../src/api/generated/types.ts'
import { podDisruptionBudgets, pods } from '../../../src/api/scheme.ts'
import { isStatusError } from '../../../src/api/status-error.ts'
import { suite } from '../body.ts'
import { isReady, podOf, replicaSetOf } from '../objects.ts'
import { nameOf, type World } from '../world.ts'
import { statusEndpoints } from './status-endpoints.ts'

const labels = { foo: 'bar' }

function createBudget(world: World, spec: PodDisruptionBudgetSpec): Promise<PodDisruptionBudget> {
  return world.create<PodDisruptionBudget>({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'foo', labels: { e2e: world.namespace } },
    spec: { selector: { matchLabels: labels }, ...spec },
  })
}

/** Until the controller has counted, and found this. */
function counted(world: World, wanted: Partial<PodDisruptionBudget['status']>): Promise<unknown> {
  return world.until(`the budget says ${JSON.stringify(wanted)}`, async () => {
    const { metadata, status } = await world.get(podDisruptionBudgets, 'foo')
    const hasSeen = (status?.observedGeneration ?? 0) >= Number(metadata.generation)
    const found = (status ?? {}) as Record<string, unknown>
    return hasSeen && Object.entries(wanted ?? {}).every(([key, value]) => found[key] === value)
  })
}

async function runPods(world: World, count: number): Promise<void> {
  const image = world.images.first
  for (let n = 0; n < count; n++) await world.create(podOf({ name: `pod-${n}`, image, labels }))
  await allRun(world, count)
}

const allRun = (world: World, count: number) =>
  world.until(`${count} pods run`, async () => {
    const running = (await world.list(pods)).filter(({ status }) => status?.phase === 'Running')
    return running.length === count
  })

/** Ready: an eviction of any other one costs no budget. */
const oneRuns = (world: World) =>
  world.until('a pod is ready', async () => (await world.list(pods)).find(isReady))

function evict(world: World, name: string): Promise<unknown> {
  const where = { namespace: world.namespace, name }
  const metadata = { namespace: world.namespace, name }
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata }
  return world.api.create(pods, where, eviction, { subresource: 'eviction' })
}

/** What a budget allows, and whether one eviction of many pods then goes through. */
interface Case {
  readonly pods?: number
  readonly replicas?: number
  readonly budget?: PodDisruptionBudgetSpec
  /** Each node takes one of the replicas, so that too few run. */
  readonly isExclusive?: true
  readonly isDenied: boolean
}

const exclusive = { ports: [{ containerPort: 21018, hostPort: 21018 }] }

const evicting =
  ({ pods: bare = 0, replicas = 0, budget, isExclusive, isDenied }: Case) =>
  async (world: World): Promise<void> => {
    await runPods(world, bare)
    if (replicas > 0) {
      const container = isExclusive ? exclusive : {}
      const described = { name: 'rs', image: world.images.first, labels, container }
      await world.create(replicaSetOf(described, { replicas }))
    }
    await (isExclusive ? oneRuns(world) : allRun(world, bare + replicas))
    if (budget) {
      await createBudget(world, budget)
      await counted(world, {
        ...(isExclusive ? { expectedPods: replicas } : { currentHealthy: bare + replicas }),
        disruptionsAllowed: isDenied ? 0 : 1,
      })
    }
    const name = nameOf(await oneRuns(world))
    if (isDenied) {
      await rejects(evict(world, name), (error) => {
        equal(isStatusError(error, 'TooManyRequests'), true)
        const { message } = error as Error
        equal(message, "Cannot evict pod as it would violate the pod's disruption budget.")
        return true
      })
      return
    }
    await evict(world, name)
    await world.until('the pod is gone', () => world.isGone(pods, name))
  }

async function creates(world: World): Promise<void> {
  await createBudget(world, { minAvailable: '1%' })
  await counted(world, {})
  const body = { spec: { minAvailable: '2%' } }
  equal((await world.merge(podDisruptionBudgets, 'foo', body)).spec?.minAvailable, '2%')
  await counted(world, {})
  await world.delete(podDisruptionBudgets, 'foo')
  await world.until('the budget is gone', () => world.isGone(podDisruptionBudgets, 'foo'))
}

async function observes(world: World): Promise<void> {
  await createBudget(world, { minAvailable: 1 })
  await runPods(world, 3)
  await counted(world, {
    currentHealthy: 3,
    desiredHealthy: 1,
    expectedPods: 3,
    disruptionsAllowed: 2,
  })
}

async function blocksUntilUpdated(world: World): Promise<void> {
  await runPods(world, 3)
  await createBudget(world, { minAvailable: 3 })
  await counted(world, { currentHealthy: 3, disruptionsAllowed: 0 })
  await rejects(evict(world, 'pod-0'), (error) => isStatusError(error, 'TooManyRequests'))
  await world.merge(podDisruptionBudgets, 'foo', { spec: { minAvailable: 2 } })
  await counted(world, { disruptionsAllowed: 1 })
  await evict(world, 'pod-0')
  await world.until('the pod is gone', () => world.isGone(pods, 'pod-0'))
  await counted(world, { currentHealthy: 2, disruptionsAllowed: 0 })
  await rejects(evict(world, 'pod-1'), (error) => isStatusError(error, 'TooManyRequests'))
  await world.delete(podDisruptionBudgets, 'foo')
  await evict(world, 'pod-1')
}

async function deletesCollection(world: World): Promise<void> {
  await createBudget(world, { minAvailable: '1%' })
  const labelSelector = `e2e=${world.namespace}`
  const { items } = await world.api.list(podDisruptionBudgets, {}, { labelSelector })
  equal(items.map(nameOf), ['foo'])
  const where = { namespace: world.namespace }
  await world.api.deleteCollection(podDisruptionBudgets, where, { labelSelector })
  await world.until('no budget is left', async () => {
    return (await world.list(podDisruptionBudgets)).length === 0
  })
}

async function updatesStatus(world: World): Promise<void> {
  await createBudget(world, { minAvailable: 1 })
  await runPods(world, 1)
  await counted(world, { currentHealthy: 1 })
  await statusEndpoints(world, podDisruptionBudgets, 'foo')
}

export const disruptionBodies = suite('DisruptionController', {
  'I-30 should create a PodDisruptionBudget': creates,
  'I-30 should observe PodDisruptionBudget status updated': observes,
  'I-30 should update/patch PodDisruptionBudget status': updatesStatus,
  'I-30 Listing PodDisruptionBudgets for all namespaces should list and delete a collection of PodDisruptionBudgets':
    deletesCollection,
  'I-30 should block an eviction until the PDB is updated to allow it': blocksUntilUpdated,
  'I-30 evictions: no PDB => should allow an eviction': evicting({ pods: 1, isDenied: false }),
  'I-30 evictions: too few pods, absolute => should not allow an eviction': evicting({
    pods: 2,
    budget: { minAvailable: 2 },
    isDenied: true,
  }),
  'I-30 evictions: enough pods, absolute => should allow an eviction': evicting({
    pods: 3,
    budget: { minAvailable: 2 },
    isDenied: false,
  }),
  'I-30 evictions: enough pods, replicaSet, percentage => should allow an eviction': evicting({
    replicas: 10,
    budget: { minAvailable: '90%' },
    isDenied: false,
  }),
  'I-30 evictions: too few pods, replicaSet, percentage => should not allow an eviction': evicting({
    replicas: 10,
    budget: { minAvailable: '90%' },
    isExclusive: true,
    isDenied: true,
  }),
  'I-30 evictions: maxUnavailable allow single eviction, percentage => should allow an eviction':
    evicting({ replicas: 10, budget: { maxUnavailable: '10%' }, isDenied: false }),
  'I-30 evictions: maxUnavailable deny evictions, integer => should not allow an eviction':
    evicting({
      replicas: 10,
      budget: { maxUnavailable: 1 },
      isExclusive: true,
      isDenied: true,
    }),
})
