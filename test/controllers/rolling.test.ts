import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ReplicaSet } from '../../src/api/generated/types.ts'
import { replicaSets } from '../../src/api/scheme.ts'
import { StatusError } from '../../src/api/status-error.ts'
import { historyRows } from '../../src/rollout/history.ts'
import { specReplicas, sum } from '../../src/rollout/sizes.ts'
import { GivenCluster } from './given-cluster.ts'
import { givenDeployment, rolling } from './given-objects.ts'

let cluster: GivenCluster
beforeEach(async () => {
  cluster = await GivenCluster.start({ readyMsMax: 500, endMsMax: 500, badImages: ['app:bad'] })
})
afterEach(() => cluster.stop())

async function messages(): Promise<readonly (string | undefined)[]> {
  return (await cluster.eventsAbout('Deployment')).map(({ message }) => message)
}

async function nameOf(image: string): Promise<string | undefined> {
  return (await cluster.replicaSetOf(image)).metadata.name
}

async function revisions(): Promise<readonly string[]> {
  const rows = historyRows(await cluster.deployment(), await cluster.replicaSets())
  return rows.map(({ revision }) => String(revision))
}

describe('a rolling update', () => {
  test('B-39, B-70: three replicas take six steps, told by Events', async () => {
    await cluster.create(givenDeployment())
    await cluster.rolledOut()
    await cluster.setImage('app:2')
    await cluster.rolledOut()
    await cluster.pass(5000)
    const [old, young] = [await nameOf('app:1'), await nameOf('app:2')]
    expect(await messages()).toEqual([
      `Scaled up replica set ${old} from 0 to 3`,
      `Scaled up replica set ${young} from 0 to 1`,
      `Scaled down replica set ${old} from 3 to 2`,
      `Scaled up replica set ${young} from 1 to 2`,
      `Scaled down replica set ${old} from 2 to 1`,
      `Scaled up replica set ${young} from 2 to 3`,
      `Scaled down replica set ${old} from 1 to 0`,
    ])
    const [first] = await cluster.eventsAbout('Deployment')
    expect(first).toMatchObject({
      type: 'Normal',
      reason: 'ScalingReplicaSet',
      source: { component: 'deployment-controller' },
      reportingComponent: 'deployment-controller',
    })
  })

  test('B-38: Σ spec.replicas holds its limit at every write', async () => {
    await cluster.create(givenDeployment({ replicas: 10, ...rolling('30%', '20%') }))
    await cluster.rolledOut()
    const current = new Map<string, ReplicaSet>()
    const totals: number[] = []
    cluster.watch(replicaSets, (replicaSet) => {
      current.set(replicaSet.metadata.name ?? '', replicaSet)
      totals.push(sum([...current.values()], specReplicas))
    })
    for (const image of ['app:2', 'app:bad', 'app:3']) {
      await cluster.setImage(image)
      await cluster.pass(700)
    }
    await cluster.rolledOut()
    expect(Math.max(...totals)).toBe(13)
    expect(current.size).toBe(4)
  })

  test('B-3A: rollover abandons the rollout under way', async () => {
    await cluster.create(givenDeployment())
    await cluster.rolledOut()
    await cluster.setImage('app:bad')
    await cluster.pass(5000)
    expect((await cluster.replicaSetOf('app:bad')).spec?.replicas).toBe(1)
    await cluster.setImage('app:3')
    await cluster.rolledOut()
    const sizes = await Promise.all(
      ['app:1', 'app:bad', 'app:3'].map(async (image) =>
        specReplicas(await cluster.replicaSetOf(image)),
      ),
    )
    expect(sizes).toEqual([0, 0, 3])
  })
})

test('B-37: a failed scale-down neither ends the pass nor is forgotten', async () => {
  let failures = 0
  await cluster.stop()
  cluster = await GivenCluster.start({
    beforeWrite(object, verb) {
      const { metadata, spec } = object as ReplicaSet
      const isOld = object.kind === 'ReplicaSet' && metadata.annotations?.note === 'old'
      if (verb !== 'update' || !isOld || spec?.replicas !== 2 || failures === 3) return
      failures++
      throw new StatusError('InternalError', 'the disk is full')
    },
  })
  await cluster.create(givenDeployment({ annotations: { note: 'old' } }))
  await cluster.rolledOut()
  await cluster.change({
    metadata: { annotations: { note: 'new' } },
    spec: { template: { spec: { containers: [{ name: 'app', image: 'app:2' }] } } },
  })
  await cluster.quiet()
  // The old one is still whole, but the status tells of the new pod.
  expect((await cluster.replicaSetOf('app:1')).spec?.replicas).toBe(3)
  expect((await cluster.deployment()).status).toMatchObject({ replicas: 4, updatedReplicas: 1 })
  await cluster.rolledOut('app', 60_000)
  expect(failures).toBe(3)
})

describe('an undo', () => {
  test('B-24, B-87: 1,2,3 and back to 2 gives 1,3,4 and reuses the ReplicaSet', async () => {
    await cluster.create(givenDeployment())
    await cluster.rolledOut()
    for (const image of ['app:2', 'app:3']) {
      await cluster.setImage(image)
      await cluster.rolledOut()
    }
    expect(await revisions()).toEqual(['1', '2', '3'])
    const { uid } = (await cluster.replicaSetOf('app:2')).metadata
    await cluster.undo(2n)
    const undone = await cluster.rolledOut()
    expect(await revisions()).toEqual(['1', '3', '4'])
    expect((await cluster.replicaSetOf('app:2')).metadata).toMatchObject({
      uid,
      annotations: { 'deployment.kubernetes.io/revision-history': '2' },
    })
    expect(undone.metadata.annotations).toMatchObject({ 'deployment.kubernetes.io/revision': '4' })
    await expect(cluster.undo(2n)).rejects.toThrow('unable to find specified revision 2 in history')
    await expect(cluster.undo(4n)).rejects.toThrow('already matches revision 4')
    await cluster.undo()
    await cluster.rolledOut()
    expect(await revisions()).toEqual(['1', '4', '5'])
  })

  test('B-86: restores the template and the change-cause, and leaves the size alone', async () => {
    const cause = (text: string) => ({ 'kubernetes.io/change-cause': text })
    await cluster.create(givenDeployment({ annotations: cause('first') }))
    await cluster.rolledOut()
    await cluster.change({
      metadata: { annotations: cause('second') },
      spec: { replicas: 5, template: { spec: { containers: [{ name: 'app', image: 'app:2' }] } } },
    })
    await cluster.rolledOut()
    const before = await cluster.deployment()
    await cluster.undo(1n)
    // One patch, one generation (B-80).
    expect((await cluster.deployment()).metadata.generation).toBe(
      (before.metadata.generation ?? 0) + 1,
    )
    const undone = await cluster.rolledOut()
    expect(undone.spec?.replicas).toBe(5)
    expect(undone.metadata.annotations).toMatchObject(cause('first'))
  })
})

describe('B-67: revisionHistoryLimit 0', () => {
  test('only the current ReplicaSet stays once a rollout is complete; its number goes on', async () => {
    await cluster.create(givenDeployment({ revisionHistoryLimit: 0 }))
    await cluster.rolledOut()
    await cluster.setImage('app:bad')
    await cluster.pass(3000)
    expect(await revisions()).toEqual(['1', '2'])
    await cluster.undo()
    await cluster.rolledOut()
    await cluster.pass(3000)
    expect(await revisions()).toEqual(['3'])
    await expect(cluster.undo()).rejects.toThrow('no rollout history found for deployment "app"')
  })
})

describe('B-23, H-70: what bumps the generation', () => {
  test("the controller's own writes do not; annotations do, and are copied to the ReplicaSet (B-26)", async () => {
    await cluster.create(givenDeployment())
    expect((await cluster.rolledOut()).metadata.generation).toBe(1)
    await cluster.change({ metadata: { annotations: { note: 'x' } } })
    await cluster.rolledOut()
    await cluster.pass(1000)
    expect((await cluster.deployment()).metadata.generation).toBe(2)
    expect((await cluster.replicaSetOf('app:1')).metadata.annotations).toMatchObject({ note: 'x' })
    expect(await revisions()).toEqual(['1'])
  })

  test('B-18: minReadySeconds is copied, with no new ReplicaSet', async () => {
    await cluster.create(givenDeployment())
    await cluster.rolledOut()
    await cluster.change({ spec: { minReadySeconds: 5 } })
    await cluster.pass(6000)
    await cluster.rolledOut()
    expect((await cluster.replicaSetOf('app:1')).spec?.minReadySeconds).toBe(5)
    expect(await cluster.replicaSets()).toHaveLength(1)
  })
})

describe('B-85: the annotation of the old rollback API', () => {
  test('rolls back, says so, and is cleared', async () => {
    await cluster.create(givenDeployment())
    await cluster.rolledOut()
    await cluster.setImage('app:2')
    await cluster.rolledOut()
    const key = 'deprecated.deployment.rollback.to'
    await cluster.change({ metadata: { annotations: { [key]: '0' } } })
    await cluster.until('rolled back', async () => (await revisions()).includes('3'))
    const undone = await cluster.rolledOut()
    expect(undone.spec?.template.spec?.containers[0]?.image).toBe('app:1')
    expect(undone.metadata.annotations).not.toHaveProperty([key])
    expect(await messages()).toContain('Rolled back deployment "app" to revision 1')
  })
})
