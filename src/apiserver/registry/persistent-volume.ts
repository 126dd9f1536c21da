import { persistentVolumes } from '../../api/scheme.ts'
import { defineStrategy, withFieldOf } from './strategy.ts'

/** Nothing here binds volumes: one waits for whoever writes its status. */
export const persistentVolumeStrategy = defineStrategy(persistentVolumes, {
  subresources: ['status'],
  prepareForCreate: (volume) => ({ ...volume, status: { phase: 'Pending' } }),
  prepareForUpdate: (volume, old) => withFieldOf(volume, old, 'status'),
  prepareForStatusUpdate: (volume, old) => withFieldOf(volume, old, 'spec'),
})
