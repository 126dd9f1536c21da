import { expect, test } from 'vitest'
import type { DaemonSet, Node, Pod } from '../../api/generated/types.ts'
import type { KubeObject } from '../../api/object.ts'
import { timestamp } from '../../base/clock.ts'
import { VirtualClock } from '../../base/virtual-clock.ts'
import type { StoreEvent } from '../../store/store.ts'
import { World } from '../world.ts'
import { availability } from './availability.ts'

const stalenessMs = 10_000

const daemonSet: DaemonSet = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'agent', uid: 'agent' },
  spec: {
    selector: {},
    template: {},
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
  },
}

function node(name: string): Node {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, uid: name } }
}

/** Two nodes, of which the second alone has a pod; what is said when that goes. */
function whatGoingSays(prepare: (world: World) => void): string | undefined {
  const clock = new VirtualClock()
  const world = new World(clock, stalenessMs)
  const invariant = availability(world)
  let revision = 0
  const write = (object: KubeObject, type: 'put' | 'delete' = 'put') => {
    revision += 1
    const key = `${object.kind}/${object.metadata.name}`
    const entry = { key, revision, bytes: new Uint8Array(), object }
    const previous = type === 'delete' ? entry : undefined
    const event = { type, key, revision, entry, previous } as unknown as StoreEvent
    return invariant.check(world.apply(event))
  }
  prepare(world)
  const lastTransitionTime = timestamp(clock.now())
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'b',
      uid: 'b',
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent', uid: 'agent', controller: true },
      ],
    },
    spec: { nodeName: 'node-1', containers: [] },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime }],
    },
  }
  for (const object of [node('node-0'), node('node-1'), daemonSet, pod]) write(object)
  clock.setTimeout(() => {}, 60_000)
  clock.step()
  write(daemonSet)
  clock.setTimeout(() => {}, 60_000)
  clock.step()
  return write(pod, 'delete')
}

test('D-31: a node that is not heard of and has no pod is not one that wants one', () => {
  expect(whatGoingSays((world) => world.excuses.nodeDown('node-0'))).toBeUndefined()
})

test('D-34: of two nodes that want a pod one keeps it', () => {
  expect(whatGoingSays(() => {})).toMatch(/0 available pods after b has gone; 1 are due/)
})
