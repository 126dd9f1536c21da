import { semanticEqual } from '../../api/equality.ts'
import type { Job } from '../../api/generated/types.ts'
import { controllerUidLabel, jobNameLabel } from '../../api/names.ts'
import { jobs } from '../../api/scheme.ts'
import { defineStrategy, withFieldOf } from './strategy.ts'

/**
 * Labels by which a Job finds its pods, and the selector for them, unless that is done by hand.
 * Labels that are there already are left for validation to judge.
 */
function withSelector(job: Job): Job {
  const { metadata, spec } = job
  if (!spec || spec.manualSelector) return job
  const { uid = '', name = '' } = metadata
  const { template } = spec
  const labels = {
    'controller-uid': uid,
    'job-name': name,
    [controllerUidLabel]: uid,
    [jobNameLabel]: name,
    ...template.metadata?.labels,
  }
  return {
    ...job,
    spec: {
      ...spec,
      selector: spec.selector ?? { matchLabels: { [controllerUidLabel]: uid } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  }
}

export const jobStrategy = defineStrategy(jobs, {
  subresources: ['status'],
  orphansByDefault: true,
  prepareForCreate: (job) => ({ ...withSelector(job), status: {} }),
  prepareForUpdate: (job, old) => withFieldOf(job, old, 'status'),
  prepareForStatusUpdate: (job, old) => withFieldOf(job, old, 'spec'),
  raisesGeneration: (job, old) => !semanticEqual('Job', { spec: job.spec }, { spec: old.spec }),
})
