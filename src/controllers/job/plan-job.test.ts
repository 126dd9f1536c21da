import { describe, expect, test } from 'vitest'
import type { Job, JobSpec, JobStatus, Pod, PodFailurePolicy } from '../../api/generated/types.ts'
import { endedAtMs } from './backoff.ts'
import { matchFailurePolicy } from './failure-policy.ts'
import { formatIndexes, parseIndexes } from './indexes.ts'
import { planJob } from './plan-job.ts'
import { matchSuccessPolicy } from './success-policy.ts'

const nowMs = Date.parse('2026-01-01T01:00:00Z')

function job(spec: Partial<JobSpec> = {}, status: JobStatus = {}): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'work', namespace: 'default', uid: 'job-uid' },
    spec: {
      parallelism: 1,
      completions: 1,
      backoffLimit: 6,
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main' }] } },
      ...spec,
    },
    status: { startTime: '2026-01-01T00:00:00Z', ...status },
  }
}

interface GivenPod {
  readonly phase?: string
  readonly tracked?: boolean
  readonly exitCode?: number
  readonly conditions?: readonly { type: string; status: string }[]
}

function pod(uid: string, given: GivenPod = {}): Pod {
  const { phase = 'Running', tracked = true, exitCode, conditions } = given
  const terminated = { exitCode: exitCode ?? 0, finishedAt: '2026-01-01T00:30:00Z' }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: uid,
      namespace: 'default',
      uid,
      ...(tracked && { finalizers: ['batch.kubernetes.io/job-tracking'] }),
    },
    status: {
      phase,
      ...(conditions && { conditions }),
      containerStatuses: [
        {
          name: 'main',
          image: '',
          imageID: '',
          ready: false,
          restartCount: 0,
          ...(exitCode !== undefined && { state: { terminated } }),
        },
      ],
    },
  }
}

const plan = (of: Job, pods: readonly Pod[]) => planJob({ job: of, pods, canManage: true }, nowMs)

describe('each pod is counted once', () => {
  test('first it is written down and let go', () => {
    const { status, release } = plan(job(), [pod('a', { phase: 'Succeeded' })])
    expect(status.uncountedTerminatedPods).toEqual({ succeeded: ['a'] })
    expect(status.succeeded).toBeUndefined()
    expect(release.map(({ metadata }) => metadata.uid)).toEqual(['a'])
    expect(status.conditions?.map(({ type }) => type)).toEqual(['SuccessCriteriaMet'])
  })

  test('a cache that still shows the finalizer counts nothing twice', () => {
    const before = job({}, { uncountedTerminatedPods: { succeeded: ['a'] } })
    const { status } = plan(before, [pod('a', { phase: 'Succeeded' })])
    expect(status.uncountedTerminatedPods).toEqual({ succeeded: ['a'] })
    expect(status.succeeded).toBeUndefined()
  })

  test('then it becomes a number, also if it has gone meanwhile', () => {
    const before = job({}, { uncountedTerminatedPods: { succeeded: ['a'], failed: ['b'] } })
    for (const pods of [[], [pod('a', { phase: 'Succeeded', tracked: false })]]) {
      const { status } = plan(before, pods)
      expect(status).toMatchObject({ succeeded: 1, failed: 1, uncountedTerminatedPods: {} })
      expect(status.conditions?.map(({ type }) => type)).toEqual(['SuccessCriteriaMet', 'Complete'])
    }
  })
})

test('without completions the first success is enough, when the others have ended', () => {
  const of = job({ completions: undefined as never, parallelism: 2 })
  const won = plan(of, [pod('a', { phase: 'Succeeded' }), pod('b')])
  expect([won.create, won.delete, won.status.conditions]).toEqual([[], [], undefined])
  const done = plan(of, [pod('a', { phase: 'Succeeded' }), pod('b', { phase: 'Failed' })])
  expect(done.status.conditions?.map(({ type }) => type)).toEqual(['SuccessCriteriaMet'])
})

test('restarts inside a pod count against the limit under OnFailure', () => {
  const template = { spec: { restartPolicy: 'OnFailure', containers: [{ name: 'main' }] } }
  const restarted = pod('a')
  const [status] = restarted.status?.containerStatuses ?? []
  if (!status) throw new Error('it has one container')
  const containerStatuses = [{ ...status, restartCount: 2 }]
  const worn = { ...restarted, status: { ...restarted.status, containerStatuses } }
  expect(plan(job({ template, backoffLimit: 3 }), [worn]).delete).toEqual([])
  const { status: next, delete: doomed } = plan(job({ template, backoffLimit: 2 }), [worn])
  expect(next.conditions?.[0]).toMatchObject({
    type: 'FailureTarget',
    reason: 'BackoffLimitExceeded',
  })
  expect(doomed).toEqual([{ pod: worn, isCounted: true }])
})

const policy: PodFailurePolicy = {
  rules: [
    { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
    { action: 'FailJob', onExitCodes: { containerName: 'main', operator: 'In', values: [42] } },
    { action: 'Count', onExitCodes: { operator: 'NotIn', values: [1] } },
  ],
}

test.each<[GivenPod, string | undefined]>([
  [{ exitCode: 42 }, 'FailJob'],
  [{ exitCode: 3 }, 'Count'],
  [{ exitCode: 1 }, undefined],
  [{ exitCode: 0 }, undefined],
  [{ exitCode: 42, conditions: [{ type: 'DisruptionTarget', status: 'True' }] }, 'Ignore'],
])('failure policy: %j -> %s', (given, action) => {
  expect(matchFailurePolicy(policy, pod('a', given))?.action).toBe(action)
})

test('the failure policy fails the Job, or lets a failure pass uncounted', () => {
  const of = job({ podFailurePolicy: policy, podReplacementPolicy: 'Failed' })
  const fatal = plan(of, [pod('a', { phase: 'Failed', exitCode: 42 })])
  expect(fatal.status.conditions).toMatchObject([
    {
      type: 'FailureTarget',
      reason: 'PodFailurePolicy',
      message:
        'Container main for pod default/a failed with exit code 42 matching FailJob rule at index 1',
    },
  ])
  const conditions = [{ type: 'DisruptionTarget', status: 'True' }]
  const spared = plan(of, [pod('a', { phase: 'Failed', exitCode: 137, conditions })])
  expect(spared.status.uncountedTerminatedPods).toEqual({})
  expect(spared.release).toHaveLength(1)
  expect(spared.create).toHaveLength(1)
})

test.each([
  ['', []],
  ['1', [1]],
  ['1,2', [1, 2]],
  ['0-2,5,7-9', [0, 1, 2, 5, 7, 8, 9]],
])('indexes %j', (text, indexes) => {
  expect([...parseIndexes(text)]).toEqual(indexes)
  expect(formatIndexes(new Set(indexes.toReversed()))).toBe(text)
})

test('under the policy Failed pods on their way out hold a place, and cost no other its life', () => {
  const of = job({ parallelism: 2, completions: 9, podReplacementPolicy: 'Failed' })
  const going = pod('c')
  const metadata = { ...going.metadata, deletionTimestamp: '2026-01-01T01:00:20Z' }
  const { create, delete: doomed } = plan(of, [pod('a'), pod('b'), { ...going, metadata }])
  expect([create, doomed]).toEqual([[], []])
  const alone = plan(of, [pod('a'), { ...going, metadata }])
  expect([alone.create, alone.delete]).toEqual([[], []])
})

test.each<[what: string, status: Pod['status'], ended: string]>([
  [
    'all containers ended',
    {
      containerStatuses: [ended('00:10:00'), ended('00:12:00')],
      conditions: [notReady('00:20:00')],
    },
    '00:12:00',
  ],
  [
    'one has not',
    {
      containerStatuses: [ended('00:10:00'), ended(undefined)],
      conditions: [notReady('00:20:00')],
    },
    '00:20:00',
  ],
  ['it is deleted, and was ready to the last', {}, '00:40:00'],
])('a pod ended when %s', (_, status, at) => {
  const deletion = { deletionTimestamp: '2026-01-01T00:40:30Z', deletionGracePeriodSeconds: 30 }
  const metadata = { creationTimestamp: '2026-01-01T00:00:00Z', ...deletion }
  expect(endedAtMs({ apiVersion: 'v1', kind: 'Pod', metadata, status })).toBe(
    Date.parse(`2026-01-01T${at}Z`),
  )
})

function ended(at: string | undefined) {
  const state = at ? { terminated: { exitCode: 1, finishedAt: `2026-01-01T${at}Z` } } : {}
  return { name: 'main', image: '', imageID: '', ready: false, restartCount: 0, state }
}

function notReady(at: string) {
  return { type: 'Ready', status: 'False', lastTransitionTime: `2026-01-01T${at}Z` }
}

test.each<[rules: object[], succeeded: number[], message: string | undefined]>([
  [[{ succeededIndexes: '0,2-3' }], [0, 2], undefined],
  [[{ succeededIndexes: '0,2-3' }], [0, 2, 3], 'Matched rules at index 0'],
  [[{ succeededIndexes: '0,2-3', succeededCount: 2 }], [1, 3], undefined],
  [[{ succeededIndexes: '0,2-3', succeededCount: 2 }], [2, 3], 'Matched rules at index 0'],
  [[{ succeededIndexes: '9' }, { succeededCount: 2 }], [1, 4], 'Matched rules at index 1'],
  [[{ succeededCount: 0 }], [], undefined],
])('the success policy %j, of %j', (rules, indexes, message) => {
  const of = job({ completionMode: 'Indexed', completions: 5, successPolicy: { rules } as never })
  expect(matchSuccessPolicy(of, new Set(indexes))).toBe(message)
})
