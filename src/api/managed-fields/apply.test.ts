import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../json.ts'
import { configMaps, deployments, pods, services } from '../scheme.ts'
import { StatusError } from '../status-error.ts'
import { Shared } from './appliers.fixture.ts'
import { pathTexts } from './field-set.ts'
import { setOf } from './managers.ts'

const selector = { matchLabels: { app: 'web' } }
const template = (image: string, more: JsonObject = {}) => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image, ...more }] },
})
const web = (spec: JsonObject = {}, image = 'web:1') => ({
  metadata: { name: 'web' },
  spec: { selector, template: template(image), ...spec },
})
const spec = ({ object }: Shared) => object.spec as Record<string, JsonObject>
const owners = ({ managers }: Shared) => managers.map((e) => `${e.manager} ${e.operation}`)

function refusal(act: () => unknown): StatusError {
  try {
    act()
  } catch (error) {
    if (error instanceof StatusError) return error
  }
  throw new Error('expected a StatusError')
}

describe('H-15: ownership of an update', () => {
  test('the creator owns what it set and what was defaulted, as upstream writes it', () => {
    const ports = [{ containerPort: 80 }]
    const app = { ...web(), spec: { selector, template: template('web:1', { ports }) } }
    const created = new Shared(deployments).update('kubectl-create', () => app)
    expect(created.owned('kubectl-create', 'Update')).toEqual({
      'f:spec': {
        'f:progressDeadlineSeconds': {},
        'f:replicas': {},
        'f:revisionHistoryLimit': {},
        'f:selector': {},
        'f:strategy': {
          'f:rollingUpdate': { '.': {}, 'f:maxSurge': {}, 'f:maxUnavailable': {} },
          'f:type': {},
        },
        'f:template': {
          'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
          'f:spec': {
            'f:containers': {
              'k:{"name":"web"}': {
                '.': {},
                'f:image': {},
                'f:imagePullPolicy': {},
                'f:name': {},
                'f:ports': {
                  '.': {},
                  'k:{"containerPort":80,"protocol":"TCP"}': {
                    '.': {},
                    'f:containerPort': {},
                    'f:protocol': {},
                  },
                },
                'f:resources': {},
                'f:terminationMessagePath': {},
                'f:terminationMessagePolicy': {},
              },
            },
            'f:dnsPolicy': {},
            'f:restartPolicy': {},
            'f:schedulerName': {},
            'f:securityContext': {},
            'f:terminationGracePeriodSeconds': {},
          },
        },
      },
    })
  })

  test('only what changes moves, and only then is an entry given a new time', () => {
    const shared = new Shared(configMaps)
      .update('a', () => ({ data: { x: '1', y: '1' } }))
      .update('b', (object) => ({ ...object, data: { x: '1', y: '2' } }))
    const before = shared.managers
    expect(shared.owned('a', 'Update')).toEqual({ 'f:data': { '.': {}, 'f:x': {} } })
    expect(shared.owned('b', 'Update')).toEqual({ 'f:data': { 'f:y': {} } })
    shared.update('b', (object) => object)
    expect(shared.managers).toBe(before)
    shared.update('b', (object) => ({ ...object, data: { x: '1', y: '3' } }))
    expect(shared.managers[0]).toBe(before[0])
    expect(shared.managers[1]?.time).not.toBe(before[1]?.time)
    expect(shared.managers[1]?.fieldsV1).toEqual(before[1]?.fieldsV1)
  })

  test('who owns nothing any more is gone', () => {
    const shared = new Shared(configMaps)
      .update('a', () => ({ data: { x: '1' } }))
      .update('b', () => ({}))
    expect(shared.managers).toEqual([])
  })

  test('beyond ten updaters, the oldest become one', () => {
    const shared = new Shared(configMaps)
    for (let i = 0; i < 12; i += 1) {
      shared.update(`m${i}`, ({ data }) => ({ data: { ...(data as JsonObject), [`k${i}`]: 'v' } }))
    }
    expect(owners(shared)).toHaveLength(10)
    expect(shared.owned('ancient-changes', 'Update')).toEqual({
      'f:data': { '.': {}, 'f:k0': {}, 'f:k1': {}, 'f:k2': {} },
    })
  })
})

describe('H-15: conflicts', () => {
  const shared = () =>
    new Shared(deployments)
      .update('kubectl-client-side-apply', () => web({ replicas: 3 }))
      .apply('helm', { spec: { minReadySeconds: 5 } })

  test('one, in upstream’s words', () => {
    const error = refusal(() => shared().apply('me', web({ replicas: 4 })))
    expect(error).toMatchObject({ code: 409, reason: 'Conflict' })
    expect(error.message).toBe(
      'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using apps/v1: .spec.replicas',
    )
    expect(error.details).toEqual({
      causes: [
        {
          reason: 'FieldManagerConflict',
          message: 'conflict with "kubectl-client-side-apply" using apps/v1',
          field: '.spec.replicas',
        },
      ],
    })
  })

  test('several, by manager', () => {
    const config = web({ replicas: 4, minReadySeconds: 6 }, 'web:2')
    const error = refusal(() => shared().apply('me', config))
    expect(error.message).toBe(`Apply failed with 3 conflicts: conflicts with "helm":
- .spec.minReadySeconds
conflicts with "kubectl-client-side-apply" using apps/v1:
- .spec.replicas
- .spec.template.spec.containers[name="web"].image`)
    expect(error.details?.causes).toHaveLength(3)
  })

  test('equal values are owned together', () => {
    const both = shared().apply('me', web({ replicas: 3 }))
    expect(owners(both)).toEqual(['helm Apply', 'me Apply', 'kubectl-client-side-apply Update'])
    expect(pathTexts(both.owned('kubectl-client-side-apply', 'Update'))).toContain('.spec.replicas')
  })

  test('force takes over what differs, and nothing else', () => {
    const taken = shared().apply('me', web({ replicas: 4 }), { force: true })
    const left = pathTexts(taken.owned('kubectl-client-side-apply', 'Update'))
    expect(spec(taken).replicas).toBe(4)
    expect(left).not.toContain('.spec.replicas')
    expect(left).toContain('.spec.template.spec.containers[name="web"].image')
  })

  test('conceded fields are taken over without being asked', () => {
    const conceded = { 'f:spec': { 'f:replicas': {} } }
    expect(spec(shared().apply('me', web({ replicas: 4 }), { conceded })).replicas).toBe(4)
    const config = web({ replicas: 4, minReadySeconds: 6 })
    const error = refusal(() => shared().apply('me', config, { conceded }))
    expect(error.message).toBe(
      'Apply failed with 1 conflict: conflict with "helm": .spec.minReadySeconds',
    )
  })
})

describe('H-15: what is applied no more', () => {
  test('goes back to its default', () => {
    const shared = new Shared(deployments).apply('me', web({ replicas: 3 })).apply('me', web())
    expect(spec(shared).replicas).toBe(1)
    expect(pathTexts(shared.owned('me'))).not.toContain('.spec.replicas')
  })

  test('goes with the structs around it, but not with what others put there', () => {
    const limits = { resources: { limits: { cpu: '1' } } }
    const applied = { spec: { selector, template: template('web:1', limits) } }
    const shared = new Shared(deployments).apply('me', applied)
    const other = {
      spec: { template: template('web:1', { resources: { requests: { cpu: '1' } } }) },
    }
    shared.apply('other', other)
    shared.apply('me', web())
    const podSpec = spec(shared).template?.spec as { readonly containers: readonly JsonObject[] }
    expect(podSpec.containers[0]?.resources).toEqual({ requests: { cpu: '1' } })
  })

  test('stays while somebody else owns it', () => {
    const shared = new Shared(configMaps).apply('a', { data: { x: '1' } })
    shared.apply('b', { data: { x: '1' } }).apply('a', {})
    expect(shared.object.data).toEqual({ x: '1' })
    expect(owners(shared)).toEqual(['b Apply'])
    expect(shared.apply('b', {}).object).not.toHaveProperty('data')
  })
})

describe('H-15: lists', () => {
  const podOf = (containers: readonly JsonObject[], more: JsonObject = {}) => ({
    spec: { containers, ...more },
  })
  const named = (...names: string[]) => names.map((name) => ({ name, image: name }))
  const namesOf = ({ object }: Shared) =>
    (object.spec as { containers: { name: string }[] }).containers.map(({ name }) => name)

  test.each([
    [
      ['a', 'b', 'c'],
      ['x', 'b'],
      ['a', 'x', 'b', 'c'],
    ],
    [
      ['a', 'b', 'c'],
      ['c', 'a'],
      ['b', 'c', 'a'],
    ],
    [
      ['a', 'b'],
      ['b', 'a'],
      ['b', 'a'],
    ],
    [['a'], ['x', 'y'], ['a', 'x', 'y']],
    [
      ['a', 'b'],
      ['x', 'a', 'y'],
      ['x', 'a', 'b', 'y'],
    ],
  ])('%j with %j applied is %j', (live, config, expected) => {
    const shared = new Shared(pods).update('u', () => podOf(named(...live)))
    shared.apply('me', podOf(named(...config)), { force: true })
    expect(namesOf(shared)).toEqual(expected)
  })

  test('H-13: ports of one number and two protocols are two', () => {
    const ports = [
      { port: 53, protocol: 'UDP', name: 'udp' },
      { port: 53, name: 'tcp' },
    ]
    const shared = new Shared(services).apply('me', { spec: { ports } })
    expect(pathTexts(shared.owned('me'))).toContain('.spec.ports[port=53,protocol="TCP"].name')
    expect(spec(shared).ports).toHaveLength(2)
  })

  test('atomic ones are owned whole', () => {
    const tolerations = [{ key: 'a', operator: 'Exists' }]
    const shared = new Shared(pods).apply('a', podOf(named('x'), { tolerations }))
    const other = podOf(named('x'), { tolerations: [{ key: 'b', operator: 'Exists' }] })
    expect(refusal(() => shared.apply('b', other)).message).toContain(': .spec.tolerations')
    expect(spec(shared.apply('b', other, { force: true })).tolerations).toEqual([
      { key: 'b', operator: 'Exists' },
    ])
    expect(shared.managers.map((entry) => pathTexts(setOf(entry)).join(' '))[0]).not.toContain(
      'tolerations',
    )
  })

  test('sets are owned by value', () => {
    const metadata = (...finalizers: string[]) => ({ metadata: { finalizers } })
    const shared = new Shared(configMaps).apply('a', metadata('x/a')).apply('b', metadata('x/b'))
    expect(shared.object.metadata).toEqual({ finalizers: ['x/a', 'x/b'] })
    expect(shared.apply('a', {}).object.metadata).toEqual({ finalizers: ['x/b'] })
  })

  test('a key that is there twice cannot be applied, and is taken whole when it is live', () => {
    const env = (...values: string[]) => values.map((value) => ({ name: 'A', value }))
    const config = (...values: string[]) =>
      podOf([{ name: 'web', image: 'x', env: env(...values) }])
    const shared = new Shared(pods).update('u', () => config('1', '2'))
    const error = refusal(() => shared.apply('me', config('1', '2')))
    expect(error.message).toBe(
      'failed to create typed patch object (/; /v1, Kind=Pod): .spec.containers[name="web"].env: duplicate entries for key [name="A"]',
    )
    const { object } = shared.apply('me', config('3'), { force: true })
    const [container] = (object.spec as { containers: JsonObject[] }).containers
    expect(container?.env).toEqual([{ name: 'A', value: '3' }])
  })
})

test('H-15: what cannot be written here cannot be owned here', () => {
  const resets = { 'f:status': {} }
  const config = { ...web(), status: { replicas: 3 } }
  const shared = new Shared(deployments).apply('me', config, { resets })
  expect(pathTexts(shared.owned('me')).filter((path) => path.startsWith('.status'))).toEqual([])
})

test.each<[string, JsonObject, string]>([
  ['an unknown field', { spec: { foo: 1 } }, '.spec.foo: field not declared in schema'],
  [
    'a wrong type',
    { spec: { replicas: '3' } },
    '.spec.replicas: expected numeric (int or float), got string',
  ],
  [
    'several',
    { spec: { paused: 1, template: { spec: { containers: {} } } } },
    `errors:
  .spec.paused: expected boolean, got &value.valueUnstructured{Value:1}
  .spec.template.spec.containers: expected list, got &value.valueUnstructured{Value:{}}`,
  ],
])('%s is refused in upstream’s words', (_what, parts, why) => {
  const metadata = { name: 'web', namespace: 'default' }
  const error = refusal(() => new Shared(deployments).apply('me', { metadata, ...parts }))
  expect(error.message).toBe(
    `failed to create typed patch object (default/web; apps/v1, Kind=Deployment): ${why}`,
  )
  expect(error.code).toBe(400)
})

test('an object whose only label is given up is still itself', () => {
  const named = { name: 'settings', namespace: 'default' }
  const settings = (labels: JsonObject) => ({ metadata: { ...named, ...labels }, data: { a: '1' } })
  const shared = new Shared(configMaps).apply('one', settings({ labels: { app: 'web' } }))
  expect(shared.apply('one', settings({})).object.metadata).toEqual(named)
})
