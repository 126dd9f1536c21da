import { expect, test } from 'vitest'
import { condition, givenDeployment, t0 } from '../../test/rollout/given.ts'
import { collidedStatus, createFailure } from './create-failure.ts'

test.each([
  [undefined, 1],
  [4, 5],
])('B-14: collisionCount %s -> %i', (collisionCount, expected) => {
  const deployment = givenDeployment({ status: { collisionCount, replicas: 2 } })
  expect(collidedStatus(deployment)).toEqual({ collisionCount: expected, replicas: 2 })
})

test('B-15: a refused creation is told in the condition and in an Event', () => {
  const status = { conditions: [condition('Progressing', 'True')] }
  const why = { replicaSetName: 'app-xyz', error: 'quota exceeded' }
  const message = 'Failed to create new replica set "app-xyz": quota exceeded'
  const failure = createFailure(givenDeployment({ status }), why, t0)
  expect(failure.event).toEqual({ type: 'Warning', reason: 'ReplicaSetCreateError', message })
  expect(failure.status.conditions).toMatchObject([
    { type: 'Progressing', status: 'False', reason: 'ReplicaSetCreateError', message },
  ])
})
