import type { ControllerRevision, DaemonSet, Pod, StatefulSet } from '../../api/generated/types.ts'
import type { JsonValue } from '../../api/json.ts'
import { revisionHashLabel } from '../../api/names.ts'
import { newRevision } from '../../rollout/controller-revision.ts'
import { defaultedWorkload } from '../template.ts'
import { keptControllerRevision } from './set-revisions.ts'
import type { WorkloadRevisions } from './workload-rules.ts'

export interface GivenSet {
  readonly spec?: object
  readonly status?: object
  readonly annotations?: { readonly [key: string]: string }
}

function manifestOf(kind: string, image: string, { spec, status, annotations = {} }: GivenSet) {
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'web', namespace: 'default', uid: 'set', generation: 2, annotations },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'app', image }] },
      },
      ...spec,
    },
    ...(status && { status }),
  } as unknown as JsonValue
}

/**
 * Three replicas, defaulted as the server does it; seen by its controller, revision `web-IMAGE`.
 */
export function givenStatefulSet(image: string, given: GivenSet = {}): StatefulSet {
  const status = { observedGeneration: 2, updateRevision: revisionName(image), ...given.status }
  const spec = { replicas: 3, serviceName: 'web', ...given.spec }
  return defaultedWorkload(
    manifestOf('StatefulSet', image, { ...given, spec, status }),
  ) as StatefulSet
}

/** Seen by its controller. */
export function givenDaemonSet(image: string, given: GivenSet = {}): DaemonSet {
  const status = { observedGeneration: 2, ...given.status }
  return defaultedWorkload(manifestOf('DaemonSet', image, { ...given, status })) as DaemonSet
}

function revisionName(image: string): string {
  return `web-${image.replace(/\W/g, '')}`
}

export interface GivenRevision {
  readonly number?: bigint
  readonly at?: string
  readonly annotations?: { readonly [key: string]: string }
}

export function givenRevision(image: string, given: GivenRevision = {}): ControllerRevision {
  const { number = 1n, at = '2026-01-01T00:00:00Z', annotations = {} } = given
  const set = givenStatefulSet(image, { annotations })
  const made = newRevision(set, { name: revisionName(image), labels: {}, number })
  return { ...made, metadata: { ...made.metadata, creationTimestamp: at } }
}

/**
 * A pod in words: its image, and `+` ready, `-` not ready since the beginning of 2026, `x` that and
 * terminating, `!` failed.
 */
export function givenPod(ordinal: number, text: string): Pod {
  const [image, mark] = [text.slice(0, -1), text.slice(-1)]
  const since = '2026-01-01T00:00:00Z'
  const condition = { type: 'Ready', status: mark === '+' ? 'True' : 'False', message: 'no luck' }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `web-${ordinal}`,
      labels: { [revisionHashLabel]: revisionName(image) },
      creationTimestamp: since,
      ...(mark === 'x' && { deletionTimestamp: since }),
    },
    status: {
      phase: mark === '!' ? 'Failed' : 'Running',
      conditions: [{ ...condition, lastTransitionTime: since }],
    },
  }
}

/** `app:2` runs, and `app:1` was before; pods by ordinal, '' where there is none. */
export function givenRevisions(texts: readonly string[]): WorkloadRevisions {
  const [one, two] = [givenRevision('app:1'), givenRevision('app:2', { number: 2n })]
  const revisions = [keptControllerRevision(one, []), keptControllerRevision(two, [one])]
  const all = texts.flatMap((text, i) => (text === '' ? [] : [givenPod(i, text)]))
  const isNew = ({ metadata }: Pod) => metadata.labels?.[revisionHashLabel] === 'web-app2'
  return {
    revisions,
    running: revisions[1],
    pods: all.filter(isNew),
    outdatedPods: all.filter((pod) => !isNew(pod)),
  }
}
