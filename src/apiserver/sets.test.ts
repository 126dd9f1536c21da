import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ControllerRevision, DaemonSet, Scale, StatefulSet } from '../api/generated/types.ts'
import type { KubeObject } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'
import { controllerRevisions, daemonSets, statefulSets } from '../api/scheme.ts'
import type { Patch } from '../api/transport.ts'
import { deployment, type GivenServer, givenServer, inDefault, named } from './server.fixture.ts'
import { storeKey } from './store-keys.ts'

let given: GivenServer
beforeEach(async () => {
  given = await givenServer()
})
afterEach(() => given.stop())

const ofKind = (kind: string): KubeObject => {
  const { spec, ...rest } = deployment('x')
  const { selector, template } = spec ?? {}
  return { ...rest, kind, spec: { selector, template } } as KubeObject
}
const merge = (body: object) => ({ type: 'application/merge-patch+json', body }) as Patch
const image = (name: string) =>
  merge({ spec: { template: { spec: { containers: [{ name: 'app', image: name }] } } } })

describe('H-16, H-71: StatefulSet', () => {
  beforeEach(() => given.api.create(statefulSets, inDefault, ofKind('StatefulSet')))
  const patch = (body: Patch, subresource?: 'scale' | 'status') =>
    given.api.patch<StatefulSet>(statefulSets, named('x'), body, subresource && { subresource })

  test('the generation rises with the spec only', async () => {
    const { metadata, status } = await given.api.get(statefulSets, named('x'))
    expect(metadata.generation).toBe(1)
    expect(status).toEqual({ replicas: 0, availableReplicas: 0 })
    const annotated = await patch(merge({ metadata: { annotations: { a: 'b' } } }))
    expect(annotated.metadata.generation).toBe(1)
    expect((await patch(image('i:2'))).metadata.generation).toBe(2)
  })

  test('scale', async () => {
    await patch(merge({ spec: { replicas: 4 } }), 'scale')
    const { spec, metadata } = await given.api.get(statefulSets, named('x'))
    expect([spec?.replicas, metadata.generation]).toEqual([4, 2])
    const scale: KubeObject = await given.api.get(statefulSets, named('x'), 'scale')
    expect((scale as Scale).status).toEqual({ replicas: 0, selector: 'app=x' })
  })

  test('A-38: status keeps the spec', async () => {
    const written = await patch(merge({ spec: { replicas: 9 }, status: { replicas: 2 } }), 'status')
    expect([written.spec?.replicas, written.status?.replicas]).toEqual([1, 2])
    expect((await patch(merge({ status: { replicas: 7 } }))).status?.replicas).toBe(2)
  })
})

describe('A-07, H-71: DaemonSet', () => {
  beforeEach(() => given.api.create(daemonSets, inDefault, ofKind('DaemonSet')))
  const patch = (body: Patch) => given.api.patch<DaemonSet>(daemonSets, named('x'), body)
  const generations = ({ metadata }: DaemonSet) => [
    metadata.generation,
    metadata.annotations?.['deprecated.daemonset.template.generation'],
  ]

  test('the server counts the generations of the template', async () => {
    expect(generations(await given.api.get(daemonSets, named('x')))).toEqual([1, '1'])
    expect(generations(await patch(image('i:2')))).toEqual([2, '2'])
    expect(generations(await patch(merge({ spec: { minReadySeconds: 5 } })))).toEqual([3, '2'])
    expect(generations(await patch(merge({ metadata: { annotations: null } })))).toEqual([3, '2'])
    const forged = { 'deprecated.daemonset.template.generation': '9' }
    expect(generations(await patch(merge({ metadata: { annotations: forged } })))).toEqual([3, '2'])
  })

  test('there is no scale', async () => {
    await expect(given.api.get(daemonSets, named('x'), 'scale')).rejects.toMatchObject({
      code: 404,
    })
  })
})

test.each([
  ['I-21', statefulSets as Resource, 'StatefulSet'],
  ['I-26', daemonSets as Resource, 'DaemonSet'],
  ['I-28', controllerRevisions as Resource, 'ControllerRevision'],
])('%s: list by label and delete the collection', async (_, resource, kind) => {
  const { api } = given
  for (const name of ['a', 'b', 'c']) {
    const labels = { mark: name === 'c' ? 'out' : 'in' }
    const body = { ...ofKind(kind), revision: 1, data: {}, metadata: { name, labels } }
    await api.create(resource, inDefault, body)
  }
  const labelSelector = 'mark=in'
  expect((await api.list(resource, inDefault, { labelSelector })).items).toHaveLength(2)
  await api.deleteCollection(resource, inDefault, { labelSelector })
  const left = (await api.list(resource, inDefault)).items
  expect(left.map(({ metadata }) => metadata.name)).toEqual(['c'])
})

describe('D-01, K.3: ControllerRevision', () => {
  const data = { spec: { template: { $patch: 'replace', spec: { b: '<a&b>', a: [1, null] } } } }
  const revision: ControllerRevision = {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: { name: 'x-1' },
    revision: 3546343826724305833n,
    data,
  }

  test('data keep their order, int64 its digits, and the bytes are those that Go would write', async () => {
    const stored = await given.api.create<ControllerRevision>(
      controllerRevisions,
      inDefault,
      revision,
    )
    expect(stored.revision).toBe(3546343826724305833n)
    expect(stored.metadata).not.toHaveProperty('generation')
    const entry = given.store.get(storeKey(controllerRevisions, named('x-1')))
    const text = Buffer.from(entry?.bytes ?? []).toString()
    expect(text).toContain(
      '"data":{"spec":{"template":{"$patch":"replace","spec":{"b":"\\u003ca\\u0026b\\u003e","a":[1,null]}}}}',
    )
    expect(text).toContain('"revision":3546343826724305833')
    expect(JSON.parse(text).data).toEqual(data)
  })
})
