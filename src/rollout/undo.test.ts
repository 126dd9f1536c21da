import { describe, expect, test } from 'vitest'
import { givenDeployment, givenReplicaSet, sized, template } from '../../test/rollout/given.ts'
import { findRollbackTarget, planUndo, restoredFields } from './undo.ts'

const [one, two, three] = [1, 2, 3].map((n) =>
  givenReplicaSet(`r${n}`, {
    image: `app:${n}`,
    revision: n,
    created: n,
    annotations: { 'kubernetes.io/change-cause': `cause ${n}`, ...sized(3, 4) },
  }),
)
const owned = [one, two, three].filter((replicaSet) => replicaSet !== undefined)
const current = givenDeployment({ image: 'app:3' })

describe('B-80: what an undo sends', () => {
  const deployment = givenDeployment({
    image: 'app:3',
    annotations: {
      'kubectl.kubernetes.io/last-applied-configuration': 'newer',
      'deployment.kubernetes.io/revision': '3',
      'kubernetes.io/change-cause': 'cause 3',
      'only/deployment': 'lost',
    },
  })

  test('a JSON patch of template and annotations', () => {
    const plan = planUndo(deployment, owned, 1n)
    expect(plan).toMatchObject({
      outcome: 'patch',
      patch: {
        type: 'application/json-patch+json',
        body: [
          { op: 'replace', path: '/spec/template', value: template('app:1') },
          { op: 'replace', path: '/metadata/annotations' },
        ],
      },
    })
  })

  test("B-86: own annotations stay, all others are the target's; nothing else is touched", () => {
    const target = findRollbackTarget(owned, 1n)
    if (target.outcome !== 'found') throw new Error('no target')
    expect(restoredFields(deployment, target.replicaSet)).toEqual({
      template: template('app:1'),
      annotations: {
        'kubectl.kubernetes.io/last-applied-configuration': 'newer',
        'deployment.kubernetes.io/revision': '3',
        'kubernetes.io/change-cause': 'cause 1',
      },
    })
  })
})

describe('B-81: without a revision', () => {
  test.each([
    ['the second highest', [1, 2, 3], 2n],
    ['in any order', [3, 1, 2], 2n],
    ['beyond what a number holds', ['9007199254740992', '9007199254740993'], 9007199254740992n],
    ['one without a revision counts 0', [undefined, 5], 0n],
    ['unparsable ones do not count', ['x', 4, 5], 4n],
  ])('%s', (_, revisions, expected) => {
    const replicaSets = revisions.map((revision, i) => givenReplicaSet(`r${i}`, { revision }))
    expect(findRollbackTarget(replicaSets, 0n)).toMatchObject({ revision: expected })
  })

  test('a single one is no history', () => {
    expect(planUndo(current, owned.slice(2), 0n)).toEqual({
      outcome: 'refuse',
      message: 'no rollout history found for deployment "app"',
    })
  })
})

test.each([7n, -1n])('B-82: revision %s is not in the history', (revision) => {
  expect(planUndo(current, owned, revision)).toEqual({
    outcome: 'refuse',
    message: `unable to find specified revision ${revision} in history`,
  })
})

describe('B-83: paused', () => {
  const paused = givenDeployment({ image: 'app:3', paused: true })

  test('is refused', () => {
    expect(planUndo(paused, owned, 1n)).toEqual({
      outcome: 'refuse',
      message:
        "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again",
    })
  })

  test('after the revision was looked up', () => {
    expect(planUndo(paused, owned, 9n)).toMatchObject({
      message: 'unable to find specified revision 9 in history',
    })
  })
})

describe('B-84: the target is the current template', () => {
  test.each([
    [3n, owned],
    [0n, [one, three].filter((each) => each !== undefined)],
  ])('revision %s as typed', (revision, replicaSets) => {
    const deployment = givenDeployment({ image: revision === 0n ? 'app:1' : 'app:3' })
    expect(planUndo(deployment, replicaSets, revision)).toMatchObject({
      outcome: 'skip',
      message: `skipped rollback (current template already matches revision ${revision})`,
    })
  })
})
