import { describe, expect, test } from 'vitest'
import { givenDeployment, givenReplicaSet, recreate, sized } from '../../test/rollout/given.ts'
import { syncedNewReplicaSet } from './new-replica-set.ts'
import {
  copiedAnnotations,
  maxReplicasAnnotated,
  sizeAnnotations,
} from './replica-set-annotations.ts'
import { scaleAction, scaleOrAnnotateAction } from './scale-actions.ts'

describe('B-25: the size annotations', () => {
  test.each([
    ['rolling, 25 % of 10', givenDeployment({ replicas: 10 }), sized(10, 13)],
    ['Recreate', givenDeployment({ replicas: 10, ...recreate }), sized(10, 10)],
    ['no replicas', givenDeployment({ replicas: 0 }), sized(0, 0)],
  ])('%s', (_, deployment, expected) => {
    expect(sizeAnnotations(deployment)).toEqual(expected)
  })

  test('are written with every new size, and with stale ones alone when asked to', () => {
    const deployment = givenDeployment({ replicas: 10 })
    const stale = givenReplicaSet('one', { replicas: 5, annotations: sized(5, 7) })
    expect(scaleAction(deployment, stale, 8)).toMatchObject([
      { replicaSet: { metadata: { annotations: sized(10, 13) }, spec: { replicas: 8 } } },
    ])
    expect(scaleAction(deployment, stale, 5)).toEqual([])
    expect(scaleOrAnnotateAction(deployment, stale, 5)).toMatchObject([
      { type: 'updateReplicaSet', replicaSet: { metadata: { annotations: sized(10, 13) } } },
    ])
    const fresh = givenReplicaSet('one', { replicas: 5, annotations: sized(10, 13) })
    expect(scaleOrAnnotateAction(deployment, fresh, 5)).toEqual([])
  })

  test('one that is no integer says nothing', () => {
    const annotations = { 'deployment.kubernetes.io/max-replicas': 'many' }
    expect(maxReplicasAnnotated(givenReplicaSet('one', { annotations }))).toBeUndefined()
  })
})

describe('B-26: annotations copied to the new ReplicaSet', () => {
  const annotations = {
    'kubernetes.io/change-cause': 'because',
    'kubectl.kubernetes.io/last-applied-configuration': '{}',
    'deployment.kubernetes.io/revision': '9',
    'deployment.kubernetes.io/revision-history': '1,2',
    'deprecated.deployment.rollback.to': '1',
    ...sized(9, 9),
    team: 'web',
  }

  test('all but the six that belong to one object', () => {
    expect(copiedAnnotations(annotations)).toEqual({
      'kubernetes.io/change-cause': 'because',
      team: 'web',
    })
  })

  test('add and overwrite, but never delete', () => {
    const existing = givenReplicaSet('one', {
      revision: 1,
      annotations: { team: 'db', 'kubernetes.io/change-cause': 'before' },
    })
    const synced = syncedNewReplicaSet(
      givenDeployment({ annotations: { team: 'web' } }),
      existing,
      [],
    )
    expect(synced.metadata.annotations).toEqual({
      team: 'web',
      'kubernetes.io/change-cause': 'before',
      'deployment.kubernetes.io/revision': '1',
    })
  })
})
