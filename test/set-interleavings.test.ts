import { describe, expect, test } from 'vitest'
import type { Pod } from '../src/api/generated/types.ts'
import { isTerminating } from '../src/api/object.ts'
import { isPodReady } from '../src/api/pod-facts.ts'
import { pods } from '../src/api/scheme.ts'
import { type Prng, randomInt } from '../src/base/prng.ts'
import { nodeOf } from '../src/rollout/daemon-set-pod.ts'
import { GivenCluster } from './controllers/given-cluster.ts'
import {
  DaemonSetUnderTest,
  rollingUpdate as daemonUpdate,
  givenDaemonSet,
} from './controllers/given-daemon-set.ts'
import {
  givenStatefulSet,
  rollingUpdate,
  StatefulSetUnderTest,
} from './controllers/given-stateful-set.ts'

/**
 * A set of four pods whose template changes at random moments, also while it rolls. Pods take
 * random times to start and to end, requests random times to be answered; with `isLate` every watch
 * event arrives up to three seconds late. A failing seed is printed and repeats the run exactly.
 */
const wanted = 4

interface Rolled {
  /** Pods that may be out at a time, and pods that may be one too many. */
  readonly maxUnavailable: number
  readonly maxSurge: number
  /** Upstream's DaemonSet replaces pods that are down on top of what it takes down (D-34). */
  readonly holdsWhenInterrupted: boolean
  /** Resolves when all pods run the template with `image`, and no others are there. */
  updated(): Promise<unknown>
  setImage(image: string): Promise<unknown>
  images(): Promise<readonly string[]>
}

type Given = (cluster: GivenCluster, prng: Prng) => Promise<Rolled>

const statefulSet: Given = async (cluster, prng) => {
  const web = new StatefulSetUnderTest(cluster)
  const maxUnavailable = 1 + randomInt(prng, 2)
  const podManagementPolicy = randomInt(prng, 2) === 0 ? 'OrderedReady' : 'Parallel'
  const given = { replicas: wanted, podManagementPolicy, ...rollingUpdate(0, maxUnavailable) }
  await cluster.create(givenStatefulSet(given))
  await web.updated(600_000)
  return {
    maxUnavailable,
    maxSurge: 0,
    holdsWhenInterrupted: true,
    updated: () => web.updated(600_000),
    setImage: (image) => web.setImage(image),
    images: () => web.images(),
  }
}

const daemonSet: Given = async (cluster, prng) => {
  const agent = new DaemonSetUnderTest(cluster)
  await agent.nodes(wanted)
  const count = 1 + randomInt(prng, 2)
  const isSurging = randomInt(prng, 2) === 0
  const [maxUnavailable, maxSurge] = isSurging ? [0, count] : [count, 0]
  await cluster.create(givenDaemonSet(daemonUpdate(maxUnavailable, maxSurge)))
  await agent.updated(600_000)
  return {
    maxUnavailable,
    maxSurge,
    holdsWhenInterrupted: false,
    updated: () => agent.updated(600_000),
    setImage: (image) => agent.setImage(image),
    images: () => agent.images(),
  }
}

/** Notes every moment at which too few pods are ready, or too many are there. */
function followPods(cluster: GivenCluster, { maxUnavailable, maxSurge }: Rolled): string[] {
  const faults: string[] = []
  const all = new Map<string, Pod>()
  let isComplete = false
  cluster.watch<Pod>(pods, (pod) => {
    all.set(pod.metadata.uid ?? '', pod)
    const staying = [...all.values()].filter((each) => !isTerminating(each))
    const places = new Set(
      staying.filter(isPodReady).map((each) => each.spec?.hostname ?? nodeOf(each)),
    )
    isComplete ||= places.size === wanted
    if (isComplete && places.size < wanted - maxUnavailable) faults.push(`${places.size} ready`)
    if (staying.length > wanted + maxSurge) faults.push(`${staying.length} pods`)
  })
  return faults
}

async function run(given: Given, seed: number, isLate: boolean): Promise<void> {
  const cluster = await GivenCluster.start({
    seed,
    readyMsMax: 2000,
    endMsMax: 2000,
    requestDelayMsMax: 20,
    watchDelayMsMax: isLate ? 3000 : 0,
  })
  const { prng } = cluster
  try {
    const rolled = await given(cluster, prng)
    const faults = followPods(cluster, rolled)
    let image = ''
    for (let change = 0; change < 4; change++) {
      image = `app:${1 + randomInt(prng, 3)}`
      await rolled.setImage(image)
      if (rolled.holdsWhenInterrupted) await cluster.pass(randomInt(prng, 10_000))
      else await rolled.updated()
    }
    await rolled.updated()
    expect(faults.splice(0)).toEqual([])
    for (const tag of [4, 5]) {
      image = `app:${tag}`
      await rolled.setImage(image)
      await cluster.pass(randomInt(prng, 10_000))
    }
    await rolled.updated()
    await cluster.pass(30_000)
    const images = (await rolled.images()).map((text) => text.split(' ')[1])
    expect(images).toEqual(Array(wanted).fill(image))
    if (rolled.holdsWhenInterrupted) expect(faults).toEqual([])
  } catch (error) {
    throw new Error(`seed ${seed}, late ${isLate}: ${error}`, { cause: error })
  } finally {
    await cluster.stop()
  }
}

describe.each([
  ['D-12, D-16: StatefulSet', statefulSet],
  ['D-34, D-35, D-38: DaemonSet', daemonSet],
])('%s: changes during changes', (_, given) => {
  test.each([
    ['watches in time', false],
    ['watches late', true],
  ])('25 interleavings, %s: the limits hold, and all ends well', async (_, isLate) => {
    for (let seed = 1; seed <= Number(process.env.SET_SEEDS ?? 25); seed++) {
      await run(given, seed, isLate)
    }
  })
})
