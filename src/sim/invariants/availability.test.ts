import { expect, test } from 'vitest'
import type { Deployment, Pod, ReplicaSet } from '../../api/generated/types.ts'
import type { KubeObject } from '../../api/object.ts'
import { timestamp } from '../../base/clock.ts'
import { VirtualClock } from '../../base/virtual-clock.ts'
import type { StoreEvent } from '../../store/store.ts'
import { World } from '../world.ts'
import { availability } from './availability.ts'

const stalenessMs = 10_000
const minReadySeconds = 5

const deployment: Deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'app', uid: 'app' },
  spec: {
    replicas: 1,
    minReadySeconds,
    selector: {},
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template: {},
  },
}

function ownedBy(kind: string, uid: string) {
  return [{ apiVersion: 'apps/v1', kind, name: uid, uid, controller: true }]
}

const replicaSet: ReplicaSet = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'rs', uid: 'rs', ownerReferences: ownedBy('Deployment', 'app') },
  spec: { selector: {} },
}

/** The truth, and what the invariant says of each change of it. */
function stage() {
  const clock = new VirtualClock()
  const world = new World(clock, stalenessMs)
  const invariant = availability(world)
  const present = new Map<string, KubeObject>()
  let revision = 0
  const write = (object: KubeObject, type: 'put' | 'delete' = 'put') => {
    revision += 1
    const key = `${object.kind}/${object.metadata.name}`
    const former = present.get(key)
    const entryOf = (each: KubeObject) => ({ key, revision, bytes: new Uint8Array(), object: each })
    const previous = former && entryOf(former)
    const event = { type, key, revision, entry: entryOf(object), previous } as unknown as StoreEvent
    if (type === 'put') present.set(key, object)
    else present.delete(key)
    return invariant.check(world.apply(event))
  }
  const pod = (name: string, isReady: boolean): Pod => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, uid: name, ownerReferences: ownedBy('ReplicaSet', 'rs') },
    status: {
      phase: 'Running',
      conditions: [
        {
          type: 'Ready',
          status: isReady ? 'True' : 'False',
          lastTransitionTime: timestamp(clock.now()),
        },
      ],
    },
  })
  const pass = (ms: number) => {
    clock.setTimeout(() => {}, ms)
    clock.step()
  }
  write(deployment)
  write(replicaSet)
  const old = pod('old', true)
  write(old)
  pass(60_000)
  write(deployment)
  pass(60_000)
  return { write, pod, pass, old }
}

test('B-38: the last available pod may not go while the new one has never been ready', () => {
  const { write, pod, pass, old } = stage()
  write(pod('new', false))
  pass(2000)
  expect(write(old, 'delete')).toMatch(/0 available pods after old has gone; 1 are due/)
})

test('B-59: what a cache that is behind takes for available since it was ready is excused', () => {
  const { write, pod, pass, old } = stage()
  write(pod('new', true))
  pass(2000)
  // Not ready any more; who has not heard of it sees it ready for five seconds, soon.
  write(pod('new', false))
  pass(4000)
  expect(write(old, 'delete')).toBeUndefined()
})

test('B-59: what was ready only long ago excuses nothing', () => {
  const { write, pod, pass, old } = stage()
  write(pod('new', true))
  pass(2000)
  write(pod('new', false))
  pass(2 * stalenessMs)
  expect(write(old, 'delete')).toMatch(/0 available pods/)
})
