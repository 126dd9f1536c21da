import { describe, expect, test } from 'vitest'
import type { Node, NodeSelectorRequirement, NodeSelectorTerm } from './generated/types.ts'
import { isNodeSelected, tolerates, untoleratedTaint } from './node-fit.ts'

const node: Node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n1', labels: { zone: 'a', cores: '8' } },
  spec: {
    taints: [
      { key: 'soft', effect: 'PreferNoSchedule' },
      { key: 'gpu', value: 'yes', effect: 'NoSchedule' },
    ],
  },
}

function isSelected(...nodeSelectorTerms: readonly NodeSelectorTerm[]): boolean {
  const requiredDuringSchedulingIgnoredDuringExecution = { nodeSelectorTerms }
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution } }
  return isNodeSelected({ affinity }, node)
}

const requirement = (key: string, operator: string, ...values: string[]) => ({
  key,
  operator,
  values,
})

describe('D-31: node affinity', () => {
  const cases: readonly (readonly [NodeSelectorRequirement, boolean])[] = [
    [requirement('zone', 'In', 'b', 'a'), true],
    [requirement('zone', 'In', 'b'), false],
    [requirement('disk', 'In', 'ssd'), false],
    [requirement('zone', 'NotIn', 'a'), false],
    [requirement('disk', 'NotIn', 'ssd'), true],
    [requirement('zone', 'Exists'), true],
    [requirement('toString', 'Exists'), false],
    [requirement('zone', 'DoesNotExist'), false],
    [requirement('disk', 'DoesNotExist'), true],
    [requirement('cores', 'Gt', '7'), true],
    [requirement('cores', 'Gt', '8'), false],
    [requirement('cores', 'Lt', '10'), true],
    [requirement('zone', 'Gt', '1'), false],
    [requirement('zone', 'Like', 'a'), false],
  ]
  test.each(cases)('%o: %s', (one, expected) => {
    expect(isSelected({ matchExpressions: [one] })).toBe(expected)
  })

  test('by the name of the node', () => {
    expect(isSelected({ matchFields: [requirement('metadata.name', 'In', 'n1')] })).toBe(true)
    expect(isSelected({ matchFields: [requirement('metadata.name', 'In', 'n2')] })).toBe(false)
  })

  test('all requirements of one of the terms; an empty term selects nothing', () => {
    const here = requirement('zone', 'In', 'a')
    const nowhere = requirement('zone', 'In', 'b')
    expect(isSelected({ matchExpressions: [here, nowhere] })).toBe(false)
    expect(isSelected({ matchExpressions: [nowhere] }, { matchExpressions: [here] })).toBe(true)
    expect(isSelected({})).toBe(false)
    expect(isSelected()).toBe(false)
  })

  test('nodeSelector', () => {
    expect(isNodeSelected({ nodeSelector: { zone: 'a', cores: '8' } }, node)).toBe(true)
    expect(isNodeSelected({ nodeSelector: { zone: 'b' } }, node)).toBe(false)
    expect(isNodeSelected({}, node)).toBe(true)
  })
})

describe('D-31: taints', () => {
  const [, taint] = node.spec?.taints ?? []

  test.each([
    [{ operator: 'Exists' }, true],
    [{ key: 'gpu', operator: 'Exists' }, true],
    [{ key: 'gpu', operator: 'Exists', effect: 'NoExecute' }, false],
    [{ key: 'gpu', value: 'yes' }, true],
    [{ key: 'gpu', value: 'no' }, false],
    [{ key: 'other', operator: 'Exists' }, false],
    [{ value: 'yes' }, false],
  ])('%o: %s', (toleration, expected) => {
    expect(taint && tolerates(toleration, taint)).toBe(expected)
  })

  test('only of the effects that are asked for', () => {
    expect(untoleratedTaint({}, node, ['NoSchedule', 'NoExecute'])).toBe(taint)
    expect(untoleratedTaint({}, node, ['NoExecute'])).toBeUndefined()
    const tolerations = [{ operator: 'Exists' }]
    expect(untoleratedTaint({ tolerations }, node, ['NoSchedule'])).toBeUndefined()
  })
})
