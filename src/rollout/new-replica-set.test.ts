import { describe, expect, test } from 'vitest'
import { givenDeployment, givenReplicaSet, template } from '../../test/rollout/given.ts'
import { desiredNewReplicaSet, findNewReplicaSet, syncedNewReplicaSet } from './new-replica-set.ts'
import { templateHash } from './template-hash.ts'

describe('B-10: which ReplicaSet is the new one', () => {
  const deployment = givenDeployment({ image: 'app:2' })

  test('the one with an equal template, the hash label aside', () => {
    const one = givenReplicaSet('one', { image: 'app:1' })
    const two = givenReplicaSet('two', { image: 'app:2' })
    expect(findNewReplicaSet(deployment, [one, two])).toBe(two)
    expect(findNewReplicaSet(deployment, [one])).toBeUndefined()
  })

  test('of several the oldest, then the first by name', () => {
    const late = givenReplicaSet('a', { image: 'app:2', created: 9 })
    const early = givenReplicaSet('c', { image: 'app:2', created: 5 })
    const twin = givenReplicaSet('b', { image: 'app:2', created: 5 })
    expect(findNewReplicaSet(deployment, [late, early])).toBe(early)
    expect(findNewReplicaSet(deployment, [late, early, twin])).toBe(twin)
  })

  test('absent and empty, and quantities of the same value, are equal', () => {
    const spec = (memory: string, more: object = {}) => ({
      metadata: { labels: { app: 'app' } },
      spec: {
        containers: [{ name: 'app', image: 'i', resources: { limits: { memory } }, ...more }],
      },
    })
    const wanted = givenDeployment({ template: spec('1Gi', { env: [] }) })
    const stored = givenReplicaSet('one')
    const same = { ...stored, spec: { ...stored.spec, template: spec('1024Mi') } } as typeof stored
    const other = { ...stored, spec: { ...stored.spec, template: spec('1G') } } as typeof stored
    expect(findNewReplicaSet(wanted, [same])).toBe(same)
    expect(findNewReplicaSet(wanted, [other])).toBeUndefined()
  })

  test('B-08: an adopted one without a hash label is the new one if its template equals', () => {
    const { metadata, spec, ...rest } = givenReplicaSet('bare', { image: 'app:2' })
    const bare = {
      ...rest,
      metadata: { ...metadata, name: 'by-hand', labels: { app: 'app' } },
      spec: { selector: { matchLabels: { app: 'app' } }, template: template('app:2') },
    }
    expect(findNewReplicaSet(deployment, [bare])).toBe(bare)
    expect(syncedNewReplicaSet(deployment, bare, [])).toMatchObject({
      metadata: { name: 'by-hand', labels: { app: 'app' } },
      spec: { selector: { matchLabels: { app: 'app' } } },
    })
  })
})

describe('B-12: the new ReplicaSet to create', () => {
  const deployment = givenDeployment({
    image: 'app:2',
    minReadySeconds: 7,
    annotations: { note: 'x' },
    selector: {
      matchLabels: { app: 'app' },
      matchExpressions: [{ key: 'app', operator: 'Exists' }],
    },
  })
  const hash = templateHash(template('app:2'))
  const created = desiredNewReplicaSet(deployment, [givenReplicaSet('one', { revision: 4 })])

  test('name, labels, selector, template and owner', () => {
    expect(created.metadata).toMatchObject({
      name: `app-${hash}`,
      namespace: 'default',
      labels: { app: 'app', 'pod-template-hash': hash },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          name: 'app',
          uid: 'deployment-uid',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    })
    expect(created.spec).toEqual({
      replicas: 0,
      minReadySeconds: 7,
      selector: {
        matchLabels: { app: 'app', 'pod-template-hash': hash },
        matchExpressions: [{ key: 'app', operator: 'Exists' }],
      },
      template: template('app:2', { 'pod-template-hash': hash }),
    })
  })

  test('B-21, B-25, B-26: its annotations', () => {
    expect(created.metadata.annotations).toEqual({
      note: 'x',
      'deployment.kubernetes.io/revision': '5',
      'deployment.kubernetes.io/desired-replicas': '3',
      'deployment.kubernetes.io/max-replicas': '4',
    })
  })

  test('B-28: labels of the Deployment itself are not copied', () => {
    const metadata = { ...deployment.metadata, labels: { tier: 'web' } }
    expect(desiredNewReplicaSet({ ...deployment, metadata }, []).metadata.labels).toEqual({
      app: 'app',
      'pod-template-hash': hash,
    })
  })

  test('B-14: a collision gives another name', () => {
    const collided = { ...deployment, status: { collisionCount: 1 } }
    expect(desiredNewReplicaSet(collided, []).metadata.name).not.toBe(created.metadata.name)
  })
})

describe('B-18: an existing new ReplicaSet', () => {
  test('takes over minReadySeconds, up and down', () => {
    const existing = givenReplicaSet('one', { revision: 1 })
    const raised = syncedNewReplicaSet(givenDeployment({ minReadySeconds: 5 }), existing, [])
    expect(raised.spec?.minReadySeconds).toBe(5)
    expect(syncedNewReplicaSet(givenDeployment(), raised, []).spec?.minReadySeconds).toBe(0)
  })

  test('is the same object when nothing differs', () => {
    const existing = givenReplicaSet('one', { revision: 1, annotations: { other: 'kept' } })
    expect(syncedNewReplicaSet(givenDeployment(), existing, [])).toBe(existing)
  })
})
