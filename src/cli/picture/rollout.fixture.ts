import type {
  Deployment,
  EndpointSlice,
  Pod,
  PodTemplateSpec,
  ReplicaSet,
} from '../../api/generated/types.ts'
import { newControllerRef } from '../../controller/controller-refs.ts'
import type { PictureInput } from './picture-of.ts'

/** 12 s after everything was created. */
export const nowMs = Date.parse('2024-07-01T12:00:12Z')
const creationTimestamp = '2024-07-01T12:00:00Z'

function template(version: string): PodTemplateSpec {
  const containers = [{ name: 'app', image: `learnk8s/app:${version}` }]
  return { metadata: { labels: { name: 'app' } }, spec: { containers } } as PodTemplateSpec
}

export function deploymentOf(
  version: string,
  {
    replicas = 3,
    paused = false,
    status = {},
  }: {
    readonly replicas?: number
    readonly paused?: boolean
    readonly status?: Deployment['status']
  } = {},
): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'app', namespace: 'default', uid: 'app', generation: 2 },
    spec: {
      replicas,
      paused,
      selector: { matchLabels: { name: 'app' } },
      template: template(version),
    },
    status: { observedGeneration: 2, ...status },
  }
}

export function replicaSetOf(
  revision: number,
  version: string,
  { desired = 0, ready = 0 }: { readonly desired?: number; readonly ready?: number } = {},
): ReplicaSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `app-${version}`,
      namespace: 'default',
      uid: `rs-${version}`,
      creationTimestamp,
      annotations: { 'deployment.kubernetes.io/revision': String(revision) },
      ownerReferences: [newControllerRef(deploymentOf(version))],
    },
    spec: { replicas: desired, selector: {}, template: template(version) },
    status: { replicas: desired, readyReplicas: ready },
  }
}

export interface PodFacts {
  readonly isReady?: boolean
  readonly isTerminating?: boolean
  /** Why its container does not run. */
  readonly waiting?: string
}

/** `podOf('1.1.0', 'a')` is the pod `app-1.1.0-a`; ready unless told otherwise. */
export function podOf(version: string, letter: string, facts: PodFacts = {}): Pod {
  const { isReady = true, isTerminating = false, waiting } = facts
  const name = `app-${version}-${letter}`
  const state = waiting ? { waiting: { reason: waiting } } : { running: {} }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      creationTimestamp,
      ...(isTerminating && { deletionTimestamp: '2024-07-01T12:00:11Z' }),
      ownerReferences: [newControllerRef(replicaSetOf(1, version))],
    },
    spec: { containers: [{ name: 'app', image: `learnk8s/app:${version}` }] },
    status: {
      phase: waiting ? 'Pending' : 'Running',
      conditions: [{ type: 'Ready', status: isReady && !waiting ? 'True' : 'False' }],
      containerStatuses: [
        { name: 'app', image: '', imageID: '', restartCount: 0, ready: isReady, state },
      ],
    },
  } as Pod
}

export function sliceOf(pods: readonly Pod[]): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'app-1', namespace: 'default' },
    addressType: 'IPv4',
    endpoints: pods.map(({ metadata, status }) => ({
      addresses: ['127.0.0.1'],
      conditions: {
        ready: status?.conditions?.[0]?.status === 'True' && !metadata.deletionTimestamp,
        terminating: metadata.deletionTimestamp !== undefined,
      },
      targetRef: { kind: 'Pod', name: metadata.name, uid: metadata.uid },
    })),
  }
}

/** The rollout from 1.0.0 to 1.1.0 with one new pod that is not ready yet (slide 3 of 16). */
export function firstPodStarts(newPod: PodFacts = { isReady: false }): PictureInput {
  const pods = [podOf('1.0.0', 'a'), podOf('1.0.0', 'b'), podOf('1.0.0', 'c')]
  const all = [...pods, podOf('1.1.0', 'd', newPod)]
  return {
    deployment: deploymentOf('1.1.0', {
      status: { replicas: 4, updatedReplicas: 1, readyReplicas: 3, availableReplicas: 3 },
    }),
    replicaSets: [
      replicaSetOf(1, '1.0.0', { desired: 3, ready: 3 }),
      replicaSetOf(2, '1.1.0', { desired: 1 }),
    ],
    pods: all,
    endpointSlices: [sliceOf(all)],
    traffic: new Map([
      ['app-1.0.0-a', { replicaSetUid: 'rs-1.0.0', requests: 412, failures: 0 }],
      ['app-1.0.0-b', { replicaSetUid: 'rs-1.0.0', requests: 411, failures: 0 }],
      ['app-1.0.0-gone', { replicaSetUid: 'rs-1.0.0', requests: 77, failures: 2 }],
    ]),
    nowMs,
  }
}

/** All three pods run 1.1.0; one of 1.0.0 still answers its last requests (slide 15 of 16). */
export function lastPodLeaves(): PictureInput {
  const pods = ['d', 'e', 'f'].map((letter) => podOf('1.1.0', letter))
  const leaving = podOf('1.0.0', 'c', { isTerminating: true })
  return {
    ...firstPodStarts(),
    deployment: deploymentOf('1.1.0', {
      status: { replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 },
    }),
    replicaSets: [replicaSetOf(1, '1.0.0'), replicaSetOf(2, '1.1.0', { desired: 3, ready: 3 })],
    pods: [leaving, ...pods],
    endpointSlices: [sliceOf([leaving, ...pods])],
  }
}
