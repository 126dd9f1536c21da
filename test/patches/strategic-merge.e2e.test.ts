import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/api/json.ts'
import { byAstern, byKubectl } from './appliers.ts'

const pod = (spec: JsonObject, metadata: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', ...metadata },
  spec,
})
const service = (...ports: readonly JsonObject[]): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 's' },
  spec: { ports },
})
const deployment = (spec: JsonObject): JsonObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd', labels: { app: 'd', tier: 'x' } },
  spec,
})
const node: JsonObject = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n' },
  spec: { podCIDRs: ['10.0.0.0/24'], taints: [{ key: 'a', effect: 'NoSchedule' }] },
  status: { conditions: [{ type: 'Ready', status: 'True' }], addresses: [] },
}
const a = { name: 'a', image: 'a:1', env: [{ name: 'X', value: '1' }], args: ['1', '2'] }
const b = { name: 'b', image: 'b:1', ports: [{ containerPort: 80, name: 'web' }] }
const c = { name: 'c', image: 'c:1' }
const recreate = { $retainKeys: ['type'], type: 'Recreate' }
const rolling = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } }
const emptyVolume = { name: 'v', emptyDir: {} }
const patchSpec = (spec: JsonObject) => ({ spec })

const cases: readonly (readonly [string, JsonObject, JsonObject])[] = [
  [
    'H-13 one container by name',
    pod({ containers: [a, b] }),
    patchSpec({ containers: [{ name: 'b', image: 'b:2' }] }),
  ],
  ['H-13 a new container goes last', pod({ containers: [a] }), patchSpec({ containers: [c] })],
  [
    'H-13 args are replaced',
    pod({ containers: [a] }),
    patchSpec({ containers: [{ name: 'a', args: ['3'] }] }),
  ],
  [
    'H-13 env by name',
    pod({ containers: [a] }),
    patchSpec({
      containers: [
        {
          name: 'a',
          env: [
            { name: 'Y', value: '2' },
            { name: 'X', value: null },
          ],
        },
      ],
    }),
  ],
  [
    'H-13 container ports by number',
    pod({ containers: [b] }),
    patchSpec({
      containers: [
        { name: 'b', ports: [{ containerPort: 81 }, { containerPort: 80, name: null }] },
      ],
    }),
  ],
  [
    'H-13 service ports by port',
    service({ port: 80, name: 'a' }, { port: 81 }),
    patchSpec({ ports: [{ port: 81, name: 'b' }, { port: 82 }] }),
  ],
  [
    'H-13 tolerations are replaced',
    pod({ tolerations: [{ key: 'a' }] }),
    patchSpec({ tolerations: [{ key: 'b' }] }),
  ],
  [
    'H-13 node taints and podCIDRs',
    node,
    patchSpec({ taints: [{ key: 'b' }], podCIDRs: ['10.0.1.0/24'] }),
  ],
  [
    'H-13 conditions by type',
    node,
    {
      status: {
        conditions: [
          { type: 'Disk', status: 'False' },
          { type: 'Ready', status: 'Unknown' },
        ],
      },
    },
  ],
  [
    'H-13 finalizers are a set',
    pod({}, { finalizers: ['x/a', 'x/b'] }),
    { metadata: { finalizers: ['x/c', 'x/a'] } },
  ],
  [
    'H-13 ownerReferences by uid',
    pod({}, { ownerReferences: [{ uid: '1', name: 'o' }] }),
    { metadata: { ownerReferences: [{ uid: '1', controller: true }, { uid: '2' }] } },
  ],
  [
    'H-14 null deletes',
    deployment({ replicas: 1, paused: true }),
    { metadata: { labels: { tier: null, gone: null } }, spec: { paused: null } },
  ],
  [
    'H-14 $patch replace of a map',
    deployment({ replicas: 1 }),
    { metadata: { labels: { $patch: 'replace', only: 'this' } } },
  ],
  [
    'H-14 $patch delete of a map',
    deployment({ strategy: rolling }),
    patchSpec({ strategy: { $patch: 'delete' } }),
  ],
  [
    'H-14 $patch delete of an element',
    pod({ containers: [a, b, c] }),
    patchSpec({ containers: [{ name: 'b', $patch: 'delete' }] }),
  ],
  [
    'H-14 $patch delete of what is not there',
    pod({ containers: [a] }),
    patchSpec({ containers: [{ name: 'z', $patch: 'delete' }] }),
  ],
  [
    'H-14 $patch replace of a list',
    pod({ containers: [a, b] }),
    patchSpec({ containers: [{ $patch: 'replace' }, c] }),
  ],
  [
    'H-14 $patch merge in a list is refused',
    pod({ containers: [a] }),
    patchSpec({ containers: [{ name: 'a', $patch: 'merge' }] }),
  ],
  ['H-14 an unknown $patch is refused', deployment({}), patchSpec({ $patch: 'burn' })],
  [
    'H-14 $deleteFromPrimitiveList',
    pod({}, { finalizers: ['x/a', 'x/b', 'x/c'] }),
    { metadata: { '$deleteFromPrimitiveList/finalizers': ['x/b', 'x/z'] } },
  ],
  [
    'H-14 $setElementOrder reorders',
    pod({ containers: [a, b, c] }),
    patchSpec({ '$setElementOrder/containers': [{ name: 'c' }, { name: 'a' }, { name: 'b' }] }),
  ],
  [
    'H-14 $setElementOrder with server-only elements',
    pod({ containers: [a, b, c] }),
    patchSpec({
      '$setElementOrder/containers': [{ name: 'd' }, { name: 'a' }],
      containers: [{ name: 'd', image: 'd' }],
    }),
  ],
  [
    'H-14 $setElementOrder of finalizers',
    pod({}, { finalizers: ['x/a', 'x/b'] }),
    { metadata: { '$setElementOrder/finalizers': ['x/b', 'x/c', 'x/a'], finalizers: ['x/c'] } },
  ],
  [
    'H-14 $setElementOrder that contradicts the patch is refused',
    pod({ containers: [a] }),
    patchSpec({
      '$setElementOrder/containers': [{ name: 'b' }, { name: 'c' }],
      containers: [c, b],
    }),
  ],
  [
    'H-14 $setElementOrder that contradicts a replaced list is refused',
    pod({ containers: [a] }),
    patchSpec({
      '$setElementOrder/containers': [{ name: 'b' }, { name: 'c' }],
      containers: [b, c, { $patch: 'replace' }],
    }),
  ],
  [
    'H-14 $setElementOrder of a replaced list',
    pod({ containers: [a] }),
    patchSpec({
      '$setElementOrder/containers': [{ name: 'b' }, { name: 'c' }],
      containers: [{ $patch: 'replace' }, b, c],
    }),
  ],
  [
    'H-14 $retainKeys of the update strategy',
    deployment({ strategy: rolling }),
    patchSpec({ strategy: recreate }),
  ],
  [
    'H-14 $retainKeys of a volume',
    pod({ volumes: [emptyVolume] }),
    patchSpec({
      volumes: [{ name: 'v', $retainKeys: ['name', 'hostPath'], hostPath: { path: '/x' } }],
    }),
  ],
  [
    'H-14 $retainKeys that misses a member is refused',
    deployment({ strategy: rolling }),
    patchSpec({ strategy: { $retainKeys: ['type'], rollingUpdate: {} } }),
  ],
  [
    'H-14 directives inside something new',
    deployment({}),
    patchSpec({
      strategy: recreate,
      template: { metadata: { $patch: 'delete' }, spec: { nodeName: null } },
    }),
  ],
  [
    'a missing merge key is refused',
    pod({ containers: [a] }),
    patchSpec({ containers: [{ image: 'x' }] }),
  ],
  ['a map in place of a scalar', deployment({ replicas: 1 }), patchSpec({ replicas: { x: null } })],
  [
    'H-13 the selector of a disruption budget is replaced',
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'b' },
      spec: { selector: { matchLabels: { a: '1' } }, minAvailable: 1 },
    },
    patchSpec({ selector: { matchLabels: { b: '1' } } }),
  ],
  ['an empty patch', pod({ containers: [a] }), {}],
]

describe('strategic merge patch agrees with kubectl', () => {
  test.each(cases)('%s', async (_name, object, patch) => {
    expect(byAstern(object, patch)).toEqual(await byKubectl(object, patch))
  })
})

const name = fc.constantFrom('a', 'b', 'c', 'd')
const text = fc.constantFrom('1', '2')
const listOf = <T>(item: fc.Arbitrary<T>, key: (item: T) => unknown) =>
  fc.uniqueArray(item, { selector: key, maxLength: 4 })
const finalizers = listOf(
  name.map((letter) => `x/${letter}`),
  (finalizer) => finalizer,
)
const env = fc.record({ name, value: text })
const container = fc.record(
  {
    name,
    image: text,
    args: fc.array(text, { maxLength: 2 }),
    env: listOf(env, (variable) => variable.name),
  },
  { requiredKeys: ['name'] },
)
const objects = fc
  .record(
    {
      containers: listOf(container, (item) => item.name),
      volumes: listOf(fc.record({ name, emptyDir: fc.constant({}) }), (volume) => volume.name),
      nodeSelector: fc.dictionary(name, text, { maxKeys: 3 }),
    },
    { requiredKeys: [] },
  )
  .chain((spec) => finalizers.map((list) => pod(spec, { finalizers: list })))

const orNothing = (value: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: fc.constant(null) })
const deletion = fc.record({ name, $patch: fc.constant('delete') })
const change = fc.oneof(
  { weight: 3, arbitrary: fc.record({ name, image: orNothing(text) }, { requiredKeys: ['name'] }) },
  { weight: 2, arbitrary: container },
  { weight: 1, arbitrary: deletion },
)
const names = listOf(
  name.map((letter) => ({ name: letter })),
  (item) => item.name,
)
const volumeChange = fc.oneof(
  fc.record({ name, $retainKeys: fc.constant(['name', 'hostPath']), hostPath: fc.constant({}) }),
  deletion,
)
const patches = fc.record(
  {
    spec: fc.record(
      {
        containers: orNothing(listOf(change, (item) => item.name)),
        '$setElementOrder/containers': names.filter((list) => list.length > 0),
        volumes: listOf(volumeChange, (item) => item.name),
        nodeSelector: orNothing(fc.dictionary(name, orNothing(text), { maxKeys: 3 })),
      },
      { requiredKeys: [] },
    ),
    // Not both at once: upstream takes the members of a map in random order.
    metadata: fc.oneof(
      fc.record({ finalizers }),
      fc.record({ '$deleteFromPrimitiveList/finalizers': finalizers }),
    ),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<JsonObject>

test('generated objects and patches, the same ones in every run', async () => {
  const samples = fc.sample(fc.tuple(objects, patches), { numRuns: 30, seed: 36 })
  for (const [object, patch] of samples) {
    const context = JSON.stringify({ object, patch })
    expect(byAstern(object, patch), context).toEqual(await byKubectl(object, patch))
  }
})
