import { describe, expect, test } from 'vitest'
import { givenDeployment, givenReplicaSet } from '../../test/rollout/given.ts'
import { historyRow, historyRows } from './history.ts'

const cause = (text: string) => ({ 'kubernetes.io/change-cause': text })

describe('G-21: the rows of rollout history', () => {
  test('ascend by revision; an absent cause is <none>, an absent revision row 0', () => {
    const owned = [
      givenReplicaSet('d', { image: 'app:d', revision: 10, annotations: cause('ten') }),
      givenReplicaSet('a', { image: 'app:a', revision: 9, annotations: cause('') }),
      givenReplicaSet('b', { image: 'app:b' }),
      givenReplicaSet('c', { image: 'app:c', revision: 'x' }),
    ]
    const rows = historyRows(givenDeployment(), owned)
    expect(rows.map(({ revision, changeCause }) => [revision, changeCause])).toEqual([
      [0n, '<none>'],
      [9n, '<none>'],
      [10n, 'ten'],
    ])
    expect(historyRow(rows, 9n)?.replicaSet.metadata.name).toBe('app-a')
    expect(historyRow(rows, 8n)).toBeUndefined()
  })

  test('duplicates collapse to the new ReplicaSet', () => {
    const owned = [
      givenReplicaSet('new', { revision: 2, annotations: cause('new') }),
      givenReplicaSet('old', {
        image: 'app:old',
        revision: 2,
        created: 9,
        annotations: cause('old'),
      }),
    ]
    expect(historyRows(givenDeployment(), owned)).toMatchObject([{ changeCause: 'new' }])
  })
})
