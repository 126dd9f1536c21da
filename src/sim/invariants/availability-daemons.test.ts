import { expect, test } from 'vitest'
import type { DaemonSet, Node } from '../../api/generated/types.ts'
import type { World } from '../world.ts'
import { availability } from './availability.ts'
import { GivenWorld, ownedBy } from './given-world.fixture.ts'

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
  const given = new GivenWorld(availability)
  prepare(given.world)
  const running = given.pod('b', true, ownedBy('DaemonSet', 'agent'))
  const pod = { ...running, spec: { nodeName: 'node-1', containers: [] } }
  for (const object of [node('node-0'), node('node-1'), daemonSet, pod]) given.write(object)
  given.pass(60_000)
  given.write(daemonSet)
  given.pass(60_000)
  return given.write(pod, 'delete')
}

test('D-31: a node that is not heard of and has no pod is not one that wants one', () => {
  expect(whatGoingSays((world) => world.excuses.nodeDown('node-0'))).toBeUndefined()
})

test('D-34: of two nodes that want a pod one keeps it', () => {
  expect(whatGoingSays(() => {})).toMatch(/0 available pods after b has gone; 1 are due/)
})
