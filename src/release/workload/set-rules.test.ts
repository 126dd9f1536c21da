import { describe, expect, test } from 'vitest'
import type { ControllerRevision } from '../../api/generated/types.ts'
import type { Transport } from '../../api/transport.ts'
import { hashOf } from '../../rollout/daemon-set-history.ts'
import { daemonSetRules } from './daemon-set-rules.ts'
import {
  givenDaemonSet,
  givenPod,
  givenRevision,
  givenRevisions,
  givenStatefulSet,
} from './given-set.fixture.ts'
import { keptControllerRevision, observeSet } from './set-revisions.ts'
import { statefulSetRules } from './stateful-set-rules.ts'

const startMs = Date.parse('2026-01-01T00:00:00Z')
const nowMs = startMs + 60_000
const onDelete = { updateStrategy: { type: 'OnDelete' } }
const partition = { updateStrategy: { rollingUpdate: { partition: 2 } } }

describe('how far a StatefulSet has come', () => {
  const whole = { updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 }
  const old = 'web-0 is not ready'
  test.each<[string, object, object, string[], object]>([
    [
      'its controller has not seen it',
      {},
      { observedGeneration: 1, ...whole },
      [],
      { stage: 'unseen' },
    ],
    [
      'it has no revision yet',
      {},
      { updateRevision: 'web-app1', ...whole },
      [],
      { stage: 'unseen' },
    ],
    ['all are updated and available', {}, whole, ['app:2+', 'app:2+', 'app:2+'], { stage: 'done' }],
    [
      'one is not available yet (minReadySeconds)',
      {},
      { ...whole, availableReplicas: 2 },
      ['app:2+', 'app:2+', 'app:2+'],
      { stage: 'rolling' },
    ],
    [
      'one is not ready yet: it gets ten minutes (A-03)',
      {},
      { updatedReplicas: 1, readyReplicas: 2 },
      ['app:1+', 'app:1+', 'app:2-'],
      { stage: 'rolling', failsAtMs: startMs + 600_000 },
    ],
    [
      'what the partition lets move has moved (D-14)',
      partition,
      { updatedReplicas: 1, readyReplicas: 3 },
      ['app:1+', 'app:1+', 'app:2+'],
      { stage: 'held', why: '2 pods stay at the old revision because partition=2' },
    ],
    [
      'one that may move has not yet',
      partition,
      { updatedReplicas: 0, readyReplicas: 3 },
      ['app:1+', 'app:1+', 'app:1+'],
      { stage: 'rolling' },
    ],
    [
      'nothing goes by itself (D-14)',
      onDelete,
      { updatedReplicas: 2, readyReplicas: 2 },
      ['app:1-', 'app:2+', 'app:2+'],
      {
        stage: 'held',
        why: `1 pod stays at the old revision because updateStrategy is OnDelete: each goes when somebody deletes it (not ready: ${old.slice(0, 5)})`,
      },
    ],
    [
      'all were deleted, one by one',
      onDelete,
      whole,
      ['app:2+', 'app:2+', 'app:2+'],
      { stage: 'done' },
    ],
  ])('%s', (_, spec, status, pods, expected) => {
    const set = givenStatefulSet('app:2', { spec, status })
    expect(statefulSetRules.stage(set, givenRevisions(pods), nowMs)).toEqual(expected)
  })

  test('a pod that was not ready for ten minutes is a failure, in its own words', () => {
    const set = givenStatefulSet('app:2', { status: { updatedReplicas: 1, readyReplicas: 2 } })
    const revisions = givenRevisions(['app:1+', 'app:1+', 'app:2-'])
    expect(statefulSetRules.stage(set, revisions, startMs + 600_000)).toEqual({
      stage: 'failed',
      why: 'web-2 is not ready after 600 s: no luck',
    })
  })
})

describe('D-1B: which pods block the way back', () => {
  const blocking = (pods: readonly string[], spec: object = {}) =>
    statefulSetRules
      .podsInTheWay(givenStatefulSet('app:2', { spec }), givenRevisions(pods))
      .map(({ metadata }) => metadata.name)

  test.each<[string, string[], object, string[]]>([
    ['the one that is waited for', ['app:2+', 'app:2+', 'app:1-'], {}, ['web-2']],
    ['only the first: one after the other', ['app:2+', 'app:1-', 'app:1-'], {}, ['web-1']],
    ['never a ready one', ['app:1+', 'app:1+', 'app:1+'], {}, []],
    ['none of the revision that is wanted', ['app:2+', 'app:2+', 'app:2-'], {}, []],
    ['none behind one of that: it is waited for', ['app:2-', 'app:2+', 'app:1-'], {}, []],
    ['none behind one that is about to come', ['app:2+', '', 'app:1-'], {}, []],
    ['none that is on its way out', ['app:2+', 'app:2+', 'app:1x'], {}, []],
    [
      'none that the controller makes anew by itself (D-12)',
      ['app:2+', 'app:2+', 'app:1!'],
      {},
      [],
    ],
    ['none below the partition', ['app:2+', 'app:1-', 'app:2+'], partition, []],
    ['none behind one below the partition', ['app:1-', 'app:2+', 'app:1-'], partition, []],
    ['one at the partition', ['app:1+', 'app:1+', 'app:1-'], partition, ['web-2']],
    ['none with OnDelete', ['app:2+', 'app:2+', 'app:1-'], onDelete, []],
    [
      'none in parallel: there nobody waits',
      ['app:2+', 'app:2+', 'app:1-'],
      { podManagementPolicy: 'Parallel' },
      [],
    ],
    [
      'places count from where the ordinals start (D-10)',
      ['', 'app:2+', 'app:1-', 'app:2+'],
      { ordinals: { start: 1 } },
      ['web-2'],
    ],
  ])('%s', (_, pods, spec, expected) => {
    expect(blocking(pods, spec)).toEqual(expected)
  })

  test('nothing is said before the controller has seen the template', () => {
    const set = givenStatefulSet('app:2', { status: { observedGeneration: 1 } })
    const revisions = givenRevisions(['app:2+', 'app:2+', 'app:1-'])
    expect(statefulSetRules.podsInTheWay(set, revisions)).toEqual([])
  })

  test('beforehand: those that are not ready and of another revision than the target', () => {
    const set = givenStatefulSet('app:2')
    const revisions = givenRevisions(['app:1-', 'app:2+', 'app:2-'])
    const target = givenStatefulSet('app:1').spec?.template ?? {}
    const names = statefulSetRules
      .podsThatWouldBlock(set, revisions, target)
      .map(({ metadata }) => metadata.name)
    expect(names).toEqual(['web-2'])
  })
})

test.each<[string, object, object, string[], object]>([
  ['unseen', {}, { observedGeneration: 1 }, [], { stage: 'unseen' }],
  [
    'done',
    {},
    { desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2 },
    ['app:2+', 'app:2+'],
    { stage: 'done' },
  ],
  [
    'rolling',
    {},
    { desiredNumberScheduled: 2, updatedNumberScheduled: 1, numberAvailable: 2 },
    ['app:1+', 'app:2+'],
    { stage: 'rolling' },
  ],
  [
    'held (D-36)',
    onDelete,
    { desiredNumberScheduled: 2, numberAvailable: 2 },
    ['app:1+', 'app:1+'],
    {
      stage: 'held',
      why: '2 pods stay at the old revision because updateStrategy is OnDelete: each goes when somebody deletes it',
    },
  ],
])('how far a DaemonSet has come: %s', (_, spec, status, pods, expected) => {
  const set = givenDaemonSet('app:2', { spec, status })
  expect(daemonSetRules.stage(set, givenRevisions(pods), nowMs)).toEqual(expected)
})

test('D-04: a revision that came back is older than one before it', () => {
  const before = givenRevision('app:2', { number: 2n, at: '2026-01-01T00:00:05Z' })
  const back = givenRevision('app:1', { number: 3n })
  expect(keptControllerRevision(back, [before]).isReused).toBe(true)
  expect(keptControllerRevision(before, [givenRevision('app:1')]).isReused).toBe(false)
})

/** Of old servers, which write what is absent. */
function asOldServersWriteIt(revision: ControllerRevision): ControllerRevision {
  const text = JSON.stringify(revision.data).replace(
    '"metadata":{',
    '"metadata":{"creationTimestamp":null,',
  )
  return { ...revision, data: JSON.parse(text) }
}

test('D-01: what runs is the newest revision with the data of the template', async () => {
  const set = givenStatefulSet('app:1')
  const ownerReferences = [
    { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 'set', controller: true },
  ]
  const owned = <T extends { metadata: object }>(object: T) => ({
    ...object,
    metadata: { ...object.metadata, ownerReferences },
  })
  const revisions = [
    owned(asOldServersWriteIt(givenRevision('app:1', { number: 3n }))),
    owned(givenRevision('app:2', { number: 2n })),
    givenRevision('app:1', { number: 9n, annotations: {} }),
  ].map((each, i) =>
    i < 2 ? each : { ...each, metadata: { ...each.metadata, ownerReferences: [] } },
  )
  const items: Record<string, readonly unknown[]> = {
    controllerrevisions: revisions,
    pods: [owned(givenPod(0, 'app:1+')), owned(givenPod(1, 'app:2-')), givenPod(2, 'app:1+')],
  }
  const transport = {
    list: async ({ plural }: { plural: string }) => ({ items: items[plural] }),
  } as unknown as Transport
  const seen = await observeSet(transport, set, hashOf)
  expect(seen.running?.number).toBe(3n)
  expect(seen.revisions.map(({ number }) => number)).toEqual([2n, 3n])
  expect(seen.pods.map(({ metadata }) => metadata.name)).toEqual(['web-0'])
  expect(seen.outdatedPods.map(({ metadata }) => metadata.name)).toEqual(['web-1'])
})
