import { beforeEach, describe, expect, test } from 'vitest'
import type { EndpointSlice, Pod, Service } from '../api/generated/types.ts'
import { systemContext } from '../base/context.ts'
import { settled, VirtualClock } from '../base/virtual-clock.ts'
import { DrainGate } from './drain-gate.ts'
import { isLeaving } from './leaving.ts'
import type { Table } from './protocol.ts'

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'p',
    namespace: 'shop',
    uid: 'p-uid',
    labels: { app: 'web' },
    deletionTimestamp: '2026-01-01T00:00:00Z',
  },
  spec: { containers: [] },
  status: { phase: 'Running', podIP: '127.0.0.1' },
}

describe('DrainGate', () => {
  let clock: VirtualClock
  let leaving: boolean
  let gate: DrainGate
  let outcome: string | undefined

  beforeEach(() => {
    clock = new VirtualClock()
    leaving = false
    outcome = undefined
    const context = { ...systemContext(), clock }
    gate = new DrainGate({ context, isLeaving: () => leaving, publish: () => {} })
    gate.published(1)
    gate.acknowledged(1, [])
    void gate.drained(pod, 1_000).then((result) => {
      outcome = result
    })
  })

  const leaves = (version: number) => {
    leaving = true
    gate.published(version)
  }

  test('waits until the table without the pod is acknowledged', async () => {
    gate.acknowledged(1, [])
    leaves(2)
    await settled()
    expect(outcome).toBeUndefined()
    gate.acknowledged(2, [])
    await settled()
    expect(outcome).toBe('drained')
  })

  test('a later acknowledgement will do', async () => {
    leaves(2)
    gate.published(3)
    gate.acknowledged(3, [])
    await settled()
    expect(outcome).toBe('drained')
  })

  test('waits for its requests in flight, not for those of others', async () => {
    leaves(2)
    gate.acknowledged(2, ['p-uid', 'other'])
    gate.idle('other')
    await settled()
    expect(outcome).toBeUndefined()
    gate.idle('p-uid')
    await settled()
    expect(outcome).toBe('drained')
  })

  test('a pod that comes back into the table is not drained by the old acknowledgement', async () => {
    leaves(2)
    leaving = false
    gate.published(3)
    gate.acknowledged(3, [])
    await settled()
    expect(outcome).toBeUndefined()
  })

  test('a proxy that died has to acknowledge anew', async () => {
    gate.lost()
    leaves(2)
    await settled()
    expect(outcome).toBeUndefined()
    gate.acknowledged(2, [])
    await settled()
    expect(outcome).toBe('drained')
  })

  test('gives up at the deadline', async () => {
    await clock.advance(999)
    expect(outcome).toBeUndefined()
    await clock.advance(1)
    expect(outcome).toBe('deadline')
  })
})

describe('whether a pod is leaving', () => {
  const service: Service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  }
  const sliceWith = (conditions: EndpointSlice['endpoints'][number]['conditions'] & {}) => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {},
    addressType: 'IPv4',
    endpoints: [{ addresses: ['127.0.0.1'], conditions, targetRef: { uid: 'p-uid' } }],
  })
  const tableWith = (ready: boolean): Table => [
    {
      namespace: 'shop',
      name: 'web',
      port: '',
      listeners: [],
      endpoints: [
        {
          ip: '127.0.0.1',
          port: 1,
          podUid: 'p-uid',
          podName: 'p',
          templateHash: '',
          ready,
          serving: true,
          terminating: !ready,
        },
      ],
    },
  ]
  const terminating = sliceWith({ ready: false, terminating: true })
  const stale = sliceWith({ ready: false, terminating: false })
  const noIp: Pod = { ...pod, status: { phase: 'Pending' } }

  test.each([
    ['no Service selects it', [], [], [], pod, true],
    ['its endpoint is terminating', [service], [terminating], tableWith(false), pod, true],
    ['the slice has not seen the deletion', [service], [stale], [], pod, false],
    ['the slice does not have it yet', [service], [], [], pod, false],
    ['it never had an IP', [service], [], [], noIp, true],
    ['it is gone', [service], [], [], undefined, true],
    ['the table still offers it', [service], [terminating], tableWith(true), pod, false],
  ])('%s', (_, services, slices, table, current, expected) => {
    const facts = { services, slicesOf: () => slices, table, current }
    expect(isLeaving(pod, facts)).toBe(expected)
  })
})
