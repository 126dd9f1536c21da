import { describe, expect, it } from 'vitest'
import type { Node, Pod, PodSpec, Taint } from '../api/generated/types.ts'
import { chooseNode, refuseAll } from './choose-node.ts'
import { NodeUsage } from './node-usage.ts'

function node(name: string, spec: Node['spec'] & object = {}, labels = {}): Node {
  const conditions = [{ type: 'Ready', status: 'True' }]
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec,
    status: { conditions, allocatable: { cpu: '4', memory: '8Gi', pods: '3' } },
  }
}

let count = 0

function pod(spec: Partial<PodSpec> = {}, metadata: Pod['metadata'] = {}): Pod {
  const uid = `pod-${++count}`
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: uid, namespace: 'default', uid, ...metadata },
    spec: { containers: [], ...spec },
  }
}

const asking = (requests: { readonly [name: string]: string }, more: Partial<PodSpec> = {}) =>
  pod({ containers: [{ name: 'app', resources: { requests } }], ...more })

const labelled = (app: string, spec: Partial<PodSpec> = {}) => pod(spec, { labels: { app } })
const ofApp = (app: string) => ({ matchLabels: { app } })

/** Nodes with what is on them. */
function states(...all: readonly (readonly [Node, ...Pod[]])[]) {
  const usage = new NodeUsage()
  for (const [{ metadata }, ...pods] of all) {
    for (const each of pods) usage.put(each, metadata.name ?? '')
  }
  return all.map(([each]) => usage.of(each))
}

const taint: Taint = { key: 'dedicated', value: 'db', effect: 'NoSchedule' }
const unhelpful = 'Preemption is not helpful for scheduling'
const noVictims = 'No preemption victims found for incoming pod'

/** The text about all nodes (`why`), and what preemption would help (`cures`). */
function refusal(nodes: number, why: string, cures: string): object {
  const none = `0/${nodes} nodes are available:`
  const unschedulable = `${none} ${why}. no new claims to deallocate, preemption: ${none} ${cures}.`
  return { unschedulable }
}

describe('a node that will do', () => {
  it('I-20: has the port that a pod wants free', () => {
    const ports = [{ containerPort: 80, hostPort: 8080 }]
    const [wanting, other] = [1, 2].map(() => pod({ containers: [{ name: 'app', ports }] }))
    if (!wanting || !other) throw new Error('two pods')
    const [taken, free] = [node('a'), node('b')]
    expect(chooseNode(wanting, states([taken, other], [free, pod()]))).toEqual({ node: 'b' })
    const why = "1 node(s) didn't have free ports for the requested pod ports"
    expect(chooseNode(wanting, states([taken, other]))).toEqual(refusal(1, why, `1 ${noVictims}`))
  })

  it('has the fewest pods, then the first name', () => {
    const [one, two] = [pod(), pod()]
    expect(chooseNode(pod(), states([node('b'), one], [node('a'), two]))).toEqual({ node: 'a' })
    expect(chooseNode(pod(), states([node('b')], [node('a'), two]))).toEqual({ node: 'b' })
  })

  it('has the labels of nodeSelector, and no taint that is not tolerated', () => {
    const ssd = node('z', {}, { disk: 'ssd' })
    const wanting = pod({ nodeSelector: { disk: 'ssd' } })
    expect(chooseNode(wanting, states([node('a')], [ssd, pod()]))).toEqual({ node: 'z' })
    const tainted = states([node('t', { taints: [taint] })])
    const tolerant = (operator: string, value?: string) =>
      pod({ tolerations: [{ key: 'dedicated', operator, value, effect: 'NoSchedule' }] })
    expect(chooseNode(tolerant('Equal', 'db'), tainted)).toEqual({ node: 't' })
    expect(chooseNode(tolerant('Exists'), tainted)).toEqual({ node: 't' })
    expect(chooseNode(tolerant('Equal', 'web'), tainted)).toHaveProperty('unschedulable')
  })

  it('D-30: is the one that required affinity names, cordoned or not for a daemon', () => {
    const matchFields = [{ key: 'metadata.name', operator: 'In', values: ['b'] }]
    const required = { nodeSelectorTerms: [{ matchFields }] }
    const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: required }
    const daemon = pod({ affinity: { nodeAffinity } })
    expect(chooseNode(daemon, states([node('a')], [node('b'), pod()]))).toEqual({ node: 'b' })
    const cordoned = states([node('a')], [node('b', { unschedulable: true })])
    expect(chooseNode(daemon, cordoned)).toEqual(
      refusal(
        2,
        "1 node(s) didn't satisfy plugin(s) [NodeAffinity], 1 node(s) were unschedulable",
        `2 ${unhelpful}`,
      ),
    )
    const key = 'node.kubernetes.io/unschedulable'
    const tolerations = [{ key, operator: 'Exists', effect: 'NoSchedule' }]
    expect(chooseNode(pod({ affinity: { nodeAffinity }, tolerations }), cordoned)).toEqual({
      node: 'b',
    })
  })

  it('has enough left of what the pod asks for, init containers and overhead included', () => {
    const half = asking({ cpu: '2500m' })
    expect(chooseNode(asking({ cpu: '2' }), states([node('a'), half], [node('b')]))).toEqual({
      node: 'b',
    })
    const initContainers = [{ name: 'init', resources: { requests: { cpu: '3' } } }]
    expect(
      chooseNode(asking({ cpu: '1' }, { initContainers }), states([node('a'), half])),
    ).toHaveProperty('unschedulable')
    expect(
      chooseNode(asking({ cpu: '1' }, { overhead: { cpu: '1' } }), states([node('a'), half])),
    ).toHaveProperty('unschedulable')
    expect(chooseNode(asking({ cpu: '1500m' }), states([node('a'), half]))).toEqual({ node: 'a' })
  })
})

describe('a better node', () => {
  it('has more room left', () => {
    const loaded = asking({ cpu: '3', memory: '6Gi' })
    const all = states([node('a'), loaded], [node('b'), pod()])
    expect(chooseNode(asking({ cpu: '1' }), all)).toEqual({ node: 'b' })
  })

  it('is preferred by its labels, by its taints, by who is there', () => {
    const preference = { matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] }
    const wish = { weight: 10, preference }
    const nodeAffinity = { preferredDuringSchedulingIgnoredDuringExecution: [wish] }
    const ssd = node('z', {}, { disk: 'ssd' })
    expect(chooseNode(pod({ affinity: { nodeAffinity } }), states([node('a')], [ssd]))).toEqual({
      node: 'z',
    })
    const avoided = node('a', { taints: [{ ...taint, effect: 'PreferNoSchedule' }] })
    expect(chooseNode(pod(), states([avoided], [node('b')]))).toEqual({ node: 'b' })
    const near = { topologyKey: 'kubernetes.io/hostname', labelSelector: ofApp('db') }
    const close = [{ weight: 100, podAffinityTerm: near }]
    const podAffinity = { preferredDuringSchedulingIgnoredDuringExecution: close }
    const all = states([node('a')], [node('b'), labelled('db')])
    expect(chooseNode(pod({ affinity: { podAffinity } }), all)).toEqual({ node: 'b' })
  })

  it('has fewer pods of the same owner, whoever else is there', () => {
    const ownerReferences = [
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'rs', uid: 'rs', controller: true },
    ]
    const owned = () => pod({}, { ownerReferences })
    const all = states([node('a'), owned()], [node('b'), pod(), pod()])
    expect(chooseNode(owned(), all)).toEqual({ node: 'b' })
  })
})

describe('topology spread constraints', () => {
  const zone = (name: string, value: string) => node(name, {}, { zone: value })
  const spread = (whenUnsatisfiable: string, more = {}) => ({
    topologySpreadConstraints: [
      { topologyKey: 'zone', maxSkew: 1, whenUnsatisfiable, labelSelector: ofApp('web'), ...more },
    ],
  })
  const all = () =>
    states(
      [zone('a', 'x'), labelled('web')],
      [zone('b', 'x')],
      [zone('c', 'y'), pod(), pod(), pod()],
      [node('bare')],
    )

  it('DoNotSchedule: no domain gets more than maxSkew ahead of the emptiest', () => {
    expect(chooseNode(labelled('web', spread('DoNotSchedule')), all())).toEqual(
      refusal(
        4,
        "1 Too many pods, 1 node(s) didn't match pod topology spread constraints (missing required label), 2 node(s) didn't match pod topology spread constraints",
        `1 ${unhelpful}, 3 ${noVictims}`,
      ),
    )
    expect(chooseNode(labelled('web', spread('DoNotSchedule', { maxSkew: 2 })), all())).toEqual({
      node: 'b',
    })
    // Who does not count himself is not ahead of anybody.
    expect(chooseNode(labelled('other', spread('DoNotSchedule')), all())).toEqual({ node: 'b' })
  })

  it('minDomains: while there are fewer, the emptiest counts as empty', () => {
    const two = states([zone('a', 'x'), labelled('web')])
    expect(chooseNode(labelled('web', spread('DoNotSchedule')), two)).toEqual({ node: 'a' })
    const constrained = labelled('web', spread('DoNotSchedule', { minDomains: 2 }))
    expect(chooseNode(constrained, two)).toHaveProperty('unschedulable')
  })

  it('ScheduleAnyway: the emptier domain is better, and none is refused', () => {
    const free = states(
      [zone('a', 'x'), labelled('web')],
      [zone('b', 'x')],
      [zone('c', 'y'), pod()],
    )
    expect(chooseNode(labelled('web', spread('ScheduleAnyway')), free)).toEqual({ node: 'c' })
  })
})

describe('affinity between pods', () => {
  const term = (app: string) => ({
    topologyKey: 'kubernetes.io/hostname',
    labelSelector: ofApp(app),
  })
  const required = (app: string) => ({
    requiredDuringSchedulingIgnoredDuringExecution: [term(app)],
  })

  it('required: near one that is meant; the first of a group begins anywhere', () => {
    const podAffinity = required('db')
    const all = states([node('a')], [node('b'), labelled('db')])
    expect(chooseNode(labelled('web', { affinity: { podAffinity } }), all)).toEqual({ node: 'b' })
    const empty = states([node('a')])
    expect(chooseNode(labelled('db', { affinity: { podAffinity } }), empty)).toEqual({ node: 'a' })
    expect(chooseNode(labelled('web', { affinity: { podAffinity } }), empty)).toEqual(
      refusal(1, "1 node(s) didn't match pod affinity rules", `1 ${unhelpful}`),
    )
  })

  it('anti-affinity counts on both sides', () => {
    const podAntiAffinity = required('web')
    const shy = () => labelled('web', { affinity: { podAntiAffinity } })
    expect(chooseNode(shy(), states([node('a'), labelled('web')], [node('b')]))).toEqual({
      node: 'b',
    })
    expect(chooseNode(shy(), states([node('a'), labelled('web')]))).toEqual(
      refusal(1, "1 node(s) didn't match pod anti-affinity rules", `1 ${noVictims}`),
    )
    expect(chooseNode(labelled('web'), states([node('a'), shy()]))).toEqual(
      refusal(1, "1 node(s) didn't satisfy existing pods anti-affinity rules", `1 ${noVictims}`),
    )
  })
})

describe('F-02: when no node will do', () => {
  it('the reasons are counted', () => {
    const notReady: Node = { ...node('n'), status: { conditions: [] } }
    const all = states(
      [node('full'), pod(), pod(), pod()],
      [node('off', { unschedulable: true })],
      [node('t', { taints: [taint] })],
      [notReady],
    )
    expect(chooseNode(pod(), all)).toEqual(
      refusal(
        4,
        '1 Too many pods, 1 node(s) were unschedulable, 2 node(s) had untolerated taint(s)',
        `1 ${noVictims}, 3 ${unhelpful}`,
      ),
    )
    expect(chooseNode(pod(), [])).toEqual({ unschedulable: 'no nodes available to schedule pods' })
  })

  it('each resource that is short is named, and what no node has at all cannot be helped', () => {
    const all = states([node('a'), asking({ cpu: '2', memory: '6Gi' })], [node('b')], [node('c')])
    expect(chooseNode(asking({ cpu: '5', memory: '9Gi' }), all)).toEqual(
      refusal(3, '3 Insufficient cpu, 3 Insufficient memory', `3 ${unhelpful}`),
    )
    const one = states([node('a'), asking({ cpu: '2', memory: '6Gi' })])
    expect(chooseNode(asking({ cpu: '3', 'nvidia.com/gpu': '1' }), one)).toEqual(
      refusal(1, '1 Insufficient cpu, 1 Insufficient nvidia.com/gpu', `1 ${unhelpful}`),
    )
    expect(chooseNode(asking({ memory: '3Gi' }), one)).toEqual(
      refusal(1, '1 Insufficient memory', `1 ${noVictims}`),
    )
  })

  it('what keeps it from all alike is said once', () => {
    expect(refuseAll(states([node('a')], [node('b')]), 'why')).toEqual(
      refusal(2, 'why', `2 ${unhelpful}`),
    )
  })
})
