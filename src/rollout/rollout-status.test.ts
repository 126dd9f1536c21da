import { describe, expect, test } from 'vitest'
import { condition, type GivenDeployment, givenDeployment } from '../../test/rollout/given.ts'
import { reportRollout } from './rollout-status.ts'

const revision = { annotations: { 'deployment.kubernetes.io/revision': '4' } }
const full = {
  observedGeneration: 2,
  replicas: 3,
  updatedReplicas: 3,
  readyReplicas: 3,
  availableReplicas: 3,
}
const late = [condition('Progressing', 'False', { reason: 'ProgressDeadlineExceeded' })]
const finish = 'Waiting for deployment "app" rollout to finish:'

const cases: readonly [string, GivenDeployment['status'], bigint, string, string][] = [
  [
    'G-30',
    { ...full, observedGeneration: 1 },
    0n,
    'waiting',
    'Waiting for deployment spec update to be observed...',
  ],
  ['G-31', full, 3n, 'failed', 'desired revision (3) is different from the running revision (4)'],
  [
    'G-32',
    { ...full, conditions: late },
    0n,
    'failed',
    'deployment "app" exceeded its progress deadline',
  ],
  [
    'G-33',
    { ...full, updatedReplicas: 1 },
    0n,
    'waiting',
    `${finish} 1 out of 3 new replicas have been updated...`,
  ],
  [
    'G-34',
    { ...full, replicas: 5 },
    0n,
    'waiting',
    `${finish} 2 old replicas are pending termination...`,
  ],
  [
    'G-35',
    { ...full, availableReplicas: 2 },
    0n,
    'waiting',
    `${finish} 2 of 3 updated replicas are available...`,
  ],
  ['G-36', full, 0n, 'done', 'deployment "app" successfully rolled out'],
  ['G-36', full, 4n, 'done', 'deployment "app" successfully rolled out'],
]

describe('G-30..36: the lines of rollout status', () => {
  test.each(cases)('%s', (_, status, wanted, outcome, message) => {
    const deployment = givenDeployment({ ...revision, generation: 2, status })
    expect(reportRollout(deployment, wanted)).toEqual({ outcome, message })
  })

  test('the first that applies stands', () => {
    const status = { ...full, observedGeneration: 1, conditions: late }
    const deployment = givenDeployment({ ...revision, generation: 2, status })
    expect(reportRollout(deployment).outcome).toBe('waiting')
    expect(reportRollout(givenDeployment({ generation: 1 })).outcome).toBe('waiting')
  })
})
