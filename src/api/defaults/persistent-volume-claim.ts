import type { PersistentVolumeClaim } from '../generated/types.ts'
import { change, fill } from './copy-on-change.ts'

export function defaultPersistentVolumeClaim(claim: PersistentVolumeClaim): PersistentVolumeClaim {
  const specified = change(claim, 'spec', (spec) => fill(spec, { volumeMode: 'Filesystem' }))
  return change(specified, 'status', (status) => fill(status, { phase: 'Pending' }))
}
