import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../json.ts'
import { deployments, replicaSets } from '../scheme.ts'
import { invalid } from '../status-error.ts'
import {
  container,
  createErrors,
  prepared,
  statusErrors,
  updateErrors,
  warnings,
  workload,
} from './errors-of.fixture.ts'
import { validateCreate } from './validate.ts'

const rolling = (rollingUpdate: JsonObject) =>
  workload({ strategy: { type: 'RollingUpdate', rollingUpdate } })
const selectorPath = 'spec.template.metadata.labels'
const mismatch = '`selector` does not match template `labels`'
const percentText =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"

test("S-19: the seed's first Deployment has exactly one mistake", () => {
  const manifest = {
    metadata: { name: 'example-deployment' },
    spec: {
      replicas: 3,
      selector: { matchLabels: { name: 'app' } },
      template: {
        metadata: { labels: null, name: 'app' },
        spec: { containers: [{ name: 'app', image: 'learnk8s/app:1.0.0' }] },
      },
    },
  }
  const errors = validateCreate(deployments, prepared(deployments, manifest))
  const status = invalid(deployments, 'example-deployment', errors).toStatus()
  const body = `Invalid value: null: ${mismatch}`
  expect(status.message).toBe(
    `Deployment.apps "example-deployment" is invalid: ${selectorPath}: ${body}`,
  )
  expect(status.details?.causes).toEqual([
    { reason: 'FieldValueInvalid', message: body, field: selectorPath },
  ])
})

describe('Deployment, on create', () => {
  const cases: readonly (readonly [string, JsonObject, readonly string[]])[] = [
    ['a good one', workload(), []],
    [
      'A-30 no selector',
      workload({ selector: null }),
      ['spec.selector: Required value', `${selectorPath}: Invalid value: {"app":"x"}: ${mismatch}`],
    ],
    [
      'A-30 empty selector',
      workload({ selector: {} }),
      ['spec.selector: Invalid value: {}: empty selector is invalid for deployment'],
    ],
    [
      'A-31 other labels',
      workload({ selector: { matchLabels: { app: 'y' } } }),
      [`${selectorPath}: Invalid value: {"app":"x"}: ${mismatch}`],
    ],
    [
      'an operator that does not exist',
      workload({ selector: { matchExpressions: [{ key: 'app', operator: 'Is' }] } }),
      [
        'spec.selector.matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator',
        'spec.selector: Invalid value: {"matchExpressions":[{"key":"app","operator":"Is"}]}: invalid label selector',
      ],
    ],
    [
      'A-32 Recreate and rollingUpdate',
      workload({ strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } }),
      [
        "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
      ],
    ],
    [
      'A-32 another type',
      workload({ strategy: { type: 'Foo' } }),
      [
        'spec.strategy: Unsupported value: {"Type":"Foo","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"',
      ],
    ],
    [
      'A-33 both zero',
      rolling({ maxSurge: '0%', maxUnavailable: 0 }),
      [
        'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0',
      ],
    ],
    [
      'A-33 more than all unavailable',
      rolling({ maxUnavailable: '101%' }),
      [
        'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
      ],
    ],
    ['A-33 maxSurge over 100%', rolling({ maxSurge: '300%' }), []],
    [
      'A-33 no percentage',
      rolling({ maxSurge: 'many' }),
      [`spec.strategy.rollingUpdate.maxSurge: Invalid value: "many": ${percentText}`],
    ],
    [
      'A-33 negative',
      rolling({ maxSurge: -1 }),
      [
        'spec.strategy.rollingUpdate.maxSurge: Invalid value: -1: must be greater than or equal to 0',
      ],
    ],
    [
      'A-34 the deadline is not after minReadySeconds',
      workload({ progressDeadlineSeconds: 0 }),
      ['spec.progressDeadlineSeconds: Invalid value: 0: must be greater than minReadySeconds'],
    ],
    [
      'A-35 restartPolicy and activeDeadlineSeconds',
      workload({}, { restartPolicy: 'Never', activeDeadlineSeconds: 5 }),
      [
        'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
        'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported',
      ],
    ],
    [
      'A-35 a sidecar may say how it is restarted',
      workload({}, { initContainers: [{ name: 's', image: 'i', restartPolicy: 'Always' }] }),
      [],
    ],
    [
      'negative counts',
      workload({ replicas: -1, revisionHistoryLimit: -2, minReadySeconds: -3 }),
      [
        'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
        'spec.minReadySeconds: Invalid value: -3: must be greater than or equal to 0',
        'spec.revisionHistoryLimit: Invalid value: -2: must be greater than or equal to 0',
      ],
    ],
    [
      'several mistakes, in order',
      workload({ replicas: -1, strategy: { type: 'Foo' } }, { containers: [] }),
      [
        'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
        'spec.template.spec.containers: Required value',
        'spec.strategy: Unsupported value: {"Type":"Foo","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"',
      ],
    ],
    [
      'a container without an image',
      workload({}, { containers: [{ name: 'c' }] }),
      ['spec.template.spec.containers[0].image: Required value'],
    ],
  ]
  test.each(cases)('%s', (_name, manifest, expected) => {
    expect(createErrors(deployments, manifest)).toEqual(expected)
  })
})

test('A-30: a ReplicaSet, too, is called a deployment', () => {
  expect(createErrors(replicaSets, workload({ selector: {} }))).toEqual([
    'spec.selector: Invalid value: {}: empty selector is invalid for deployment',
  ])
})

describe.each([
  ['Deployment', deployments],
  ['ReplicaSet', replicaSets],
])('%s, on update', (_kind, resource) => {
  const other = workload({ selector: { matchLabels: { app: 'x', more: 'y' } } })

  test('A-36: the selector stays', () => {
    expect(
      updateErrors(resource, workload({ selector: { matchLabels: { app: 'x' } } }), other),
    ).toEqual(['spec.selector: Invalid value: {"matchLabels":{"app":"x"}}: field is immutable'])
  })

  test('A-36: template labels may change while they match', () => {
    const labels = { app: 'x', version: '2' }
    const template = { metadata: { labels }, spec: { containers: [container] } }
    expect(updateErrors(resource, workload({ template }), workload())).toEqual([])
  })
})

describe('A-37: status', () => {
  const withStatus = (status: JsonObject) => ({ ...workload(), status })

  test('of a Deployment', () => {
    const next = withStatus({
      replicas: 1,
      updatedReplicas: 2,
      readyReplicas: -1,
      availableReplicas: 1,
      collisionCount: 1,
    })
    expect(statusErrors(deployments, next, withStatus({ collisionCount: 2 }))).toEqual([
      'status.readyReplicas: Invalid value: -1: must be greater than or equal to 0',
      'status.updatedReplicas: Invalid value: 2: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 1: cannot be greater than readyReplicas',
      'status.collisionCount: Invalid value: 1: cannot be decremented',
    ])
  })

  test('of a ReplicaSet', () => {
    const next = withStatus({ replicas: 1, fullyLabeledReplicas: 2, availableReplicas: 1 })
    expect(statusErrors(replicaSets, next, workload())).toEqual([
      'status.fullyLabeledReplicas: Invalid value: 2: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 1: cannot be greater than readyReplicas',
    ])
  })
})

test('A-39: a name that makes no good host name is allowed, with a warning', () => {
  const named = { ...workload(), metadata: { name: 'a.b' } }
  expect(createErrors(deployments, named)).toEqual([])
  expect(warnings(deployments, named)).toEqual([
    'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]',
  ])
  expect(warnings(deployments, workload())).toEqual([])
})
