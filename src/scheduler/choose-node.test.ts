import { describe, expect, it } from 'vitest'
import type { Node, Pod, Taint } from '../api/generated/types.ts'
import { chooseNode } from './choose-node.ts'

function node(name: string, more: Partial<Node['spec']> & object = {}, labels = {}): Node {
  const conditions = [{ type: 'Ready', status: 'True' }]
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels },
    spec: more,
    status: { conditions, allocatable: { pods: '2' } },
  }
}

function pod(spec: Partial<Pod['spec']> & object = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { containers: [], ...spec },
  }
}

const load = (one: Node, pods = 0) => ({
  node: one,
  pods: Array.from({ length: pods }, () => pod()),
})
const taint: Taint = { key: 'dedicated', value: 'db', effect: 'NoSchedule' }

describe('chooseNode', () => {
  it('takes the node with the fewest pods, then the first by name', () => {
    expect(chooseNode(pod(), [load(node('b'), 1), load(node('a'), 1)])).toEqual({ node: 'a' })
    expect(chooseNode(pod(), [load(node('a'), 1), load(node('b'), 0)])).toEqual({ node: 'b' })
  })

  it('keeps to nodeSelector and tolerations', () => {
    const wanting = pod({ nodeSelector: { disk: 'ssd' } })
    const ssd = node('z', {}, { disk: 'ssd' })
    expect(chooseNode(wanting, [load(node('a')), load(ssd, 1)])).toEqual({ node: 'z' })
    const tainted = node('t', { taints: [taint] })
    const tolerant = (operator: string, value?: string) =>
      pod({ tolerations: [{ key: 'dedicated', operator, value, effect: 'NoSchedule' }] })
    expect(chooseNode(tolerant('Equal', 'db'), [load(tainted)])).toEqual({ node: 't' })
    expect(chooseNode(tolerant('Exists'), [load(tainted)])).toEqual({ node: 't' })
    expect(chooseNode(tolerant('Equal', 'web'), [load(tainted)])).toHaveProperty('unschedulable')
  })

  it('D-30: keeps to required node affinity, and lets daemons onto a cordoned node', () => {
    const matchFields = [{ key: 'metadata.name', operator: 'In', values: ['b'] }]
    const required = { nodeSelectorTerms: [{ matchFields }] }
    const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: required }
    const cordoned = node('b', { unschedulable: true })
    const daemon = pod({ affinity: { nodeAffinity } })
    expect(chooseNode(daemon, [load(node('a')), load(node('b'), 1)])).toEqual({ node: 'b' })
    expect(chooseNode(daemon, [load(node('a')), load(cordoned)])).toHaveProperty('unschedulable')
    const key = 'node.kubernetes.io/unschedulable'
    const tolerations = [{ key, operator: 'Exists', effect: 'NoSchedule' }]
    const tolerant = pod({ affinity: { nodeAffinity }, tolerations })
    expect(chooseNode(tolerant, [load(node('a')), load(cordoned)])).toEqual({ node: 'b' })
  })

  it('I-20: keeps a pod off a node whose port it wants and another pod has', () => {
    const ports = [{ containerPort: 80, hostPort: 8080 }]
    const wanting = pod({ containers: [{ name: 'app', image: 'app:1', ports }] })
    const taken = { node: node('a'), pods: [wanting] }
    expect(chooseNode(wanting, [taken, load(node('b'), 1)])).toEqual({ node: 'b' })
    expect(chooseNode(wanting, [taken])).toEqual({
      unschedulable:
        "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.",
    })
  })

  it('counts the reasons when no node will do', () => {
    const notReady: Node = { ...node('n'), status: { conditions: [] } }
    const loads = [
      load(node('full'), 2),
      load(node('off', { unschedulable: true })),
      load(node('t', { taints: [taint] })),
      load(notReady),
    ]
    expect(chooseNode(pod(), loads)).toEqual({
      unschedulable:
        '0/4 nodes are available: 1 Too many pods, 1 node(s) had untolerated taint {dedicated: db}, ' +
        '1 node(s) were not ready, 1 node(s) were unschedulable.',
    })
    expect(chooseNode(pod(), [])).toEqual({ unschedulable: 'no nodes available to schedule pods' })
  })
})
