import type { ConfigMap, Deployment, PodTemplateSpec } from '../api/generated/types.ts'
import type { JsonValue } from '../api/json.ts'
import type { Workload } from '../rollout/workload.ts'
import type { LiveConfiguration, ObservedWorkload } from './observe-workload.ts'
import { referencesOf } from './record/configuration.ts'
import type { Release } from './record/release.ts'
import { defaultedWorkload } from './template.ts'

export function givenTemplate(image = 'app:1', spec: object = {}): PodTemplateSpec {
  return givenDeployment(image, { spec }).spec?.template ?? {}
}

export interface GivenDeployment {
  /** Over the pod's spec. */
  readonly spec?: object
  readonly annotations?: { readonly [key: string]: string }
  readonly status?: Deployment['status']
  readonly more?: object
}

/** Three replicas, defaulted as the server does it. */
export function givenDeployment(image = 'app:1', given: GivenDeployment = {}): Deployment {
  const { spec = {}, annotations, status, more } = given
  return defaultedWorkload({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'app',
      namespace: 'default',
      uid: 'uid',
      generation: 1,
      ...(annotations && { annotations }),
    },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'app' } },
      template: {
        metadata: { labels: { app: 'app' } },
        spec: { containers: [{ name: 'app', image }], ...spec },
      },
      ...more,
    },
    ...(status && { status }),
  } as unknown as JsonValue) as Deployment
}

export const rolledOut = {
  observedGeneration: 1,
  replicas: 3,
  updatedReplicas: 3,
  availableReplicas: 3,
  readyReplicas: 3,
} as const

export function givenObserved(
  object: Workload,
  given: Partial<ObservedWorkload> & { readonly contents?: Record<string, string> } = {},
): ObservedWorkload {
  const template = object.spec?.template ?? {}
  const { contents = {}, ...more } = given
  return {
    object,
    template,
    revisions: [],
    running: undefined,
    pods: [],
    outdatedPods: [],
    releases: [],
    ...givenConfiguration(template, contents),
    ...more,
  }
}

/** ConfigMaps with one key, `text`. */
export function givenConfiguration(
  template: PodTemplateSpec,
  contents: Readonly<Record<string, string>>,
): LiveConfiguration {
  const configMaps = Object.entries(contents).map(([name, text]): [string, ConfigMap] => [
    name,
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { text } },
  ])
  return { references: referencesOf(template), configMaps: new Map(configMaps), secrets: [] }
}

export function givenRelease(number: number, given: Partial<Release> = {}): Release {
  return {
    number,
    name: `record-r${number}`,
    at: `2026-01-01T00:00:${String(number).padStart(2, '0')}Z`,
    template: givenTemplate(`app:${number}`),
    configMaps: [],
    secrets: [],
    provenance: undefined,
    source: 'apply',
    operation: undefined,
    restores: undefined,
    lastApplied: undefined,
    isConfigurationOnly: false,
    health: 'unknown',
    healthAt: undefined,
    why: undefined,
    imageIds: {},
    revision: undefined,
    operations: [],
    isPinned: false,
    gitOwed: undefined,
    ...given,
  }
}
