import { describe, expect, test } from 'vitest'
import {
  condition,
  type GivenDeployment,
  givenDeployment,
  givenReplicaSet,
  rolling,
  sized,
  t0,
  template,
} from '../../test/rollout/given.ts'
import { RolloutModel } from '../../test/rollout/rollout-model.ts'
import type { Deployment, ReplicaSet } from '../api/generated/types.ts'
import { observeDeployment } from './observed-deployment.ts'
import { planDeployment } from './plan-deployment.ts'

function plan(deployment: Deployment, ...owned: readonly ReplicaSet[]) {
  return planDeployment(observeDeployment(deployment, owned), t0).actions
}

function types(given: GivenDeployment | Deployment, ...owned: readonly ReplicaSet[]) {
  const deployment = 'metadata' in given ? given : givenDeployment(given)
  return plan(deployment, ...owned).map(({ type }) => type)
}

const nameOf = (model: RolloutModel, image: string) => model.byImage(image).metadata.name ?? ''

const paused = [condition('Progressing', 'Unknown', { reason: 'DeploymentPaused' })]
const oldOne = givenReplicaSet('old', {
  image: 'app:old',
  replicas: 3,
  revision: 1,
  annotations: sized(3, 4),
})

describe('B.1: the order of one sync', () => {
  test('an empty selector is told, observed, and left alone', () => {
    const deployment = givenDeployment({ selector: {}, generation: 2 })
    expect(plan(deployment, oldOne)).toEqual([
      {
        type: 'event',
        event: {
          type: 'Warning',
          reason: 'SelectingAll',
          message: 'This deployment is selecting all pods. A non-empty selector is required.',
        },
      },
      { type: 'updateStatus', status: { observedGeneration: 2 }, revision: undefined },
    ])
  })

  test('B-02: being deleted: status only', () => {
    const { metadata, ...rest } = givenDeployment()
    const deleted = { ...rest, metadata: { ...metadata, deletionTimestamp: 'now' } }
    expect(types(deleted, oldOne)).toEqual(['updateStatus'])
    expect(types(deleted)).toEqual(['updateStatus'])
  })

  test('B-03: paused: no ReplicaSet is created and none rolled', () => {
    const given = { paused: true, status: { conditions: paused } }
    expect(types(given, oldOne)).toEqual(['updateStatus'])
    const newOne = givenReplicaSet('new', { replicas: 1, revision: 2, annotations: sized(3, 4) })
    expect(types(given, oldOne, newOne)).toEqual(['updateStatus'])
  })

  test('B-48: paused, but spec.replicas changed: scales', () => {
    const given = { paused: true, replicas: 5, status: { conditions: paused } }
    expect(types(given, oldOne)).toEqual(['scaleReplicaSet', 'updateStatus'])
  })

  test('B-04: a rollback is asked for: it comes before scaling and rolling', () => {
    const annotations = { 'deprecated.deployment.rollback.to': '1' }
    const newOne = givenReplicaSet('new', { replicas: 1, revision: 2, annotations: sized(9, 9) })
    expect(types({ annotations }, oldOne, newOne)).toEqual(['updateDeployment'])
  })

  test('a scaling event comes before rolling: nothing is created (B-13)', () => {
    expect(types({ replicas: 5 }, oldOne)).toEqual(['scaleReplicaSet', 'updateStatus'])
  })
})

describe('B-13, B-16: the new ReplicaSet', () => {
  test('begins at the size that maxSurge allows, with an Event and a condition', () => {
    const status3 = { replicas: 3, readyReplicas: 3, availableReplicas: 3, updatedReplicas: 3 }
    const actions = plan(givenDeployment({ status: status3 }), oldOne)
    expect(actions).toMatchObject([
      {
        type: 'createReplicaSet',
        replicaSet: { spec: { replicas: 1 } },
        event: { reason: 'ScalingReplicaSet', type: 'Normal' },
      },
      { type: 'updateStatus', revision: '2' },
    ])
    const [created, status] = actions
    const name = created?.type === 'createReplicaSet' ? created.replicaSet.metadata.name : ''
    expect(created).toMatchObject({
      event: { message: `Scaled up replica set ${name} from 0 to 1` },
    })
    expect(status?.type === 'updateStatus' && status.status.conditions).toMatchObject([
      {
        type: 'Progressing',
        reason: 'NewReplicaSetCreated',
        message: `Created new replica set "${name}"`,
      },
      { type: 'Available' },
    ])
  })

  test('B-70: created at 0, there is no Event', () => {
    const full = givenReplicaSet('old', { image: 'app:old', replicas: 4, annotations: sized(3, 4) })
    const [created] = plan(givenDeployment(), full)
    expect(created).toMatchObject({
      type: 'createReplicaSet',
      replicaSet: { spec: { replicas: 0 } },
    })
    expect(created).not.toHaveProperty('event')
  })

  test('B-17: one that is found, without a Progressing condition', () => {
    const found = givenReplicaSet('new', { replicas: 3, pods: 0, revision: 1 })
    const [action] = plan(givenDeployment(), found)
    expect(action?.type === 'updateStatus' && action.status.conditions).toMatchObject([
      {
        type: 'Progressing',
        status: 'True',
        reason: 'FoundNewReplicaSet',
        message: 'Found new replica set "app-new"',
      },
      { type: 'Available' },
    ])
  })
})

describe('B-23: the revision of the Deployment', () => {
  test("is the new ReplicaSet's, and is written when it alone differs", () => {
    const newOne = givenReplicaSet('new', { replicas: 3, revision: 7 })
    const [first] = plan(givenDeployment(), newOne)
    expect(first).toMatchObject({ type: 'updateStatus', revision: '7' })
    const status = first?.type === 'updateStatus' ? first.status : {}
    const annotations = { 'deployment.kubernetes.io/revision': '6' }
    expect(types({ status, annotations }, newOne)).toEqual(['updateStatus'])
    const same = { 'deployment.kubernetes.io/revision': '7' }
    expect(types({ status, annotations: same }, newOne)).toEqual([])
  })
})

describe('B-31: one step per pass', () => {
  const current = { status: { replicas: 3 } }
  const drained = givenReplicaSet('gone', { image: 'app:gone', revision: 0 })
  const sizes = (...owned: readonly ReplicaSet[]) =>
    plan(givenDeployment({ ...current, ...rolling(2, 2) }), ...owned).flatMap((action) =>
      action.type === 'scaleReplicaSet' ? [action.replicaSet.metadata.name] : [],
    )
  const newOne = (replicas: number) =>
    givenReplicaSet('new', { replicas, revision: 2, annotations: sized(3, 5) })

  test('the new ReplicaSet first: the old one waits, though it could shrink', () => {
    expect(sizes(oldOne, newOne(1))).toEqual(['app-new'])
  })

  test('the old one once the new one cannot move', () => {
    expect(sizes(oldOne, newOne(2))).toEqual(['app-old'])
  })

  test('in the pass that creates the new one, the old one may shrink too', () => {
    const actions = plan(givenDeployment({ ...current, ...rolling(1, 1) }), oldOne)
    expect(actions.map(({ type }) => type)).toEqual([
      'createReplicaSet',
      'scaleReplicaSet',
      'updateStatus',
    ])
  })

  test('history is cut only in a pass that scales nothing', () => {
    const full = { replicas: 3, updatedReplicas: 3, availableReplicas: 3, observedGeneration: 1 }
    const given = { status: full, revisionHistoryLimit: 0 }
    expect(types(given, drained, newOne(3))).toContain('deleteReplicaSet')
    expect(types(given, drained, newOne(2))).not.toContain('deleteReplicaSet')
  })
})

describe('B-39: three replicas, the defaults', () => {
  test('new 0->1, old 3->2, new 1->2, old 2->1, new 2->3, old 1->0, each old step after a new pod is available', () => {
    const model = new RolloutModel(givenDeployment({ image: 'app:1' }))
    model.settle()
    model.events.length = 0
    model.setImage('app:2')
    model.sync()
    const [old, young] = [nameOf(model, 'app:1'), nameOf(model, 'app:2')]
    for (let i = 0; i < 3; i++) {
      model.followSize(young)
      model.report(young)
      const before = model.events.length
      model.sync()
      model.sync()
      expect(model.events.length, 'nothing old goes before a new pod is available').toBe(before)
      model.changeAvailable(young, 1)
      model.report(young)
      model.sync()
      model.followSize(old)
      model.report(old)
      model.sync()
    }
    expect(model.events).toEqual([
      `Scaled up replica set ${young} from 0 to 1`,
      `Scaled down replica set ${old} from 3 to 2`,
      `Scaled up replica set ${young} from 1 to 2`,
      `Scaled down replica set ${old} from 2 to 1`,
      `Scaled up replica set ${young} from 2 to 3`,
      `Scaled down replica set ${old} from 1 to 0`,
    ])
    expect(model.deployment.status).toMatchObject({ replicas: 3, updatedReplicas: 3 })
  })
})

describe('B-3A: rollover', () => {
  test('a third template: all former ReplicaSets are old, the oldest is drained first', () => {
    const model = new RolloutModel(
      givenDeployment({ image: 'app:1', replicas: 4, ...rolling(2, 0) }),
    )
    model.settle()
    model.setImage('app:2')
    model.sync()
    const second = nameOf(model, 'app:2')
    model.followSize(second)
    model.changeAvailable(second, 1)
    model.changeAvailable(second, 1)
    model.report(second)
    model.setImage('app:3')
    model.sync()
    expect(model.byImage('app:3').spec?.replicas).toBe(0)
    model.sync()
    expect(model.byImage('app:1').spec?.replicas).toBe(2)
    expect(model.byImage('app:2').spec?.replicas).toBe(2)
    model.settle()
    expect(model.revisions()).toEqual([1n, 2n, 3n])
    expect(model.byImage('app:3').spec?.replicas).toBe(4)
  })

  test('back to a template in flight reuses its ReplicaSet with a new revision', () => {
    const model = new RolloutModel(givenDeployment({ image: 'app:1' }))
    model.settle()
    model.setImage('app:2')
    model.sync()
    const { uid } = model.byImage('app:1').metadata
    model.setImage('app:1')
    model.settle()
    expect(model.byImage('app:1').metadata.uid).toBe(uid)
    expect(model.revisions()).toEqual([2n, 3n])
    expect(model.deployment.metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '3',
    })
  })
})

describe('B-24: the numbers after an undo', () => {
  test('1,2,3 and back to 2: 1,3,4, with the former number kept', () => {
    const model = new RolloutModel(givenDeployment({ image: 'app:1' }))
    for (const image of ['app:1', 'app:2', 'app:3', 'app:2']) {
      model.setImage(image)
      model.settle()
    }
    expect(model.revisions()).toEqual([1n, 3n, 4n])
    expect(model.byImage('app:2').metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '4',
      'deployment.kubernetes.io/revision-history': '2',
    })
  })

  test('back and forth between two: 2,3, then 3,4', () => {
    const model = new RolloutModel(givenDeployment({ image: 'app:1' }))
    const seen = ['app:1', 'app:2', 'app:1', 'app:2'].map((image) => {
      model.setImage(image)
      model.settle()
      return model.revisions()
    })
    expect(seen).toEqual([[1n], [1n, 2n], [2n, 3n], [3n, 4n]])
  })
})

describe('B-65, B-67: when the history is cut', () => {
  test('limit 0: not before the stored status is complete, then at once', () => {
    const model = new RolloutModel(givenDeployment({ image: 'app:1', revisionHistoryLimit: 0 }))
    model.settle()
    model.setImage('app:2')
    model.sync()
    expect(model.replicaSets.size).toBe(2)
    model.settle()
    expect(model.revisions()).toEqual([2n])
    model.setImage('app:3')
    model.settle()
    expect(model.revisions()).toEqual([3n])
  })

  test('(b) while paused', () => {
    const drained = givenReplicaSet('old', { image: 'app:old', revision: 1 })
    const newOne = givenReplicaSet('new', { replicas: 3, revision: 2 })
    const given = { paused: true, revisionHistoryLimit: 0, status: { conditions: paused } }
    expect(types(given, drained, newOne)).toEqual(['deleteReplicaSet', 'updateStatus'])
  })

  test('not in a scaling sync', () => {
    const drained = givenReplicaSet('old', { image: 'app:old', revision: 1 })
    const newOne = givenReplicaSet('new', { replicas: 3, revision: 2, annotations: sized(3, 4) })
    const given = { replicas: 5, revisionHistoryLimit: 0 }
    expect(types(given, drained, newOne)).not.toContain('deleteReplicaSet')
  })
})

test('B-18: only the template makes a revision', () => {
  const model = new RolloutModel(givenDeployment({ image: 'app:1' }))
  model.settle()
  model.edit({
    spec: { minReadySeconds: 9, replicas: 4, revisionHistoryLimit: 2, ...rolling(1, 1) },
    annotations: { note: 'x' },
  })
  model.settle()
  expect(model.revisions()).toEqual([1n])
  expect(model.byImage('app:1').spec).toMatchObject({ minReadySeconds: 9, replicas: 4 })
})

test('B-27: an old ReplicaSet keeps its own change-cause', () => {
  const cause = (text: string) => ({ 'kubernetes.io/change-cause': text })
  const model = new RolloutModel(givenDeployment({ image: 'app:1', annotations: cause('first') }))
  model.settle()
  model.edit({ template: template('app:2'), annotations: cause('second') })
  model.settle()
  model.edit({ annotations: cause('second, said better') })
  model.settle()
  expect(model.byImage('app:1').metadata.annotations).toMatchObject(cause('first'))
  expect(model.byImage('app:2').metadata.annotations).toMatchObject(cause('second, said better'))
  expect(model.revisions()).toEqual([1n, 2n])
})
