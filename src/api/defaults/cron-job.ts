import type { CronJob } from '../generated/types.ts'
import { change, fill } from './copy-on-change.ts'
import { defaultJobTemplate } from './job.ts'

export function defaultCronJob(cronJob: CronJob): CronJob {
  return change(cronJob, 'spec', (spec) =>
    change(
      fill(spec, {
        concurrencyPolicy: 'Allow',
        suspend: false,
        successfulJobsHistoryLimit: 3,
        failedJobsHistoryLimit: 1,
      }),
      'jobTemplate',
      defaultJobTemplate,
    ),
  )
}
