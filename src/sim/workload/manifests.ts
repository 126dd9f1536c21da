import type { Deployment, ReplicaSet } from '../../api/generated/types.ts'
import type { KubeObject } from '../../api/object.ts'
import type { Resource } from '../../api/resource.ts'
import { daemonSets, deployments, statefulSets } from '../../api/scheme.ts'
import { type Prng, pick, randomInt } from '../../base/prng.ts'

/** One of the applications that an operator looks after. */
export interface Application {
  readonly resource: Resource
  readonly name: string
}

export const applications: readonly Application[] = [
  { resource: deployments as Resource, name: 'web' },
  { resource: deployments as Resource, name: 'api' },
  { resource: statefulSets as Resource, name: 'db' },
  { resource: daemonSets as Resource, name: 'agent' },
]

const namespace = 'default'

export function keyOfApplication({ name }: Application) {
  return { namespace, name }
}

/** Mostly good ones; among few numbers, so that templates come again. */
export function drawImage(prng: Prng): string {
  const kind = pick(prng, [...Array(7).fill('good'), 'slow', 'slow', 'absent', 'crash', 'sick'])
  return `${kind}:${randomInt(prng, 6)}`
}

export function drawTemplate(prng: Prng, name: string, image: string) {
  const probe = { httpGet: { path: '/', port: 80 }, periodSeconds: pick(prng, [5, 10]) }
  const container = {
    name: 'app',
    image,
    readinessProbe: probe,
    ...(prng.next() < 0.3 && { livenessProbe: { ...probe, failureThreshold: 5 } }),
  }
  return {
    metadata: { labels: { app: name } },
    spec: {
      containers: [container],
      terminationGracePeriodSeconds: pick(prng, [0, 5, 30]),
    },
  }
}

const steps: readonly (readonly [number | string, number | string])[] = [
  [1, 0],
  [0, 1],
  ['25%', '25%'],
  [2, 1],
  ['50%', 0],
  [0, '50%'],
  ['100%', '100%'],
]

export function drawReplicas(prng: Prng): number {
  return pick(prng, [0, 1, 2, 3, 3, 4, 5, 6, 8])
}

/** The fields that an operator may change at any time, the template and the size aside. */
export function drawStrategy(prng: Prng, { resource }: Application): object {
  const [maxSurge, maxUnavailable] = pick(prng, steps)
  const common = {
    minReadySeconds: pick(prng, [0, 0, 0, 5, 20]),
    revisionHistoryLimit: pick(prng, [0, 1, 2, 3, 10]),
  }
  const isOnDelete = prng.next() < 0.1
  if (resource.kind === 'Deployment') {
    const rolling = { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } }
    const recreate = { type: 'Recreate', rollingUpdate: null }
    const strategy = prng.next() < 0.12 ? recreate : rolling
    return { ...common, strategy, progressDeadlineSeconds: pick(prng, [30, 60, 120, 600]) }
  }
  if (isOnDelete) return { ...common, updateStrategy: { type: 'OnDelete', rollingUpdate: null } }
  const rollingUpdate =
    resource.kind === 'StatefulSet'
      ? { partition: pick(prng, [0, 0, 0, 1, 2]), maxUnavailable: pick(prng, [1, 1, 2, '50%']) }
      : pick(prng, [
          { maxSurge: 0, maxUnavailable: 1 },
          { maxSurge: 0, maxUnavailable: '50%' },
          { maxSurge: 1, maxUnavailable: 0 },
          { maxSurge: '100%', maxUnavailable: 0 },
        ])
  return { ...common, updateStrategy: { type: 'RollingUpdate', rollingUpdate } }
}

export function drawManifest(prng: Prng, application: Application): KubeObject {
  const { resource, name } = application
  const { strategy, updateStrategy, ...fields } = drawStrategy(prng, application) as {
    readonly strategy?: object
    readonly updateStrategy?: object
  }
  const spec = {
    ...fields,
    ...(strategy && { strategy: withoutNulls(strategy) }),
    ...(updateStrategy && { updateStrategy: withoutNulls(updateStrategy) }),
    ...(resource.kind !== 'DaemonSet' && { replicas: drawReplicas(prng) }),
    ...(resource.kind === 'StatefulSet' && {
      serviceName: name,
      podManagementPolicy: pick(prng, ['OrderedReady', 'OrderedReady', 'Parallel']),
    }),
    selector: { matchLabels: { app: name } },
    template: drawTemplate(prng, name, drawImage(prng)),
  }
  const { group, version, kind } = resource
  return { apiVersion: `${group}/${version}`, kind, metadata: { name }, spec } as KubeObject
}

/** One with the same template that nobody owns: the Deployment has to take it as its own (B-08). */
export function bareReplicaSet({ metadata, spec }: Deployment): ReplicaSet {
  const { template, selector } = spec ?? {}
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: `${metadata.name}-bare`, labels: template?.metadata?.labels },
    spec: { replicas: 1, selector: selector ?? {}, template },
  }
}

/** A patch deletes by null; an object to be created says nothing instead. */
function withoutNulls(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))
}
