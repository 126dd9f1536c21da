import { describe, expect, it } from 'vitest'
import type { Container, Pod } from '../../api/generated/types.ts'
import type { ContainerRecord, ContainerState } from '../runtime.ts'
import type { ObservedContainer, ObservedPod } from './observed-pod.ts'
import { planPod } from './plan-pod.ts'
import { podContainers } from './pod-containers.ts'
import { podStatus } from './pod-status.ts'

const nowMs = Date.UTC(2026, 0, 1, 0, 10)

function pod(spec: Partial<Pod['spec']> & object = {}, status: Pod['status'] = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'n', uid: 'u', generation: 1 },
    spec: { containers: [{ name: 'app', image: 'i:1' }], restartPolicy: 'Always', ...spec },
    status,
  }
}

const running: ContainerState = { phase: 'running', startedAtMs: nowMs - 5_000 }
const exited = (exitCode: number | undefined, agoMs = 1_000): ContainerState => ({
  phase: 'exited',
  startedAtMs: nowMs - agoMs - 1_000,
  finishedAtMs: nowMs - agoMs,
  exitCode,
  signal: undefined,
})

function attempts(container: string, states: readonly ContainerState[]): ContainerRecord[] {
  return states.map((state, restart) => ({
    podUid: 'u',
    container,
    restart,
    containerId: `process://${container}-${restart}`,
    image: 'i:1',
    imageId: 'sha256:1',
    state,
  }))
}

type States = Readonly<Record<string, readonly ContainerState[]>>

function observe(
  of: Pod,
  states: States,
  more: Partial<ObservedPod> & { readonly container?: Partial<ObservedContainer> } = {},
): ObservedPod {
  const { container, ...rest } = more
  return {
    pod: of,
    sandbox: { podUid: 'u', ip: '127.0.0.1', ports: {}, env: [] },
    containers: podContainers(of).map((one) => ({
      ...one,
      attempts: attempts(one.spec.name, states[one.spec.name] ?? []),
      blocked: undefined,
      started: true,
      ready: true,
      ...container,
    })),
    nowMs,
    terminating: false,
    ...rest,
  }
}

const statusOf = (observed: ObservedPod) => podStatus(observed, planPod(observed))

describe('F-01 phase', () => {
  const two: readonly Container[] = [{ name: 'a' }, { name: 'b' }]
  it.each<[string, Pod, States, string]>([
    ['nothing started', pod(), {}, 'Pending'],
    ['one of two started', pod({ containers: two }), { a: [running] }, 'Pending'],
    ['running', pod(), { app: [running] }, 'Running'],
    ['ended, Always', pod(), { app: [exited(0)] }, 'Running'],
    ['ended 0, Never', pod({ restartPolicy: 'Never' }), { app: [exited(0)] }, 'Succeeded'],
    ['ended 1, Never', pod({ restartPolicy: 'Never' }), { app: [exited(1)] }, 'Failed'],
    ['ended 1, OnFailure', pod({ restartPolicy: 'OnFailure' }), { app: [exited(1)] }, 'Running'],
    ['ended 0, OnFailure', pod({ restartPolicy: 'OnFailure' }), { app: [exited(0)] }, 'Succeeded'],
    [
      'one of two ended, Never',
      pod({ containers: two, restartPolicy: 'Never' }),
      { a: [exited(0)], b: [running] },
      'Running',
    ],
    ['init running', pod({ initContainers: [{ name: 'i' }] }), { i: [running] }, 'Pending'],
    [
      'init failed, Never',
      pod({ initContainers: [{ name: 'i' }], restartPolicy: 'Never' }),
      { i: [exited(1)] },
      'Failed',
    ],
  ])('%s: %s', (_, of, states, phase) => {
    expect(statusOf(observe(of, states)).phase).toBe(phase)
  })

  it('of a deleted pod is terminal once its containers have ended', () => {
    const deleted = (code: number) =>
      statusOf(observe(pod(), { app: [exited(code)] }, { terminating: true })).phase
    expect(deleted(0)).toBe('Succeeded')
    expect(deleted(143)).toBe('Failed')
  })
})

describe('F-02 conditions', () => {
  const conditionOf = (observed: ObservedPod, type: string) =>
    statusOf(observed).conditions?.find((one) => one.type === type)

  it('names the containers that are not ready', () => {
    const observed = observe(pod(), { app: [running] }, { container: { ready: false } })
    expect(conditionOf(observed, 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotReady',
      message: 'containers with unready status: [app]',
    })
  })

  it('names the init containers that are not complete', () => {
    const observed = observe(pod({ initContainers: [{ name: 'i' }] }), { i: [running] })
    expect(conditionOf(observed, 'Initialized')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotInitialized',
      message: 'containers with incomplete status: [i]',
    })
  })

  it('of a pod that has succeeded say that it has', () => {
    const observed = observe(pod({ restartPolicy: 'Never' }), { app: [exited(0)] })
    const reason = 'PodCompleted'
    const done = (type: string) => conditionOf(observed, type)
    expect(done('Initialized')).toMatchObject({ status: 'True', reason })
    for (const type of ['Ready', 'ContainersReady']) {
      expect(done(type)).toMatchObject({ status: 'False', reason })
      expect(done(type)?.message).toBeUndefined()
    }
  })

  it('keeps lastTransitionTime while the status stays, and conditions of others', () => {
    const before = '2026-01-01T00:00:00Z'
    const scheduled = { type: 'PodScheduled', status: 'True' }
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: before }, scheduled]
    const up = observe(pod({}, { conditions }), { app: [running] })
    expect(conditionOf(up, 'Ready')?.lastTransitionTime).toBe(before)
    expect(conditionOf(up, 'PodScheduled')).toEqual(scheduled)
    const down = observe(
      pod({}, { conditions }),
      { app: [running] },
      { container: { ready: false } },
    )
    expect(conditionOf(down, 'Ready')?.lastTransitionTime).toBe('2026-01-01T00:10:00Z')
  })
})

describe('F-03, F-04 container states', () => {
  const containerOf = (observed: ObservedPod) => statusOf(observed).containerStatuses?.[0]

  it('shows CrashLoopBackOff with the last end, and the running attempt before', () => {
    const observed = observe(pod(), { app: [exited(1, 60_000), exited(1)] })
    expect(containerOf(observed)).toMatchObject({
      state: {
        waiting: {
          reason: 'CrashLoopBackOff',
          message: 'back-off 10s restarting failed container=app pod=p_n(u)',
        },
      },
      lastState: { terminated: { exitCode: 1, reason: 'Error', containerID: 'process://app-1' } },
      restartCount: 1,
      ready: false,
    })
    expect(planPod(observed)).toMatchObject({ start: [], wakeAtMs: nowMs - 1_000 + 10_000 })
  })

  it('shows why an image cannot be had', () => {
    const blocked = { reason: 'ErrImagePull', message: 'no such image', retryAtMs: nowMs + 1 }
    const observed = observe(pod(), {}, { container: { blocked } })
    expect(containerOf(observed)?.state).toEqual({
      waiting: { reason: 'ErrImagePull', message: 'no such image' },
    })
    expect(planPod(observed).start).toEqual([])
  })

  it('says so when nobody recorded the exit code', () => {
    const never = pod({ restartPolicy: 'Never' })
    expect(
      containerOf(observe(never, { app: [exited(undefined)] }))?.state?.terminated,
    ).toMatchObject({ exitCode: 137, reason: 'ContainerStatusUnknown' })
  })

  it('makes main containers wait for the init containers, in order', () => {
    const of = pod({ initContainers: [{ name: 'i' }, { name: 'j' }] })
    const names = (states: States) =>
      planPod(observe(of, states)).start.map(({ container }) => container.spec.name)
    expect(names({})).toEqual(['i'])
    expect(names({ i: [exited(0)] })).toEqual(['j'])
    expect(names({ i: [exited(0)], j: [exited(0)] })).toEqual(['app'])
    expect(containerOf(observe(of, {}))?.state).toEqual({ waiting: { reason: 'PodInitializing' } })
  })
})

describe('a pod whose sandbox was lost', () => {
  const initContainers = [{ name: 'i' }, { name: 'j' }]
  const lost = (of: Pod, states: States, since: States = {}) => {
    const before = observe(of, states)
    const containers = before.containers.map((container) => ({
      ...container,
      attempts: [
        ...container.attempts.map((attempt) => ({ ...attempt, isFormer: true })),
        ...attempts(container.spec.name, since[container.spec.name] ?? []),
      ].map((attempt, restart) => ({ ...attempt, restart })),
    }))
    return { ...before, containers }
  }
  const starts = (observed: ObservedPod) =>
    planPod(observed).start.map(({ container, restart }) => [container.spec.name, restart])
  const done = { i: [exited(0)], j: [exited(0)], app: [exited(137)] }

  it('is initialized again, in order, before anything of it runs', () => {
    const of = pod({ initContainers })
    expect(starts(lost(of, done))).toEqual([['i', 1]])
    expect(starts(lost(of, done, { i: [running] }))).toEqual([])
    expect(starts(lost(of, done, { i: [exited(0)] }))).toEqual([['j', 1]])
    expect(starts(lost(of, done, { i: [exited(0)], j: [exited(0)] }))).toEqual([['app', 1]])
    const { phase, conditions } = statusOf(lost(of, done, { i: [exited(0)] }))
    expect(phase).toBe('Pending')
    expect(conditions?.find(({ type }) => type === 'Initialized')).toMatchObject({
      status: 'False',
      message: 'containers with incomplete status: [j]',
    })
  })

  it('is not initialized a third time when a main container has run since', () => {
    const since = { i: [exited(0)], j: [exited(0)], app: [exited(1)] }
    const observed = lost(pod({ initContainers }), done, since)
    expect(planPod(observed).start.filter(({ container }) => container.role === 'init')).toEqual([])
  })

  it('stays over when nothing of it is to run again', () => {
    const never = pod({ initContainers, restartPolicy: 'Never' })
    expect(starts(lost(never, done))).toEqual([])
    expect(statusOf(lost(never, done)).phase).toBe('Failed')
    expect(starts(lost(never, { i: [exited(137)] }))).toEqual([])
    const onFailure = pod({ initContainers, restartPolicy: 'OnFailure' })
    expect(starts(lost(onFailure, { ...done, app: [exited(0)] }))).toEqual([])
    expect(statusOf(lost(onFailure, { ...done, app: [exited(0)] })).phase).toBe('Succeeded')
  })
})
