import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Binding, Pod } from '../api/generated/types.ts'
import { pods } from '../api/scheme.ts'
import { type GivenServer, givenServer, inDefault, named, pod, refusal } from './server.fixture.ts'

let given: GivenServer
beforeEach(async () => {
  given = await givenServer()
})
afterEach(() => given.stop())

const binding = (node: string, name = 'p'): Binding => ({
  apiVersion: 'v1',
  kind: 'Binding',
  metadata: { name },
  target: { apiVersion: 'v1', kind: 'Node', name: node },
})
const bind = (node: string, name?: string) =>
  given.api.create(pods, named('p'), binding(node, name), { subresource: 'binding' })

test('F-14: sets the node once, and says that the pod is scheduled', async () => {
  await given.api.create(pods, inDefault, pod('p'))
  expect(await bind('n1')).toMatchObject({ kind: 'Status', status: 'Success', code: 201 })
  expect(await given.api.get(pods, named('p'))).toMatchObject({
    spec: { nodeName: 'n1' },
    status: {
      phase: 'Pending',
      conditions: [
        { type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' },
      ],
    },
  })
  expect(await refusal(bind('n2'))).toMatchObject({
    code: 409,
    message:
      'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "n1"',
  })
})

test('of two schedulers that race, one wins', async () => {
  await given.api.create(pods, inDefault, pod('p'))
  const outcomes = await Promise.allSettled([bind('n1'), bind('n2')])
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
})

test('refuses a pod that is going away, is not there, or is another', async () => {
  expect((await refusal(bind('n1'))).message).toBe('pods "p" not found')
  const held = { ...pod('p'), metadata: { name: 'p', finalizers: ['a.example/x'] } }
  await given.api.create(pods, inDefault, held)
  expect((await refusal(bind('n1', 'q'))).code).toBe(400)
  expect((await refusal(bind(''))).message).toContain('target.name: Required value')
  await given.api.delete(pods, named('p'))
  expect((await refusal(bind('n1'))).message).toBe(
    'Operation cannot be fulfilled on pods/binding "p": pod p is being deleted, cannot be assigned to a host',
  )
})

test('F-02: a pod that waits behind a gate says so, and is bound when the last one is gone', async () => {
  const { spec, ...rest } = pod('p')
  const gated = { ...rest, spec: { ...spec, schedulingGates: [{ name: 'a.example/x' }] } }
  const created = await given.api.create(pods, inDefault, gated as Pod)
  expect(created.status?.conditions).toEqual([
    {
      type: 'PodScheduled',
      status: 'False',
      reason: 'SchedulingGated',
      message: 'Scheduling is blocked due to non-empty scheduling gates',
    },
  ])
  expect((await refusal(bind('n1'))).message).toBe(
    'Operation cannot be fulfilled on pods/binding "p": pod p has non-empty .spec.schedulingGates',
  )
  const body = { spec: { schedulingGates: null } }
  await given.api.patch(pods, named('p'), { type: 'application/merge-patch+json', body })
  expect(await bind('n1')).toMatchObject({ code: 201 })
})
