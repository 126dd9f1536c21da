import { expect, test } from 'vitest'
import type { Deployment, ReplicaSet } from '../../api/generated/types.ts'
import type { KubeObject } from '../../api/object.ts'
import { availability } from './availability.ts'
import { GivenWorld, ownedBy, stalenessMs } from './given-world.fixture.ts'

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

const replicaSet: ReplicaSet = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'rs', uid: 'rs', ownerReferences: ownedBy('Deployment', 'app') },
  spec: { selector: {} },
}

/** The one pod of the ReplicaSet has been available for long. */
function stage() {
  const given = new GivenWorld(availability)
  const pod = (name: string, isReady: boolean) =>
    given.pod(name, isReady, ownedBy('ReplicaSet', 'rs'))
  given.write(deployment)
  given.write(replicaSet)
  const old = pod('old', true)
  given.write(old)
  given.pass(60_000)
  given.write(deployment)
  given.pass(60_000)
  const write = (object: KubeObject, type?: 'delete') => given.write(object, type)
  return { write, pod, pass: (ms: number) => given.pass(ms), old }
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
