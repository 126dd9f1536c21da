import { describe, expect, test } from 'vitest'
import type { Pod, StatefulSet, StatefulSetSpec } from '../api/generated/types.ts'
import { planStatefulSet, type StatefulSetAction } from './plan-stateful-set.ts'
import { statefulSetPod } from './stateful-set-pod.ts'
import { desiredRevision } from './stateful-set-revisions.ts'

const nowMs = Date.parse('2026-01-01T01:00:00Z')

function givenSet(spec: Partial<StatefulSetSpec> = {}, image = 'app:2'): StatefulSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'web', namespace: 'default', generation: 4 },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'app', image }] },
      },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      ...spec,
    },
  }
}

const revisions = {
  old: desiredRevision(givenSet({}, 'app:1'), 1n, 0),
  new: desiredRevision(givenSet(), 2n, 0),
}

/**
 * A pod in a word: which revision, and `+` ready, `-` not ready, `~` not ready for long enough,
 * `x` terminating, `!` failed.
 */
function givenPod(statefulSet: StatefulSet, ordinal: number, text: string): Pod {
  const [revision, mark] = [text.slice(0, 3) as 'old' | 'new', text.slice(3)]
  const pod = statefulSetPod(statefulSet, ordinal, revisions[revision])
  const lastTransitionTime = mark === '~' ? '2026-01-01T00:59:55Z' : '2026-01-01T00:00:00Z'
  const status = mark === '-' ? 'False' : 'True'
  const deletion = mark === 'x' ? { deletionTimestamp: '2026-01-01T00:59:59Z' } : {}
  return {
    ...pod,
    metadata: { ...pod.metadata, ...deletion },
    status: {
      phase: mark === '!' ? 'Failed' : 'Running',
      conditions: [{ type: 'Ready', status, lastTransitionTime }],
    },
  }
}

function planOf(pods: readonly string[], spec: Partial<StatefulSetSpec> = {}) {
  const statefulSet = givenSet(spec)
  const observed = {
    statefulSet,
    pods: pods.flatMap((text, i) => (text === '' ? [] : [givenPod(statefulSet, i, text)])),
    currentRevision: revisions.old,
    updateRevision: revisions.new,
    collisionCount: 0,
  }
  return planStatefulSet(observed, nowMs)
}

const textOf = ({ type, pod }: StatefulSetAction) =>
  `${type === 'createPod' ? '+' : type === 'deletePod' ? '-' : '='}${pod.metadata.name}`

const actionsOf = (pods: readonly string[], spec?: Partial<StatefulSetSpec>) =>
  planOf(pods, spec).stages.flat().map(textOf)

const parallel = { podManagementPolicy: 'Parallel' }
const unavailable = (maxUnavailable: number | string, partition = 0) => ({
  updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition, maxUnavailable } },
})

describe('D-12, D-13, D-14: OrderedReady', () => {
  test.each([
    ['creates the lowest that is missing', ['', '', ''], ['+web-0']],
    ['and no other before it is ready', ['new-', '', ''], []],
    ['nor while it is terminating', ['newx', '', ''], []],
    ['fills a gap', ['new+', '', 'new+'], ['+web-1']],
    ['deletes one that has failed', ['new+', 'new!', ''], ['-web-1']],
    ['deletes the highest that is too much', ['new+', 'new+', 'new+', 'new+', 'new+'], ['-web-4']],
    ['one after the other', ['new+', 'new+', 'new+', 'new+', 'newx'], []],
    ['not while another is in trouble', ['new+', 'new+', 'new+', 'new-', 'new-'], []],
    ['but the first in trouble itself', ['new+', 'new+', 'new+', 'new+', 'new-'], ['-web-4']],
    ['updates the highest', ['old+', 'old+', 'old+'], ['-web-2']],
    ['then the next', ['old+', 'old+', 'new+'], ['-web-1']],
    ['scales down before it updates', ['old+', 'old+', 'old+', 'old+'], ['-web-3']],
    ['does nothing when all is well', ['new+', 'new+', 'new+'], []],
    ['D-1B: waits for a broken pod for ever', ['old+', 'old+', 'old-'], []],
  ])('%s', (_what, pods, expected) => {
    expect(actionsOf(pods)).toEqual(expected)
  })

  test('D-11, D-16: available takes minReadySeconds', () => {
    expect(actionsOf(['new~', ''], { minReadySeconds: 10, replicas: 2 })).toEqual([])
    expect(actionsOf(['new~', ''], { minReadySeconds: 5, replicas: 2 })).toEqual(['+web-1'])
    const { status } = planOf(['new~', 'new+', 'new-'], { minReadySeconds: 10 })
    expect(status).toMatchObject({ readyReplicas: 2, availableReplicas: 1 })
  })

  test('one that is deleted itself does nothing', () => {
    const statefulSet = givenSet()
    const metadata = { ...statefulSet.metadata, deletionTimestamp: '2026-01-01T00:59:59Z' }
    const observed = {
      statefulSet: { ...statefulSet, metadata },
      pods: [],
      currentRevision: revisions.old,
      updateRevision: revisions.new,
      collisionCount: 0,
    }
    expect(planStatefulSet(observed, nowMs).stages).toEqual([])
  })
})

describe('D-12, D-13, D-16: Parallel', () => {
  test.each([
    ['creates all', ['', 'new-', ''], ['+web-0', '+web-2']],
    [
      'deletes all that are too much',
      ['new+', 'new-', 'new+', 'new-', 'new+'],
      ['-web-4', '-web-3'],
    ],
    ['updates one', ['old+', 'old+', 'old+'], ['-web-2']],
    ['and all that are down anyway', ['old-', 'old+', 'old-'], ['-web-2', '-web-0']],
    ['but no good one while another is down', ['old+', 'old+', 'new-'], []],
  ])('%s', (_what, pods, expected) => {
    expect(actionsOf(pods, parallel)).toEqual(expected)
  })
})

describe('D-16, V-07: maxUnavailable', () => {
  test.each([
    ['a number', unavailable(2), ['-web-3', '-web-2']],
    ['a percentage', unavailable('50%'), ['-web-3', '-web-2']],
    ['one at least', unavailable('1%'), ['-web-3']],
    ['not below the partition', unavailable(4, 3), ['-web-3']],
    ['a partition beyond the end', unavailable(4, 9), []],
    ['OnDelete', { updateStrategy: { type: 'OnDelete' } }, []],
    ['A-06: no rollingUpdate', { updateStrategy: { type: 'RollingUpdate' } }, ['-web-3']],
  ])('%s', (_what, strategy, expected) => {
    expect(actionsOf(['old+', 'old+', 'old+', 'old+'], { replicas: 4, ...strategy })).toEqual(
      expected,
    )
  })
})

test('D-15: below the partition a pod is made from the current revision', () => {
  const madeOf = (ordinal: number, partition: number) => {
    const pods = ['old+', 'old+', 'old+'].map((text, i) => (i === ordinal ? '' : text))
    const [action] = planOf(pods, unavailable(1, partition)).stages.flat()
    return action?.pod.spec?.containers[0]?.image
  }
  expect([madeOf(0, 1), madeOf(1, 1), madeOf(2, 3)]).toEqual(['app:1', 'app:2', 'app:1'])
})

describe('D-17, D-18: status', () => {
  test('in the middle, a pod that this pass deletes counts no more', () => {
    expect(planOf(['old+', 'old+', 'new+']).status).toEqual({
      observedGeneration: 4,
      replicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      currentReplicas: 1,
      updatedReplicas: 1,
      currentRevision: revisions.old.metadata.name,
      updateRevision: revisions.new.metadata.name,
      collisionCount: 0,
    })
  })

  test('complete when all are updated and ready, but never with OnDelete', () => {
    const name = revisions.new.metadata.name
    const pods = ['new+', 'new+', 'new+']
    expect(planOf(pods).status).toMatchObject({ currentRevision: name, currentReplicas: 3 })
    expect(planOf(['new+', 'new+', 'new-']).status.currentRevision).not.toBe(name)
    const onDelete = { updateStrategy: { type: 'OnDelete' } }
    expect(planOf(pods, onDelete).status.currentRevision).not.toBe(name)
  })
})
