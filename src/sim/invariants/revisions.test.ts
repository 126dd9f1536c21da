import { expect, test } from 'vitest'
import type { Deployment, ReplicaSet } from '../../api/generated/types.ts'
import type { KubeObject } from '../../api/object.ts'
import { VirtualClock } from '../../base/virtual-clock.ts'
import type { StoreEvent } from '../../store/store.ts'
import { World } from '../world.ts'
import { revisions } from './revisions.ts'

const stalenessMs = 10_000
const template = { spec: { containers: [{ name: 'app', image: 'app:1' }] } }

const deployment: Deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'app', uid: 'app' },
  spec: { selector: {}, template },
}

function replicaSet(name: string, revision?: number): ReplicaSet {
  const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'app', uid: 'app' }
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name,
      uid: name,
      ownerReferences: [{ ...owner, controller: true }],
      ...(revision && { annotations: { 'deployment.kubernetes.io/revision': String(revision) } }),
    },
    spec: { selector: {}, template },
  }
}

/** `other` is made with the number of `first`, so long after it. */
function sameNumberAfter(ms: number): string | undefined {
  const clock = new VirtualClock()
  const world = new World(clock, stalenessMs)
  const invariant = revisions(world)
  const create = (object: KubeObject) => {
    const key = object.metadata.name
    const event = { type: 'put', key, revision: 1, entry: { object } } as unknown as StoreEvent
    return invariant.check(world.apply(event))
  }
  create(deployment)
  expect(create(replicaSet('first', 1))).toBeUndefined()
  clock.setTimeout(() => {}, ms)
  clock.step()
  return create(replicaSet('other', 1))
}

test('B-21: a number that everybody has heard of is not given again', () => {
  expect(sameNumberAfter(2 * stalenessMs)).toMatch(/other gets revision 1, and first has 1/)
})

test('B-21: a number given in a write whose answer got lost counts when a cache can show it', () => {
  expect(sameNumberAfter(stalenessMs / 2)).toBeUndefined()
})
