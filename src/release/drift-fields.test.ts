import { expect, test } from 'vitest'
import type { JsonObject } from '../api/json.ts'
import { driftOf } from './drift-fields.ts'
import { givenObserved } from './given-release.fixture.ts'
import { givenStatefulSet } from './workload/given-set.fixture.ts'

const claim = (size: string): JsonObject => ({
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: size } } },
})

/** As a server answers that says of claims what nobody writes. */
const served = {
  ...claim('1Gi'),
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data', creationTimestamp: null },
  status: { phase: 'Pending' },
}

function drift(spec: JsonObject) {
  const live = givenStatefulSet('app:1', { spec: { volumeClaimTemplates: [served] } })
  const object: JsonObject = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'web' },
    spec: {
      serviceName: 'web',
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'app', image: 'app:1' }] },
      },
      volumeClaimTemplates: [claim('1Gi')],
      ...spec,
    },
  }
  const manifest = { path: 'web.yaml', index: 0, object }
  return driftOf(givenObserved(live), manifest, [manifest])
}

test.each<[string, JsonObject, readonly string[]]>([
  ['no size in Git: it is somebody else`s', {}, []],
  ['the size', { replicas: 5 }, ['spec.replicas']],
  [
    'a partition',
    { updateStrategy: { rollingUpdate: { partition: 2 } } },
    ['spec.updateStrategy.rollingUpdate.partition'],
  ],
])('a StatefulSet against Git: %s', (_, spec, expected) => {
  expect(drift(spec).flatMap(({ fields }) => fields.map(({ path }) => path))).toEqual(expected)
})

test('claims of another size are told, though an apply could not change them', () => {
  const [of] = drift({ volumeClaimTemplates: [claim('2Gi')] })
  expect(of?.object).toBe('StatefulSet/web')
  expect(of?.fields[0]?.path).toMatch(/^spec\.volumeClaimTemplates/)
})
