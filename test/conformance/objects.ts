import type {
  Container,
  DaemonSet,
  DaemonSetSpec,
  Deployment,
  DeploymentSpec,
  Pod,
  PodSpec,
  PodTemplateSpec,
  ReplicaSet,
  ReplicaSetSpec,
  StatefulSet,
  StatefulSetSpec,
} from '../../src/api/generated/types.ts'

/** A readiness gate that bodies open and shut themselves: it works wherever pods run. */
export const gate = 'conformance.astern.dev/open'
export const gated: PodSpec = { containers: [], readinessGates: [{ conditionType: gate }] }

type Labels = Readonly<Record<string, string>>

export interface Described {
  readonly name: string
  readonly image: string
  /** Of the pods and the selector; default `{ app: NAME }`. */
  readonly labels?: Labels
  /** Of the object. */
  readonly metadata?: { readonly labels?: Labels; readonly annotations?: Labels }
  /** Over what the template has. */
  readonly pod?: Partial<PodSpec>
  readonly container?: Partial<Container>
}

function templateOf({ name, image, labels = { app: name }, ...rest }: Described): PodTemplateSpec {
  const { pod = {}, container = {} } = rest
  return {
    metadata: { labels },
    spec: {
      terminationGracePeriodSeconds: 1,
      ...pod,
      containers: [{ name: 'app', image, ...container }],
    },
  }
}

function workload(described: Described) {
  const { name, labels = { app: name }, metadata } = described
  return {
    metadata: { name, ...metadata },
    spec: { selector: { matchLabels: labels }, template: templateOf(described) },
  }
}

export function podOf(described: Described): Pod {
  const { metadata, spec } = templateOf(described)
  const { name } = described
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...metadata, ...described.metadata },
    ...(spec && { spec }),
  }
}

export function deploymentOf(
  described: Described,
  given: Partial<DeploymentSpec> = {},
): Deployment {
  const { metadata, spec } = workload(described)
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { ...spec, ...given } }
}

export function replicaSetOf(
  described: Described,
  given: Partial<ReplicaSetSpec> = {},
): ReplicaSet {
  const { metadata, spec } = workload(described)
  return { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata, spec: { ...spec, ...given } }
}

export function daemonSetOf(described: Described, given: Partial<DaemonSetSpec> = {}): DaemonSet {
  const { metadata, spec } = workload(described)
  return { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata, spec: { ...spec, ...given } }
}

export function statefulSetOf(
  described: Described,
  given: Partial<StatefulSetSpec> = {},
): StatefulSet {
  const { metadata, spec } = workload(described)
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata,
    spec: { serviceName: 'headless', ...spec, ...given },
  }
}

/** A patch of a template's image. */
export function withImage(image: string) {
  return { spec: { template: { spec: { containers: [{ name: 'app', image }] } } } }
}

export function imageOf(object: { readonly spec?: PodSpec } | undefined): string | undefined {
  return object?.spec?.containers[0]?.image
}

export function isReady({ status, metadata }: Pod): boolean {
  if (metadata.deletionTimestamp) return false
  return (status?.conditions ?? []).some(
    ({ type, status }) => type === 'Ready' && status === 'True',
  )
}
