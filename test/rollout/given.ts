import type {
  Deployment,
  DeploymentCondition,
  DeploymentSpec,
  Pod,
  PodTemplateSpec,
  ReplicaSet,
  ReplicaSetStatus,
} from '../../src/api/generated/types.ts'
import { deepFreeze } from '../../src/api/json.ts'
import { revisionAnnotation } from '../../src/api/names.ts'

/** Builders of stored objects, frozen as the caches hand them out. */

export const t0 = Date.UTC(2026, 0, 1)

export function template(image = 'app:1', labels: Record<string, string> = {}): PodTemplateSpec {
  return {
    metadata: { labels: { app: 'app', ...labels } },
    spec: { containers: [{ name: 'app', image }] },
  }
}

export interface GivenDeployment extends Partial<DeploymentSpec> {
  readonly image?: string
  readonly annotations?: Record<string, string>
  readonly generation?: number
  readonly status?: Deployment['status']
}

/**
 * Three replicas, 25 %/25 %, deadline 600 s, history limit 10: the defaults, with `spec` fields
 * over them.
 */
export function givenDeployment(given: GivenDeployment = {}): Deployment {
  const { image, annotations, generation = 1, status, ...spec } = given
  return deepFreeze({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'app',
      namespace: 'default',
      uid: 'deployment-uid',
      generation,
      resourceVersion: '1',
      ...(annotations && { annotations }),
    },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'app' } },
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' },
      },
      progressDeadlineSeconds: 600,
      revisionHistoryLimit: 10,
      template: template(image),
      ...spec,
    },
    ...(status && { status }),
  })
}

export function rolling(maxSurge: number | string, maxUnavailable: number | string) {
  return { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } } }
}

export const recreate = { strategy: { type: 'Recreate' } }

export interface GivenReplicaSet {
  readonly image?: string
  /** `spec.replicas`; also the default of `pods`. */
  readonly replicas?: number
  /** `status.replicas`. */
  readonly pods?: number
  /** Defaults to `pods`. */
  readonly available?: number
  readonly revision?: string | number | bigint
  readonly annotations?: Record<string, string>
  /** Seconds after `t0`. */
  readonly created?: number
  readonly status?: Partial<ReplicaSetStatus>
  readonly generation?: number
}

/** Owned by `givenDeployment`; its template is `template(image)` with the name as its hash. */
export function givenReplicaSet(name: string, given: GivenReplicaSet = {}): ReplicaSet {
  const { image, replicas = 0, pods = replicas, available = pods, created = 0 } = given
  const { revision, generation = 1 } = given
  const annotations = {
    ...given.annotations,
    ...(revision === undefined ? {} : { [revisionAnnotation]: String(revision) }),
  }
  const labelled = template(image, { 'pod-template-hash': name })
  return deepFreeze({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `app-${name}`,
      namespace: 'default',
      uid: `${name}-uid`,
      resourceVersion: '1',
      generation,
      creationTimestamp: new Date(t0 + created * 1000).toISOString().replace('.000Z', 'Z'),
      labels: labelled.metadata?.labels,
      annotations,
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          name: 'app',
          uid: 'deployment-uid',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'app', 'pod-template-hash': name } },
      template: labelled,
    },
    status: {
      replicas: pods,
      readyReplicas: available,
      availableReplicas: available,
      observedGeneration: generation,
      ...given.status,
    },
  })
}

/** What the annotations of a ReplicaSet say that was last scaled for a Deployment of this size. */
export function sized(desired: number, max: number): Record<string, string> {
  return {
    'deployment.kubernetes.io/desired-replicas': String(desired),
    'deployment.kubernetes.io/max-replicas': String(max),
  }
}

export interface GivenPod {
  readonly phase?: string
  readonly node?: string
  /** Seconds before `t0` at which it became ready; absent: not ready. */
  readonly readyFor?: number
  /** Seconds before `t0` at which it was created. */
  readonly age?: number
  readonly uid?: string
  readonly restarts?: number
  readonly annotations?: Record<string, string>
  readonly labels?: Record<string, string>
  readonly deleted?: boolean
}

function before(seconds: number): string {
  return new Date(t0 - seconds * 1000).toISOString()
}

export function givenPod(name: string, given: GivenPod = {}): Pod {
  const { phase = 'Running', node = 'node', readyFor, age = 1000, restarts = 0 } = given
  const ready = { type: 'Ready', status: 'True', lastTransitionTime: before(readyFor ?? 0) }
  return deepFreeze({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: given.uid ?? name,
      creationTimestamp: before(age),
      labels: given.labels ?? { app: 'app' },
      annotations: given.annotations ?? {},
      ...(given.deleted && { deletionTimestamp: before(0) }),
    },
    spec: { containers: [{ name: 'app', image: 'app:1' }], nodeName: node },
    status: {
      phase,
      conditions: readyFor === undefined ? [] : [ready],
      containerStatuses: [
        { name: 'app', image: '', imageID: '', ready: true, restartCount: restarts },
      ],
    },
  })
}

export function condition(
  type: string,
  status: string,
  given: { readonly reason?: string; readonly updated?: number; readonly since?: number } = {},
): DeploymentCondition {
  return {
    type,
    status,
    reason: given.reason ?? 'SomeReason',
    message: '',
    lastUpdateTime: new Date(t0 + (given.updated ?? 0) * 1000).toISOString(),
    lastTransitionTime: new Date(t0 + (given.since ?? 0) * 1000).toISOString(),
  }
}
