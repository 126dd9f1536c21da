import { expect, test } from 'vitest'
import type { KubeObject } from '../api/object.ts'
import { adoptPatch, newControllerRef, planClaims, releasePatch } from './controller-refs.ts'

const time = '2026-01-01T00:00:00Z'

function replicaSet(metadata: object = {}): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'web', uid: 'mine', ...metadata },
  }
}

interface Case {
  readonly owner: 'mine' | 'other' | 'none' | 'mine, not as controller'
  readonly matches: boolean
  readonly controllerTerminating?: true
  readonly terminating?: true
  readonly verdict: 'claimed' | 'adopt' | 'release' | 'ignored'
}

// B-05 for ReplicaSets, C-02 for pods: one rule.
const cases: readonly Case[] = [
  { owner: 'mine', matches: true, verdict: 'claimed' },
  { owner: 'mine', matches: true, terminating: true, verdict: 'claimed' },
  { owner: 'mine', matches: true, controllerTerminating: true, verdict: 'claimed' },
  { owner: 'mine', matches: false, verdict: 'release' },
  { owner: 'mine', matches: false, terminating: true, verdict: 'release' },
  { owner: 'mine', matches: false, controllerTerminating: true, verdict: 'ignored' },
  { owner: 'other', matches: true, verdict: 'ignored' },
  { owner: 'other', matches: false, verdict: 'ignored' },
  { owner: 'none', matches: true, verdict: 'adopt' },
  { owner: 'none', matches: true, terminating: true, verdict: 'ignored' },
  { owner: 'none', matches: true, controllerTerminating: true, verdict: 'ignored' },
  { owner: 'none', matches: false, verdict: 'ignored' },
  { owner: 'mine, not as controller', matches: true, verdict: 'adopt' },
]

function candidateOf({ owner, matches, terminating }: Case): KubeObject {
  const uid = owner.startsWith('mine') ? 'mine' : 'other'
  const reference = { ...newControllerRef(replicaSet({ uid })), controller: !owner.includes('not') }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'web-1',
      uid: 'pod',
      labels: { app: matches ? 'web' : 'changed' },
      ...(owner !== 'none' && { ownerReferences: [reference] }),
      ...(terminating && { deletionTimestamp: time }),
    },
  }
}

test.each(cases)(
  'B-05 C-02: $owner, matches $matches ($controllerTerminating, $terminating): $verdict',
  (c) => {
    const candidate = candidateOf(c)
    const plan = planClaims({
      controller: replicaSet(c.controllerTerminating && { deletionTimestamp: time }),
      selector: (object) => object.metadata.labels?.app === 'web',
      candidates: [candidate],
    })
    const expected = { claimed: [], adopt: [], release: [] }
    expect(plan).toEqual(
      c.verdict === 'ignored' ? expected : { ...expected, [c.verdict]: [candidate] },
    )
  },
)

const pod: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web-1', uid: 'pod' } }

test('B-05: the adopting patch sets controller, blockOwnerDeletion and the uid it expects', () => {
  expect(adoptPatch(replicaSet(), pod)).toEqual({
    type: 'application/strategic-merge-patch+json',
    body: {
      metadata: {
        uid: 'pod',
        ownerReferences: [
          {
            apiVersion: 'apps/v1',
            kind: 'ReplicaSet',
            name: 'web',
            uid: 'mine',
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
    },
  })
})

test('C-02: the releasing patch drops the ownerReference by uid', () => {
  expect(releasePatch(replicaSet(), pod)).toEqual({
    type: 'application/strategic-merge-patch+json',
    body: { metadata: { uid: 'pod', ownerReferences: [{ $patch: 'delete', uid: 'mine' }] } },
  })
})
