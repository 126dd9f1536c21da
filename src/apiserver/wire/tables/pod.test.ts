import { expect, it } from 'vitest'
import type { Container, ContainerStatus, Pod, PodStatus } from '../../../api/generated/types.ts'
import { podTable } from './pod.ts'

const nowMs = Date.parse('2026-01-01T00:10:00Z')
const running = { running: { startedAt: '2026-01-01T00:00:00Z' } }

function status(
  state: ContainerStatus['state'],
  more: Partial<ContainerStatus> = {},
): ContainerStatus {
  return { name: 'app', image: 'i', imageID: '', ready: false, restartCount: 0, state, ...more }
}

interface Given {
  readonly status: PodStatus
  readonly containers?: number
  readonly initContainers?: readonly Container[]
  readonly deleted?: boolean
}

function pod({ status, containers = 1, initContainers, deleted }: Given): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'p',
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...(deleted && { deletionTimestamp: '2026-01-01T00:09:00Z' }),
    },
    spec: {
      containers: Array.from({ length: containers }, (_, i) => ({ name: `c${i}` })),
      ...(initContainers && { initContainers }),
    },
    status,
  }
}

const init = [{ name: 'i0' }, { name: 'i1' }]
const sidecar = [{ name: 's', restartPolicy: 'Always' }]
const done = status({ terminated: { exitCode: 0 } }, { name: 'i0' })
const isReady = { type: 'Ready', status: 'True' }

it.each<[string, Given, string]>([
  ['new', { status: { phase: 'Pending' } }, '0/1 Pending'],
  [
    'gated',
    {
      status: {
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }],
      },
    },
    '0/1 SchedulingGated',
  ],
  [
    'starting',
    {
      status: {
        phase: 'Pending',
        containerStatuses: [status({ waiting: { reason: 'ContainerCreating' } })],
      },
    },
    '0/1 ContainerCreating',
  ],
  [
    'running',
    { status: { phase: 'Running', containerStatuses: [status(running, { ready: true })] } },
    '1/1 Running',
  ],
  [
    'running, not ready',
    { status: { phase: 'Running', containerStatuses: [status(running)] } },
    '0/1 Running',
  ],
  [
    'crashing',
    {
      status: {
        phase: 'Running',
        containerStatuses: [status({ waiting: { reason: 'CrashLoopBackOff' } })],
      },
    },
    '0/1 CrashLoopBackOff',
  ],
  [
    'unknown image',
    {
      status: {
        phase: 'Pending',
        containerStatuses: [status({ waiting: { reason: 'ErrImagePull' } })],
      },
    },
    '0/1 ErrImagePull',
  ],
  [
    'ended by signal',
    {
      status: {
        phase: 'Failed',
        containerStatuses: [status({ terminated: { exitCode: 137, signal: 9 } })],
      },
    },
    '0/1 Signal:9',
  ],
  [
    'ended by code',
    { status: { phase: 'Failed', containerStatuses: [status({ terminated: { exitCode: 3 } })] } },
    '0/1 ExitCode:3',
  ],
  [
    'succeeded',
    {
      status: {
        phase: 'Succeeded',
        containerStatuses: [status({ terminated: { exitCode: 0, reason: 'Completed' } })],
      },
    },
    '0/1 Completed',
  ],
  ['evicted', { status: { phase: 'Failed', reason: 'Evicted' } }, '0/1 Evicted'],
  [
    'one of two ended, not ready',
    {
      containers: 2,
      status: {
        phase: 'Running',
        containerStatuses: [
          status({ terminated: { exitCode: 0, reason: 'Completed' } }),
          status(running, { ready: true }),
        ],
      },
    },
    '1/2 NotReady',
  ],
  [
    'one of two ended, ready',
    {
      containers: 2,
      status: {
        phase: 'Running',
        conditions: [isReady],
        containerStatuses: [
          status({ terminated: { exitCode: 0, reason: 'Completed' } }),
          status(running, { ready: true }),
        ],
      },
    },
    '1/2 Running',
  ],
  [
    'first of two init containers',
    {
      initContainers: init,
      status: { phase: 'Pending', initContainerStatuses: [status(running, { name: 'i0' })] },
    },
    '0/1 Init:0/2',
  ],
  [
    'second of two init containers',
    {
      initContainers: init,
      status: {
        phase: 'Pending',
        initContainerStatuses: [
          done,
          status({ waiting: { reason: 'PodInitializing' } }, { name: 'i1' }),
        ],
      },
    },
    '0/1 Init:1/2',
  ],
  [
    'init crashing',
    {
      initContainers: init,
      status: {
        phase: 'Pending',
        initContainerStatuses: [
          status({ waiting: { reason: 'CrashLoopBackOff' } }, { name: 'i0' }),
        ],
      },
    },
    '0/1 Init:CrashLoopBackOff',
  ],
  [
    'init failed with a code',
    {
      initContainers: init,
      status: {
        phase: 'Pending',
        initContainerStatuses: [status({ terminated: { exitCode: 2 } }, { name: 'i0' })],
      },
    },
    '0/1 Init:ExitCode:2',
  ],
  [
    'init failed by a signal',
    {
      initContainers: init,
      status: {
        phase: 'Pending',
        initContainerStatuses: [
          status({ terminated: { exitCode: 137, signal: 9 } }, { name: 'i0' }),
        ],
      },
    },
    '0/1 Init:Signal:9',
  ],
  [
    'init failed for a reason',
    {
      initContainers: init,
      status: {
        phase: 'Pending',
        initContainerStatuses: [
          status({ terminated: { exitCode: 1, reason: 'Error' } }, { name: 'i0' }),
        ],
      },
    },
    '0/1 Init:Error',
  ],
  [
    'with a ready sidecar',
    {
      initContainers: sidecar,
      status: {
        phase: 'Running',
        initContainerStatuses: [status(running, { name: 's', started: true, ready: true })],
        containerStatuses: [status(running, { ready: true })],
      },
    },
    '2/2 Running',
  ],
  [
    'terminating',
    {
      deleted: true,
      status: { phase: 'Running', containerStatuses: [status(running, { ready: true })] },
    },
    '1/1 Terminating',
  ],
  [
    'terminating, node lost',
    { deleted: true, status: { phase: 'Running', reason: 'NodeLost' } },
    '0/1 Unknown',
  ],
  [
    'failed before it was deleted',
    {
      deleted: true,
      status: {
        phase: 'Failed',
        containerStatuses: [status({ terminated: { exitCode: 1, reason: 'Error' } })],
      },
    },
    '0/1 Error',
  ],
])('READY and STATUS of a pod that is %s (G-50)', (_what, given, expected) => {
  expect(podTable.cells(pod(given), nowMs).slice(1, 3).join(' ')).toBe(expected)
})

it('RESTARTS tells when the last one was', () => {
  const lastState = { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:09:50Z' } }
  const statuses = [
    status(running, { restartCount: 2, lastState }),
    status(running, { restartCount: 1 }),
  ]
  const cells = podTable.cells(
    pod({ containers: 2, status: { containerStatuses: statuses } }),
    nowMs,
  )
  expect(cells[3]).toBe('3 (10s ago)')
})

it('the wide columns say <none> where there is nothing, and count readiness gates', () => {
  const bare = pod({ status: {} })
  expect(podTable.cells(bare, nowMs).slice(4)).toEqual([
    '10m',
    '<none>',
    '<none>',
    '<none>',
    '<none>',
  ])
  const full: Pod = {
    ...bare,
    spec: {
      containers: [],
      nodeName: 'n',
      readinessGates: [{ conditionType: 'a' }, { conditionType: 'b' }],
    },
    status: { podIPs: [{ ip: '127.0.0.1' }], conditions: [{ type: 'a', status: 'True' }] },
  }
  expect(podTable.cells(full, nowMs).slice(5)).toEqual(['127.0.0.1', 'n', '<none>', '1/2'])
})

it.each([
  ['Succeeded', 'The pod has completed successfully.'],
  ['Failed', 'The pod failed.'],
])('a pod that has %s marks its row', (phase, message) => {
  expect(podTable.conditions?.(pod({ status: { phase } }))).toEqual([
    { type: 'Completed', status: 'True', reason: phase, message },
  ])
})
