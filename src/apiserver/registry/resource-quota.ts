import { resourceQuotas } from '../../api/scheme.ts'
import { defineStrategy, withFieldOf } from './strategy.ts'

export const resourceQuotaStrategy = defineStrategy(resourceQuotas, {
  subresources: ['status'],
  prepareForCreate: (quota) => ({ ...quota, status: {} }),
  prepareForUpdate: (quota, old) => withFieldOf(quota, old, 'status'),
  prepareForStatusUpdate: (quota, old) => withFieldOf(quota, old, 'spec'),
})
