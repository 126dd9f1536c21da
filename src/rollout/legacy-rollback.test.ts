import { describe, expect, test } from 'vitest'
import { givenDeployment, givenReplicaSet, t0, template } from '../../test/rollout/given.ts'
import type { Deployment, ReplicaSet } from '../api/generated/types.ts'
import { rollbackRequest } from './legacy-rollback.ts'
import { observeDeployment } from './observed-deployment.ts'
import { planDeployment } from './plan-deployment.ts'

const key = 'deprecated.deployment.rollback.to'
const owned = [1, 2, 3].map((n) =>
  givenReplicaSet(`r${n}`, {
    image: `app:${n}`,
    revision: n,
    created: n,
    annotations: { 'kubernetes.io/change-cause': `cause ${n}` },
  }),
)

function ask(toRevision: string, replicaSets: readonly ReplicaSet[] = owned, image = 'app:3') {
  const annotations = { [key]: toRevision, 'kubernetes.io/change-cause': 'cause 3' }
  const deployment = givenDeployment({ image, annotations })
  return planDeployment(observeDeployment(deployment, replicaSets), t0).actions
}

/** The Events, and the Deployment that is written. */
function outcome(actions: ReturnType<typeof ask>) {
  const written = actions.find((action) => action.type === 'updateDeployment')
  const events = actions.flatMap((action) =>
    'event' in action && action.event ? [action.event] : [],
  )
  return { events, deployment: written?.deployment as Deployment }
}

describe('B-85: the annotation of the old rollback API', () => {
  test.each([
    ['1', 'app:1', 1],
    ['0', 'app:2', 2],
  ])('revision %s goes back to %s', (toRevision, image, revision) => {
    const { events, deployment } = outcome(ask(toRevision))
    expect(events).toEqual([
      {
        type: 'Normal',
        reason: 'DeploymentRollback',
        message: `Rolled back deployment "app" to revision ${revision}`,
      },
    ])
    expect(deployment.spec?.template).toEqual(template(image))
    expect(deployment.metadata.annotations).toEqual({
      'kubernetes.io/change-cause': `cause ${revision}`,
    })
  })

  test.each([
    ['0', 'Unable to find last revision.', owned.slice(2)],
    ['9', 'Unable to find the revision to rollback to.', owned],
  ])('revision %s: %s', (toRevision, message, replicaSets) => {
    const { events, deployment } = outcome(ask(toRevision, replicaSets))
    expect(events).toEqual([
      { type: 'Warning', reason: 'DeploymentRollbackRevisionNotFound', message },
    ])
    expect(deployment.metadata.annotations).not.toHaveProperty(key)
    expect(deployment.spec?.template).toEqual(template('app:3'))
  })

  test('the same template', () => {
    const { events, deployment } = outcome(ask('3'))
    expect(events).toEqual([
      {
        type: 'Warning',
        reason: 'DeploymentRollbackTemplateUnchanged',
        message: 'The rollback revision contains the same template as current deployment "app"',
      },
    ])
    expect(deployment.metadata.annotations).not.toHaveProperty(key)
  })

  test('comes after paused, and an annotation that is no revision asks for nothing', () => {
    const annotations = { [key]: '1' }
    const paused = givenDeployment({
      paused: true,
      annotations,
      progressDeadlineSeconds: undefined,
    })
    const { actions } = planDeployment(observeDeployment(paused, owned), t0)
    expect(actions.map(({ type }) => type)).not.toContain('updateDeployment')
    expect(rollbackRequest(givenDeployment({ annotations: { [key]: 'last' } }))).toBeUndefined()
  })
})
