import type { PersistentVolume } from '../generated/types.ts'
import { change, fill } from './copy-on-change.ts'

export function defaultPersistentVolume(volume: PersistentVolume): PersistentVolume {
  const specified = change(volume, 'spec', (spec) =>
    change(
      fill(spec, { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' }),
      'hostPath',
      (hostPath) => fill(hostPath, { type: '' }),
    ),
  )
  return change(specified, 'status', (status) => fill(status, { phase: 'Pending' }))
}
