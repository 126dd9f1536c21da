import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../json.ts'
import { limitRanges, resourceQuotas } from '../scheme.ts'
import { createErrors, updateErrors } from './errors-of.fixture.ts'

const quota = (spec: JsonObject) => ({ spec })
const range = (...limits: readonly JsonObject[]) => ({ spec: { limits } })

test.each<[JsonObject, readonly string[]]>([
  [{ hard: { pods: '1', 'requests.cpu': '500m', 'count/widgets.example.com': '2' } }, []],
  [
    { hard: { storage: '1' } },
    ['spec.hard[storage]: Invalid value: "storage": must be a standard resource for quota'],
  ],
  [
    { hard: { bogus: '1' } },
    [
      'spec.hard[bogus]: Invalid value: "bogus": must be a standard resource type or fully qualified',
      'spec.hard[bogus]: Invalid value: "bogus": must be a standard resource for quota',
    ],
  ],
  [{ hard: { pods: '500m' } }, ['spec.hard[pods]: Invalid value: "500m": must be an integer']],
  [
    { hard: { pods: '-1' } },
    ['spec.hard[pods]: Invalid value: "-1": must be greater than or equal to 0'],
  ],
  [
    { hard: { memory: '1' }, scopes: ['BestEffort'] },
    ['spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource'],
  ],
  [
    { hard: { pods: '1' }, scopes: ['Terminating', 'NotTerminating'] },
    ['spec.scopes: Invalid value: ["Terminating","NotTerminating"]: conflicting scopes'],
  ],
  [
    { hard: { pods: '1' }, scopes: ['Sometimes'] },
    ['spec.scopes: Invalid value: ["Sometimes"]: unsupported scope'],
  ],
])('a quota of %j', (spec, errors) => {
  expect(createErrors(resourceQuotas, quota(spec))).toEqual(errors)
})

test('the scopes of a quota stay', () => {
  const hard = { pods: '1' }
  const next = quota({ hard, scopes: ['BestEffort'] })
  expect(updateErrors(resourceQuotas, next, quota({ hard }))).toEqual([
    'spec.scopes: Invalid value: ["BestEffort"]: field is immutable',
  ])
})

describe('limit ranges', () => {
  test.each<[string, JsonObject, readonly string[]]>([
    ['what is in order', { type: 'Container', min: { cpu: '1' }, max: { cpu: '2' } }, []],
    [
      'min above max',
      { type: 'Pod', min: { cpu: '2' }, max: { cpu: '1' } },
      ['spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1'],
    ],
    [
      'defaults of a pod',
      { type: 'Pod', default: { cpu: '2' } },
      ["spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'"],
    ],
    [
      'a request above the limit',
      {
        type: 'Container',
        default: { cpu: '1' },
        defaultRequest: { cpu: '2' },
      },
      [
        'spec.limits[0].defaultRequest[cpu]: Invalid value: "2": default request value 2 is greater than default limit value 1',
      ],
    ],
    [
      'a claim without bounds',
      { type: 'PersistentVolumeClaim' },
      [
        'spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided',
      ],
    ],
    [
      'an unknown type',
      { type: 'Cluster' },
      [
        'spec.limits[0].type: Invalid value: "Cluster": must be a standard limit type or fully qualified',
      ],
    ],
    [
      'an unknown resource',
      { type: 'Container', max: { storage: '1' } },
      [
        'spec.limits[0].max[storage]: Invalid value: "storage": must be a standard resource for containers',
        'spec.limits[0].default[storage]: Invalid value: "storage": must be a standard resource for containers',
        'spec.limits[0].defaultRequest[storage]: Invalid value: "storage": must be a standard resource for containers',
      ],
    ],
    [
      'a ratio below one',
      { type: 'Pod', maxLimitRequestRatio: { cpu: '500m' } },
      [
        'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1',
      ],
    ],
  ])('%s', (_what, item, errors) => {
    expect(createErrors(limitRanges, range(item))).toEqual(errors)
  })

  test('one type twice', () => {
    const item = { type: 'Pod', max: { cpu: '1' } }
    expect(createErrors(limitRanges, range(item, item))).toEqual([
      'spec.limits[1].type: Duplicate value: "Pod"',
    ])
  })
})
