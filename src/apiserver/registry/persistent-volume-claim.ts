import { persistentVolumeClaims } from '../../api/scheme.ts'
import { defineStrategy, withFieldOf } from './strategy.ts'

/** Nothing here provides volumes: a claim waits for whoever writes its status. */
export const persistentVolumeClaimStrategy = defineStrategy(persistentVolumeClaims, {
  subresources: ['status'],
  prepareForCreate: (claim) => ({ ...claim, status: { phase: 'Pending' } }),
  prepareForUpdate: (claim, old) => withFieldOf(claim, old, 'status'),
  prepareForStatusUpdate: (claim, old) => withFieldOf(claim, old, 'spec'),
})
