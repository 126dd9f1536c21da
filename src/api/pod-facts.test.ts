import { describe, expect, test } from 'vitest'
import type { ContainerStatus, Pod } from './generated/types.ts'
import {
  availableAtMs,
  containerStatus,
  findContainer,
  isContainerRunning,
  isContainerTerminated,
  isPodActive,
  isPodAvailable,
  isPodReady,
  isPodTerminal,
  maxRestarts,
} from './pod-facts.ts'

const readyAt = '2026-01-01T00:00:10Z'
const readyAtMs = Date.parse(readyAt)

function pod(status: Pod['status'], metadata: Pod['metadata'] = {}): Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata, status }
}

function withReady(status: string, lastTransitionTime?: string): Pod {
  const time = lastTransitionTime === undefined ? {} : { lastTransitionTime }
  return pod({ conditions: [{ type: 'Ready', status, ...time }] })
}

describe('B-59 availability', () => {
  test.each([
    ['not ready', withReady('False', readyAt), 0, readyAtMs, false],
    ['no conditions', pod({}), 0, readyAtMs, false],
    ['ready, nothing to wait for', withReady('True', readyAt), 0, readyAtMs, true],
    ['ready in a clock ahead of ours', withReady('True', readyAt), 0, readyAtMs - 5000, true],
    ['one millisecond early', withReady('True', readyAt), 10, readyAtMs + 9999, false],
    ['on the dot', withReady('True', readyAt), 10, readyAtMs + 10_000, true],
    ['ready since nobody knows when', withReady('True'), 10, readyAtMs, false],
    ['ready since nobody knows when, no wait', withReady('True'), 0, readyAtMs, true],
  ])('%s', (...[, subject, minReadySeconds, nowMs, available]) => {
    expect(isPodAvailable(subject, minReadySeconds, nowMs)).toBe(available)
  })

  test('tells when to look again', () => {
    expect(availableAtMs(withReady('True', readyAt), 10)).toBe(readyAtMs + 10_000)
    expect(availableAtMs(withReady('Unknown', readyAt), 10)).toBeUndefined()
    expect(isPodReady(withReady('Unknown'))).toBe(false)
  })
})

describe('C-01 active pods', () => {
  const deleted = { deletionTimestamp: readyAt }
  test.each([
    ['Pending', {}, true, false],
    ['Running', {}, true, false],
    ['Unknown', {}, true, false],
    ['Succeeded', {}, false, true],
    ['Failed', {}, false, true],
    ['Running', deleted, false, false],
    ['Failed', deleted, false, true],
  ])('%s %j', (...[phase, metadata, active, terminal]) => {
    expect(isPodActive(pod({ phase }, metadata))).toBe(active)
    expect(isPodTerminal(pod({ phase }, metadata))).toBe(terminal)
  })

  test('a pod without status is active', () => {
    expect(isPodActive({ apiVersion: 'v1', kind: 'Pod', metadata: {} })).toBe(true)
  })
})

describe('containers', () => {
  const status = (name: string, restartCount: number, state = {}): ContainerStatus => ({
    name,
    restartCount,
    state,
    image: 'i',
    imageID: '',
    ready: true,
  })
  const subject: Pod = {
    ...pod({
      containerStatuses: [status('app', 2, { running: {} }), status('b', 1)],
      initContainerStatuses: [
        status('setup', 9, { terminated: { exitCode: 0 } }),
        status('mesh', 4),
      ],
    }),
    spec: {
      containers: [{ name: 'app' }, { name: 'b' }],
      initContainers: [{ name: 'setup' }, { name: 'mesh', restartPolicy: 'Always' }],
    },
  }

  test('C-08 counts restarts of regular containers and of sidecars apart', () => {
    expect(maxRestarts(subject)).toEqual({ regular: 2, sidecar: 4 })
    expect(maxRestarts(pod({}))).toEqual({ regular: 0, sidecar: 0 })
  })

  test('are found by name among regular and init containers', () => {
    expect(findContainer(subject, 'mesh')).toMatchObject({ restartPolicy: 'Always' })
    expect(findContainer(subject, 'none')).toBeUndefined()
    expect(isContainerRunning(containerStatus(subject, 'app'))).toBe(true)
    expect(isContainerRunning(containerStatus(subject, 'none'))).toBe(false)
    expect(isContainerTerminated(containerStatus(subject, 'setup'))).toBe(true)
  })
})
