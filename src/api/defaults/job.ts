import type { Job, JobSpec, JobTemplateSpec } from '../generated/types.ts'
import { change, changeEach, fill } from './copy-on-change.ts'
import { defaultPodTemplate } from './pod-template.ts'

const int32Max = 2_147_483_647

function defaultJobSpec(spec: JobSpec): JobSpec {
  const { backoffLimitPerIndex, completions, parallelism, podFailurePolicy } = spec
  const isPlain = completions === undefined && parallelism === undefined
  const filled = fill(spec, {
    completions: isPlain ? 1 : undefined,
    parallelism: 1,
    backoffLimit: backoffLimitPerIndex === undefined ? 6 : int32Max,
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: podFailurePolicy ? 'Failed' : 'TerminatingOrFailed',
    manualSelector: false,
  })
  return defaultInside(filled)
}

/** What lies deeper in the spec of a Job, or of the template of one. */
function defaultInside(spec: JobSpec): JobSpec {
  const withPolicy = change(spec, 'podFailurePolicy', (policy) =>
    change(policy, 'rules', (rules) =>
      changeEach(rules, (rule) =>
        change(rule, 'onPodConditions', (patterns) =>
          changeEach(patterns, (pattern) => fill(pattern, { status: 'True' })),
        ),
      ),
    ),
  )
  return change(withPolicy, 'template', defaultPodTemplate)
}

/** A template's own fields stay open until a Job is made of it. */
export function defaultJobTemplate(template: JobTemplateSpec): JobTemplateSpec {
  return change(template, 'spec', defaultInside)
}

/** A Job without labels has those of its pods. */
export function defaultJob(job: Job): Job {
  const { labels } = job.spec?.template.metadata ?? {}
  const isBare = Object.keys(job.metadata.labels ?? {}).length === 0
  const labelled =
    labels && isBare
      ? change(job, 'metadata', (metadata) => Object.freeze({ ...metadata, labels }))
      : job
  return change(labelled, 'spec', defaultJobSpec)
}
