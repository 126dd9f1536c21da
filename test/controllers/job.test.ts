import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Job, JobSpec, Pod } from '../../src/api/generated/types.ts'
import { isTerminating } from '../../src/api/object.ts'
import { isPodActive } from '../../src/api/pod-facts.ts'
import { jobs, pods } from '../../src/api/scheme.ts'
import { GivenCluster } from './given-cluster.ts'

const where = { namespace: 'default' }
const key = { ...where, name: 'work' }
let cluster: GivenCluster

beforeEach(async () => {
  cluster = await GivenCluster.start()
})
afterEach(() => cluster.stop())

async function given(spec: Partial<JobSpec> = {}): Promise<Job> {
  const containers = [{ name: 'main', image: 'work:1' }]
  const job = await cluster.create<Job>({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'work' },
    spec: { template: { spec: { restartPolicy: 'Never', containers } }, ...spec },
  })
  await cluster.quiet()
  return job
}

const job = () => cluster.transport.get(jobs, key)
const active = async () => (await cluster.livePods()).filter(isPodActive)

async function end(pod: Pod | undefined, phase: 'Succeeded' | 'Failed'): Promise<void> {
  if (!pod) throw new Error('there is no such pod')
  await cluster.pods.setPhase(pod, phase)
  await cluster.quiet()
}

async function conditions(): Promise<readonly string[]> {
  const { status } = await job()
  return (status?.conditions ?? []).map(({ type, status, reason }) => `${type}=${status} ${reason}`)
}

async function change(spec: object): Promise<void> {
  const patch = { type: 'application/merge-patch+json', body: { spec } } as never
  await cluster.transport.patch(jobs, key, patch)
  await cluster.quiet()
}

test('one pod that succeeds completes the Job', async () => {
  const created = await given()
  const { uid } = created.metadata
  expect(created.spec).toMatchObject({
    completions: 1,
    parallelism: 1,
    backoffLimit: 6,
    selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } },
  })
  const [pod] = await active()
  expect(pod?.metadata).toMatchObject({
    generateName: 'work-',
    labels: { 'job-name': 'work', 'batch.kubernetes.io/job-name': 'work', 'controller-uid': uid },
    finalizers: ['batch.kubernetes.io/job-tracking'],
  })
  expect((await job()).status).toMatchObject({ active: 1, ready: 1, terminating: 0 })
  await end(pod, 'Succeeded')
  const { status } = await job()
  expect(status).toMatchObject({ succeeded: 1, ready: 0, uncountedTerminatedPods: {} })
  expect(status).not.toHaveProperty('active')
  expect(status?.completionTime).toBeDefined()
  expect(await conditions()).toEqual([
    'SuccessCriteriaMet=True CompletionsReached',
    'Complete=True CompletionsReached',
  ])
  const [ended] = await cluster.livePods()
  expect(ended?.metadata).not.toHaveProperty('finalizers')
  const told = (await cluster.eventsAbout('Job')).map(({ reason, message }) => [reason, message])
  expect(told).toEqual([
    ['SuccessfulCreate', `Created pod: ${pod?.metadata.name}`],
    ['Completed', 'Job completed'],
  ])
})

test('completions in parallel: never more pods than are missing', async () => {
  await given({ completions: 5, parallelism: 2 })
  for (let succeeded = 0; succeeded < 5; succeeded += 1) {
    const running = await active()
    expect(running).toHaveLength(Math.min(2, 5 - succeeded))
    await end(running[0], 'Succeeded')
  }
  expect((await job()).status).toMatchObject({ succeeded: 5 })
  expect(await conditions()).toContain('Complete=True CompletionsReached')
})

test('a pod that fails is replaced later and later, until the limit', async () => {
  await given({ backoffLimit: 2 })
  for (const waitMs of [10_000, 20_000]) {
    await end((await active())[0], 'Failed')
    await cluster.pass(waitMs - 2000)
    expect(await active()).toHaveLength(0)
    await cluster.pass(4000)
  }
  await end((await active())[0], 'Failed')
  expect((await job()).status).toMatchObject({ failed: 3 })
  expect(await conditions()).toEqual([
    'FailureTarget=True BackoffLimitExceeded',
    'Failed=True BackoffLimitExceeded',
  ])
  await cluster.pass(120_000)
  expect(await active()).toHaveLength(0)
})

test('activeDeadlineSeconds ends the Job and its pods', async () => {
  await given({ activeDeadlineSeconds: 30, parallelism: 2, completions: 2 })
  await cluster.pass(29_000)
  expect(await active()).toHaveLength(2)
  await cluster.pass(2000)
  expect(await cluster.livePods()).toEqual([])
  expect(await conditions()).toContain('Failed=True DeadlineExceeded')
  expect((await job()).status).toMatchObject({ failed: 2 })
  const events = await cluster.eventsAbout('Job')
  expect(events.at(-1)?.message).toBe('Job was active longer than specified deadline')
})

test('a suspended Job has no pods and counts none of those it had', async () => {
  await given({ suspend: true })
  expect(await active()).toHaveLength(0)
  expect(await conditions()).toEqual(['Suspended=True JobSuspended'])
  expect((await job()).status).not.toHaveProperty('startTime')
  await change({ suspend: false })
  expect(await active()).toHaveLength(1)
  expect(await conditions()).toEqual(['Suspended=False JobResumed'])
  await change({ suspend: true })
  expect(await cluster.livePods()).toEqual([])
  expect((await job()).status).not.toHaveProperty('failed')
})

test('an Indexed Job has one pod per index, which learns its number', async () => {
  await given({ completionMode: 'Indexed', completions: 3, parallelism: 3 })
  const running = await active()
  const indexOf = ({ metadata }: Pod) =>
    metadata.annotations?.['batch.kubernetes.io/job-completion-index']
  expect(running.map(indexOf).sort()).toEqual(['0', '1', '2'])
  const second = running.find((pod) => indexOf(pod) === '1')
  expect(second?.metadata.generateName).toBe('work-1-')
  expect(second?.spec?.hostname).toBe('work-1')
  expect(second?.spec?.containers[0]?.env).toEqual([
    {
      name: 'JOB_COMPLETION_INDEX',
      valueFrom: {
        fieldRef: {
          apiVersion: 'v1',
          fieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']",
        },
      },
    },
  ])
  for (const index of ['2', '0'])
    await end(
      running.find((pod) => indexOf(pod) === index),
      'Succeeded',
    )
  expect((await job()).status).toMatchObject({ succeeded: 2, completedIndexes: '0,2' })
  await end(second, 'Failed')
  await cluster.pass(12_000)
  const [again] = await active()
  expect(again && indexOf(again)).toBe('1')
  await end(again, 'Succeeded')
  expect((await job()).status).toMatchObject({ succeeded: 3, failed: 1, completedIndexes: '0-2' })
  expect(await conditions()).toContain('Complete=True CompletionsReached')
})

test('an index that keeps failing is given up alone', async () => {
  await given({
    completionMode: 'Indexed',
    completions: 2,
    parallelism: 2,
    backoffLimitPerIndex: 1,
  })
  const ofIndex = async (index: string) =>
    (await active()).find((pod) => pod.metadata.generateName === `work-${index}-`)
  await end(await ofIndex('0'), 'Failed')
  await end(await ofIndex('1'), 'Succeeded')
  await cluster.pass(12_000)
  const retry = await ofIndex('0')
  expect(retry?.metadata.annotations).toMatchObject({
    'batch.kubernetes.io/job-index-failure-count': '1',
  })
  await end(retry, 'Failed')
  expect((await job()).status).toMatchObject({ completedIndexes: '1', failedIndexes: '0' })
  expect(await conditions()).toContain('Failed=True FailedIndexes')
})

test('a success policy ends the Job before all have succeeded, and what still runs with it', async () => {
  await given({
    completionMode: 'Indexed',
    completions: 3,
    parallelism: 3,
    successPolicy: { rules: [{ succeededIndexes: '1' }] },
  })
  const leader = (await active()).find((pod) => pod.metadata.generateName === 'work-1-')
  await end(leader, 'Succeeded')
  expect(await conditions()).toEqual([
    'SuccessCriteriaMet=True SuccessPolicy',
    'Complete=True SuccessPolicy',
  ])
  const { status } = await job()
  expect(status).toMatchObject({ succeeded: 1, completedIndexes: '1', terminating: 0 })
  expect(status).not.toHaveProperty('failed')
  expect(status?.conditions?.[1]?.message).toBe('Matched rules at index 0')
  expect((await cluster.livePods()).map(({ metadata }) => metadata.uid)).toEqual([
    leader?.metadata.uid,
  ])
})

test('fewer in parallel: as many pods go as are too many, though they take long to end', async () => {
  await cluster.stop()
  cluster = await GivenCluster.start({ endMsMax: 20_000 })
  await given({ parallelism: 4, completions: 9, podReplacementPolicy: 'Failed' })
  await change({ parallelism: 3 })
  expect(await active()).toHaveLength(3)
  await cluster.pass(30_000)
  expect(await cluster.livePods()).toHaveLength(3)
})

describe('the end of pods and Jobs', () => {
  test('a pod that is deleted has failed, and goes when it has been counted', async () => {
    await given()
    const [pod] = await active()
    await cluster.transport.delete(pods, { ...where, name: pod?.metadata.name ?? '' })
    await cluster.quiet()
    expect((await job()).status).toMatchObject({ failed: 1 })
    expect((await cluster.livePods()).filter(isTerminating)).toEqual([])
  })

  test('a deleted Job takes its pods along, finalizers or not', async () => {
    await given({ parallelism: 2, completions: 2 })
    await cluster.transport.delete(jobs, key, { propagationPolicy: 'Background' })
    await cluster.until('all pods gone', async () => (await cluster.livePods()).length === 0)
  })

  test('E-03: a delete that says nothing leaves the pods, as for this old kind upstream', async () => {
    await given()
    await cluster.transport.delete(jobs, key)
    await cluster.quiet()
    await expect(job()).rejects.toMatchObject({ code: 404 })
    expect(await active()).toHaveLength(1)
  })

  test('ttlSecondsAfterFinished removes the Job and its pods', async () => {
    await given({ ttlSecondsAfterFinished: 60 })
    await end((await active())[0], 'Succeeded')
    await cluster.pass(58_000)
    expect((await job()).status).toMatchObject({ succeeded: 1 })
    await cluster.pass(5000)
    await expect(job()).rejects.toMatchObject({ code: 404 })
    expect(await cluster.livePods()).toEqual([])
  })
})
