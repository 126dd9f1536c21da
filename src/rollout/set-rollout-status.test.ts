import { expect, test } from 'vitest'
import { reportWorkload } from './set-rollout-status.ts'
import type { Workload } from './workload.ts'

const set = (kind: string, spec: object, status: object) =>
  ({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'app', generation: 2 },
    spec: { replicas: 3, updateStrategy: { type: 'RollingUpdate' }, ...spec },
    status: { observedGeneration: 2, ...status },
  }) as unknown as Workload

const partition = (at: number) => ({
  updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: at } },
})
const revisions = { currentRevision: 'a', updateRevision: 'b', updatedReplicas: 1 }

test.each<readonly [string, object, object, string, string]>([
  ['StatefulSet', {}, { observedGeneration: 1 }, 'waiting', 'statefulset spec update'],
  ['StatefulSet', {}, { readyReplicas: 1 }, 'waiting', 'Waiting for 2 pods to be ready...'],
  [
    'StatefulSet',
    partition(1),
    { readyReplicas: 3, updatedReplicas: 1 },
    'waiting',
    'Waiting for partitioned roll out to finish: 1 out of 2 new pods have been updated...',
  ],
  [
    'StatefulSet',
    partition(1),
    { readyReplicas: 3, updatedReplicas: 2 },
    'done',
    'partitioned roll out complete: 2 new pods have been updated...',
  ],
  [
    'StatefulSet',
    {},
    { readyReplicas: 3, ...revisions },
    'waiting',
    'waiting for statefulset rolling update to complete 1 pods at revision b...',
  ],
  [
    'StatefulSet',
    {},
    { readyReplicas: 3, ...revisions, currentRevision: 'b', currentReplicas: 3 },
    'done',
    'statefulset rolling update complete 3 pods at revision b...',
  ],
  ['StatefulSet', { updateStrategy: { type: 'OnDelete' } }, {}, 'failed', 'only available for'],
  ['DaemonSet', {}, { observedGeneration: 1 }, 'waiting', 'daemon set spec update'],
  [
    'DaemonSet',
    {},
    { desiredNumberScheduled: 2, updatedNumberScheduled: 1 },
    'waiting',
    'Waiting for daemon set "app" rollout to finish: 1 out of 2 new pods have been updated...',
  ],
  [
    'DaemonSet',
    {},
    { desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 1 },
    'waiting',
    'Waiting for daemon set "app" rollout to finish: 1 of 2 updated pods are available...',
  ],
  [
    'DaemonSet',
    {},
    { desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2 },
    'done',
    'daemon set "app" successfully rolled out',
  ],
])('G-30, G-37..39: %s %j %j: %s', (kind, spec, status, outcome, message) => {
  const report = reportWorkload(set(kind, spec, status))
  expect(report).toEqual({ outcome, message: expect.stringContaining(message) })
})
