import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { persistentVolumeClaims, statefulSets } from '../../src/api/scheme.ts'
import { GivenCluster } from './given-cluster.ts'
import { givenStatefulSet, StatefulSetUnderTest } from './given-stateful-set.ts'

const inDefault = { namespace: 'default' }
let cluster: GivenCluster
let web: StatefulSetUnderTest
beforeEach(async () => {
  cluster = await GivenCluster.start()
  web = new StatefulSetUnderTest(cluster)
})
afterEach(() => cluster.stop())

const volumeClaimTemplates = [
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', labels: { tier: 'db' } },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  },
]

async function create(whenDeleted: 'Retain' | 'Delete'): Promise<void> {
  const persistentVolumeClaimRetentionPolicy = { whenDeleted, whenScaled: 'Retain' }
  const given = { replicas: 2, volumeClaimTemplates, persistentVolumeClaimRetentionPolicy }
  await cluster.create(givenStatefulSet(given))
  await web.ready()
}

const claims = async () => (await cluster.transport.list(persistentVolumeClaims, inDefault)).items

describe('D-10: claims', () => {
  test('one of each template for each pod, which keeps it when it is made again', async () => {
    await create('Retain')
    const made = await claims()
    expect(made.map(({ metadata }) => metadata.name)).toEqual(['data-web-0', 'data-web-1'])
    expect(made[1]).toMatchObject({
      metadata: { labels: { app: 'web', tier: 'db' } },
      spec: { accessModes: ['ReadWriteOnce'], volumeMode: 'Filesystem' },
      status: { phase: 'Pending' },
    })
    expect((await web.pod(1)).spec?.volumes).toContainEqual({
      name: 'data',
      persistentVolumeClaim: { claimName: 'data-web-1' },
    })
    await web.deletePod(1)
    await web.ready()
    expect(await claims()).toEqual(made)
    expect(await web.messages()).toContain(
      'Normal SuccessfulCreate create Claim data-web-1 Pod web-1 in StatefulSet web success',
    )
  })

  test.each([
    ['Retain', 2],
    ['Delete', 0],
  ] as const)('D-1D: whenDeleted %s leaves %i', async (whenDeleted, expected) => {
    await create(whenDeleted)
    await cluster.transport.delete(statefulSets, { ...inDefault, name: 'web' })
    await cluster.until('all gone', async () => (await web.pods()).length === 0)
    expect(await claims()).toHaveLength(expected)
  })
})
