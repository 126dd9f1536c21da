import { expect, test } from 'vitest'
import type { Container } from '../../api/generated/types.ts'
import type { ContainerState } from '../runtime.ts'
import type { ObservedPod } from './observed-pod.ts'
import { readySoonUntilMs } from './ready-soon.ts'

const nowMs = 1_000_000
const probed: Partial<Container> = { readinessProbe: { tcpSocket: { port: 80 } } }

function observed(spec: Partial<Container>, state: ContainerState, ready = false): ObservedPod {
  const record = { podUid: 'u', container: 'app', restart: 0, containerId: 'c' }
  const attempts = [{ ...record, image: 'i:1', imageId: 'sha256:1', state }]
  const container = { spec: { name: 'app', ...spec }, role: 'main', path: '' } as const
  const known = { attempts, firstRestart: 0, blocked: undefined, started: true, ready }
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } }
  const containers = [{ ...container, ...known } as never]
  return { pod, sandbox: undefined, containers, nowMs, terminating: false }
}

const startedAgo = (ms: number): ContainerState => ({
  phase: 'running',
  startedAtMs: nowMs - ms,
})

test('what has just started and is probed may be ready in a moment', () => {
  expect(readySoonUntilMs(observed(probed, startedAgo(10)))).toBe(nowMs + 40)
  expect(readySoonUntilMs(observed({ startupProbe: {} }, startedAgo(0)))).toBe(nowMs + 50)
})

test('nothing is waited for that is ready, has no probe, has ended, or had its time', () => {
  const exited: ContainerState = {
    phase: 'exited',
    startedAtMs: nowMs - 10,
    finishedAtMs: nowMs,
    exitCode: 1,
    signal: undefined,
  }
  expect(readySoonUntilMs(observed(probed, startedAgo(10), true))).toBeUndefined()
  expect(readySoonUntilMs(observed({}, startedAgo(10)))).toBeUndefined()
  expect(readySoonUntilMs(observed(probed, exited))).toBeUndefined()
  expect(readySoonUntilMs(observed(probed, startedAgo(50)))).toBeUndefined()
})

test('a wall clock that was set back holds nothing up', () => {
  expect(readySoonUntilMs(observed(probed, startedAgo(-3_600_000)))).toBeUndefined()
})
