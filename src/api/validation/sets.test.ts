import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../json.ts'
import type { Resource } from '../resource.ts'
import { controllerRevisions, daemonSets, persistentVolumeClaims, statefulSets } from '../scheme.ts'
import {
  container,
  createErrors,
  statusErrors,
  updateErrors,
  workload,
} from './errors-of.fixture.ts'

type Case = readonly [what: string, changes: JsonObject, errors: readonly string[]]

const update = (rollingUpdate: JsonObject, type = 'RollingUpdate') => ({
  updateStrategy: { type, rollingUpdate },
})
const rollingPath = 'spec.updateStrategy.rollingUpdate'
const labelsPath = 'spec.template.metadata.labels'
const mismatch = '`selector` does not match template `labels`'
const notNegative = 'must be greater than or equal to 0'
const forbiddenUpdate =
  "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"

function restartErrors(kind: string): readonly string[] {
  return [
    'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    `spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ${kind} is not Supported`,
  ]
}

function template(podSpec: JsonObject): JsonObject {
  return { template: { metadata: { labels: { app: 'x' } }, spec: podSpec } }
}

const neverRestarted = template({
  containers: [container],
  restartPolicy: 'Never',
  activeDeadlineSeconds: 5,
})

const statefulSetCases: readonly Case[] = [
  ['a good one', {}, []],
  [
    'A-40 another management policy',
    { podManagementPolicy: 'Any' },
    ["spec.podManagementPolicy: Invalid value: \"Any\": must be 'OrderedReady' or 'Parallel'"],
  ],
  [
    'A-40 OnDelete and rollingUpdate',
    update({ partition: 1 }, 'OnDelete'),
    [
      `${rollingPath}: Invalid value: {"partition":1}: only allowed for updateStrategy 'RollingUpdate'`,
    ],
  ],
  [
    'A-40 start, partition and replicas are not negative',
    { ...update({ partition: -1 }), ordinals: { start: -2 }, replicas: -3 },
    [
      `${rollingPath}.partition: Invalid value: -1: ${notNegative}`,
      `spec.replicas: Invalid value: -3: ${notNegative}`,
      `spec.ordinals.start: Invalid value: -2: ${notNegative}`,
    ],
  ],
  [
    'A-40 empty selector',
    { selector: {} },
    ['spec.selector: Invalid value: {}: empty selector is invalid for statefulset'],
  ],
  [
    'A-31 no selector',
    { selector: null },
    ['spec.selector: Required value', `${labelsPath}: Invalid value: {"app":"x"}: ${mismatch}`],
  ],
  [
    'A-41 maxUnavailable of nothing',
    update({ maxUnavailable: '0%' }),
    [`${rollingPath}.maxUnavailable: Invalid value: "0%": cannot be 0`],
  ],
  [
    'A-41 maxUnavailable of more than all',
    update({ maxUnavailable: '101%' }),
    [`${rollingPath}.maxUnavailable: Invalid value: "101%": must not be greater than 100%`],
  ],
  ['A-41 V-07 maxUnavailable', update({ maxUnavailable: 3 }), []],
  ['A-35 the pods are always restarted', neverRestarted, restartErrors('StatefulSet')],
  [
    'mounts may name the volumes of claims',
    template({ containers: [{ ...container, volumeMounts: [{ name: 'data', mountPath: '/d' }] }] }),
    [],
  ],
]

const daemonSetCases: readonly Case[] = [
  ['a good one', {}, []],
  [
    'A-43 surge and unavailable',
    update({ maxSurge: 1, maxUnavailable: '10%' }),
    [`${rollingPath}.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero`],
  ],
  [
    'A-43 neither',
    update({ maxSurge: '0%', maxUnavailable: 0 }),
    [`${rollingPath}.maxUnavailable: Required value: cannot be 0 when maxSurge is 0`],
  ],
  [
    'A-43 more than all',
    update({ maxSurge: '101%', maxUnavailable: 0 }),
    [`${rollingPath}.maxSurge: Invalid value: "101%": must not be greater than 100%`],
  ],
  [
    'A-43 empty selector',
    { selector: {} },
    ['spec.selector: Invalid value: {}: empty selector is invalid for daemonset'],
  ],
  [
    'A-31 another selector',
    { selector: { matchLabels: { app: 'y' } } },
    [`${labelsPath}: Invalid value: {"app":"x"}: ${mismatch}`],
  ],
  ['A-35 the pods are always restarted', neverRestarted, restartErrors('DaemonSet')],
]

describe.each([
  ['StatefulSet', statefulSets, statefulSetCases],
  ['DaemonSet', daemonSets, daemonSetCases],
] as readonly (readonly [string, Resource, readonly Case[]])[])('%s', (_kind, resource, cases) => {
  test.each(cases)('%s', (_what, changes, errors) => {
    expect(createErrors(resource, workload(changes))).toEqual(errors)
  })
})

describe('on update', () => {
  test('A-36: the selector of a DaemonSet stays', () => {
    const other = workload({ selector: { matchExpressions: [{ key: 'app', operator: 'Exists' }] } })
    expect(updateErrors(daemonSets, workload(), other)).toEqual([
      'spec.selector: Invalid value: {"matchLabels":{"app":"x"}}: field is immutable',
    ])
  })

  test.each([
    { serviceName: 'other' },
    { podManagementPolicy: 'Parallel' },
    { selector: { matchExpressions: [{ key: 'app', operator: 'Exists' }] } },
    { volumeClaimTemplates: [{ metadata: { name: 'data' } }] },
  ])('A-42: of a StatefulSet, %o stays', (changes) => {
    expect(updateErrors(statefulSets, workload(changes), workload())).toEqual([forbiddenUpdate])
  })

  test('A-42, V-09: what may change', () => {
    const changes = {
      replicas: 5,
      ordinals: { start: 2 },
      updateStrategy: { type: 'OnDelete' },
      revisionHistoryLimit: 3,
      persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' },
      minReadySeconds: 5,
      ...template({ containers: [{ name: 'c', image: 'other' }] }),
    }
    expect(updateErrors(statefulSets, workload(changes), workload())).toEqual([])
  })
})

describe('status', () => {
  const withStatus = (status: JsonObject) => ({ ...workload(), status })

  test('of a StatefulSet', () => {
    const next = { replicas: 1, readyReplicas: 1, updatedReplicas: 2, availableReplicas: -1 }
    expect(statusErrors(statefulSets, withStatus(next), withStatus({ replicas: 0 }))).toEqual([
      `status.availableReplicas: Invalid value: -1: ${notNegative}`,
      'status.updatedReplicas: Invalid value: 2: cannot be greater than status.replicas',
    ])
  })

  test('of a DaemonSet', () => {
    const next = { numberReady: -1, collisionCount: 1 }
    expect(statusErrors(daemonSets, withStatus(next), withStatus({ collisionCount: 2 }))).toEqual([
      `status.numberReady: Invalid value: -1: ${notNegative}`,
      'status.collisionCount: Invalid value: 1: cannot be decremented',
    ])
  })
})

describe('PersistentVolumeClaim', () => {
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }

  test('what it must say', () => {
    expect(createErrors(persistentVolumeClaims, { spec })).toEqual([])
    expect(createErrors(persistentVolumeClaims, { spec: {} })).toEqual([
      'spec.accessModes: Required value: at least 1 access mode is required',
      'spec.resources[storage]: Required value',
    ])
  })

  test('it may ask for more when it is bound, but for nothing else', () => {
    const status = { phase: 'Bound' }
    const more = { ...spec, resources: { requests: { storage: '2Gi' } } }
    expect(updateErrors(persistentVolumeClaims, { spec: more, status }, { spec, status })).toEqual(
      [],
    )
    const other = { ...spec, accessModes: ['ReadWriteMany'] }
    expect(updateErrors(persistentVolumeClaims, { spec: other }, { spec })).toEqual([
      'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
    ])
  })
})

describe('A-44: ControllerRevision', () => {
  const revision = { revision: 1, data: { spec: { a: 1 } } }

  test.each([
    ['no data', { revision: 1 }, ['data: Required value: data is mandatory']],
    [
      'a negative revision',
      { ...revision, revision: -1 },
      [`revision: Invalid value: -1: ${notNegative}`],
    ],
    ['one beyond 2^53', { ...revision, revision: 3546343826724305833n }, []],
  ])('%s', (_what, manifest, errors) => {
    expect(createErrors(controllerRevisions, manifest)).toEqual(errors)
  })

  test('data stay, revision and labels may change', () => {
    const changed = { metadata: { labels: { a: 'b' } }, revision: 7, data: revision.data }
    expect(updateErrors(controllerRevisions, changed, revision)).toEqual([])
    const other = { ...revision, data: { spec: { a: 2 } } }
    expect(updateErrors(controllerRevisions, other, revision)).toEqual([
      'data: Invalid value: {"spec":{"a":2}}: field is immutable',
    ])
  })
})
