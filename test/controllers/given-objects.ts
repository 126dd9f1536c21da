import type { Deployment, DeploymentSpec, ReplicaSet } from '../../src/api/generated/types.ts'

export function givenDeployment(
  given: Partial<DeploymentSpec> & {
    readonly image?: string
    readonly name?: string
    readonly annotations?: Record<string, string>
  } = {},
): Deployment {
  const { image = 'app:1', name = 'app', annotations, ...spec } = given
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, ...(annotations && { annotations }) },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'app' } },
      template: {
        metadata: { labels: { app: 'app' } },
        spec: { containers: [{ name: 'app', image }] },
      },
      ...spec,
    },
  }
}

export function rolling(maxSurge: number | string, maxUnavailable: number | string) {
  return { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } } }
}

export const recreate = { strategy: { type: 'Recreate' } }

/** One that nobody owns, with labels by which a Deployment `app` can adopt it. */
export function givenReplicaSet(
  given: {
    readonly name?: string
    readonly image?: string
    readonly replicas?: number
    readonly labels?: Record<string, string>
    readonly annotations?: Record<string, string>
  } = {},
): ReplicaSet {
  const { name = 'bare', image = 'app:0', replicas = 1, annotations } = given
  const { labels = { app: 'app', pod: 'httpd' } } = given
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, labels, ...(annotations && { annotations }) },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'app', pod: 'httpd' } },
      template: {
        metadata: { labels: { app: 'app', pod: 'httpd' } },
        spec: { containers: [{ name: 'app', image }] },
      },
    },
  }
}
