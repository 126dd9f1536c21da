import { describe, expect, test } from 'vitest'
import type { Job, JobSpec, JobStatus, Pod, PodFailurePolicy } from '../../api/generated/types.ts'
import { matchFailurePolicy } from './failure-policy.ts'
import { formatIndexes, parseIndexes } from './indexes.ts'
import { planJob } from './plan-job.ts'

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
