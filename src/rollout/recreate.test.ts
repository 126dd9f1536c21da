import { describe, expect, test } from 'vitest'
import {
  givenDeployment,
  givenPod,
  givenReplicaSet,
  recreate,
  t0,
} from '../../test/rollout/given.ts'
import type { Pod, ReplicaSet } from '../api/generated/types.ts'
import { observeDeployment } from './observed-deployment.ts'
import { planDeployment } from './plan-deployment.ts'

function plan(owned: readonly ReplicaSet[], pods: Record<string, readonly Pod[]> = {}) {
  const deployment = givenDeployment({ image: 'app:new', ...recreate })
  const observed = observeDeployment(deployment, owned, new Map(Object.entries(pods)))
  return planDeployment(observed, t0).actions.map((action) =>
    action.type === 'scaleReplicaSet'
      ? `${action.replicaSet.metadata.name} ${action.from}->${action.to}`
      : action.type === 'createReplicaSet'
        ? `create ${action.replicaSet.spec?.replicas}`
        : action.type,
  )
}

describe('B-49: Recreate', () => {
  const drained = givenReplicaSet('old', { image: 'app:old', revision: 1 })

  test('all old ReplicaSets go to 0 at once', () => {
    const old = ['a', 'b'].map((name) =>
      givenReplicaSet(name, { image: `app:${name}`, replicas: 2 }),
    )
    expect(plan(old)).toEqual(['app-a 2->0', 'app-b 2->0', 'updateStatus'])
  })

  test('waits while an old ReplicaSet counts pods', () => {
    const stopping = givenReplicaSet('old', { image: 'app:old', replicas: 0, pods: 1 })
    expect(plan([stopping])).toEqual(['updateStatus'])
  })

  test.each([
    ['Running', {}, true],
    ['Pending', { phase: 'Pending' }, true],
    ['Unknown', { phase: 'Unknown' }, true],
    ['terminating', { deleted: true }, true],
    ['Succeeded', { phase: 'Succeeded' }, false],
    ['Failed', { phase: 'Failed' }, false],
  ])('an old pod that is %s: waits is %s', (_, given, waits) => {
    const actions = plan([drained], { 'old-uid': [givenPod('p', given)] })
    expect(actions).toEqual(waits ? ['updateStatus'] : ['create 3', 'updateStatus'])
  })

  test('then creates the new one at full size', () => {
    expect(plan([drained], { 'old-uid': [] })).toEqual(['create 3', 'updateStatus'])
  })

  test('an existing new one grows at once; its own pods do not hold it up', () => {
    const newOne = givenReplicaSet('new', { image: 'app:new', replicas: 1, revision: 2 })
    expect(plan([drained, newOne], { 'new-uid': [givenPod('p')], 'old-uid': [] })).toEqual([
      'app-new 1->3',
      'updateStatus',
    ])
  })
})
