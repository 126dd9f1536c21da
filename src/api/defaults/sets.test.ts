import { describe, expect, test } from 'vitest'
import { decodeObject } from '../decode.ts'
import type { KubeObject } from '../object.ts'
import type { Resource } from '../resource.ts'
import { daemonSets, statefulSets } from '../scheme.ts'
import { applyDefaults } from './apply-defaults.ts'

function defaulted<T extends KubeObject>(resource: Resource<T>, value: object): T {
  const once = applyDefaults(resource, decodeObject(resource, { value }, 'Strict').object)
  expect(applyDefaults(resource, once)).toBe(once)
  return once
}

describe('StatefulSet', () => {
  const spec = (given: object) => defaulted(statefulSets, { spec: given }).spec

  test('A-05', () => {
    expect(spec({})).toMatchObject({
      replicas: 1,
      podManagementPolicy: 'OrderedReady',
      revisionHistoryLimit: 10,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0, maxUnavailable: 1 } },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
    })
  })

  test('A-05 what is given stays, and the rest of it is filled in', () => {
    const given = {
      replicas: 0,
      podManagementPolicy: 'Parallel',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } },
      persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' },
    }
    expect(spec(given)).toMatchObject({
      ...given,
      updateStrategy: { rollingUpdate: { partition: 2, maxUnavailable: 1 } },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Delete' },
    })
  })

  test('A-06 a type without rollingUpdate stays so', () => {
    for (const type of ['RollingUpdate', 'OnDelete']) {
      expect(spec({ updateStrategy: { type } })).toMatchObject({ updateStrategy: { type } })
      expect(spec({ updateStrategy: { type } })?.updateStrategy).not.toHaveProperty('rollingUpdate')
    }
  })

  test('claim templates are claims', () => {
    const claim = { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'] } }
    expect(spec({ volumeClaimTemplates: [claim] })?.volumeClaimTemplates).toMatchObject([
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        spec: { volumeMode: 'Filesystem' },
        status: { phase: 'Pending' },
      },
    ])
  })
})

describe('DaemonSet', () => {
  const spec = (given: object) => defaulted(daemonSets, { spec: given }).spec

  test('A-07', () => {
    expect(spec({})).toMatchObject({
      revisionHistoryLimit: 10,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
    })
    expect(spec({ updateStrategy: { type: 'OnDelete' } })?.updateStrategy).toEqual({
      type: 'OnDelete',
    })
  })
})
