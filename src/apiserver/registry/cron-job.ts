import { semanticEqual } from '../../api/equality.ts'
import { cronJobs } from '../../api/scheme.ts'
import { defineStrategy, withFieldOf } from './strategy.ts'

export const cronJobStrategy = defineStrategy(cronJobs, {
  subresources: ['status'],
  prepareForCreate: (cronJob) => ({ ...cronJob, status: {} }),
  prepareForUpdate: (cronJob, old) => withFieldOf(cronJob, old, 'status'),
  prepareForStatusUpdate: (cronJob, old) => withFieldOf(cronJob, old, 'spec'),
  raisesGeneration: (cronJob, old) =>
    !semanticEqual('CronJob', { spec: cronJob.spec }, { spec: old.spec }),
})
