import { invalidValue, requiredValue, unsupportedValue } from '../field-errors.ts'
import type { Job, JobSpec, JobStatus, PodTemplateSpec } from '../generated/types.ts'
import { compileLabelSelector, matchesLabels } from '../labels.ts'
import { controllerUidLabel, jobNameLabel } from '../names.ts'
import { dns1123SubdomainErrors } from '../string-formats.ts'
import { validatePodFailurePolicy } from './job-failure-policy.ts'
import { validateSuccessPolicy } from './job-success-policy.ts'
import type { KindRules } from './kind-rules.ts'
import { labelsValue, selectorValue, validateLabelSelector } from './label-selector.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { validatePodTemplate } from './pod-template.ts'
import { podSpecWarnings } from './pod-warnings.ts'
import { type Errors, isSame, nonNegative, unchanged, word } from './rules.ts'

const indexedParallelismMax = 100_000

export const jobRules: KindRules<Job> = {
  create: (job) => [
    ...validateObjectMeta(job.metadata, { namespaced: true, name: dns1123SubdomainErrors }),
    ...validateGeneratedSelector(job),
    ...validateSpec(job.spec),
  ],
  update: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateSpec(next.spec),
    ...validateSpecUpdate(next, previous),
  ],
  statusUpdate: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateStatus(next.status),
  ],
  warnings: ({ spec }) => podSpecWarnings(spec?.template, 'spec.template'),
}

/** A selector that nobody asked to write by hand is the server's, and selects this Job's pods. */
function validateGeneratedSelector({ metadata, spec }: Job): Errors {
  if (spec?.manualSelector || spec?.selector === undefined) return []
  if (validateLabelSelector('spec.selector', spec.selector).length > 0) return []
  const { uid = '', name = '' } = metadata
  const own = {
    'controller-uid': uid,
    'job-name': name,
    [controllerUidLabel]: uid,
    [jobNameLabel]: name,
  }
  if (matchesLabels(spec.selector, own)) return []
  return [
    invalidValue('spec.selector', selectorValue(spec.selector), '`selector` not auto-generated'),
  ]
}

function validateSpec(spec: JobSpec | undefined): Errors {
  if (!spec) return [requiredValue('spec.selector')]
  const { selector, template } = spec
  const labels = template.metadata?.labels
  const wrong = selector ? validateLabelSelector('spec.selector', selector) : []
  const isMatch =
    selector === undefined || wrong.length > 0 || compileLabelSelector(selector).matches(labels)
  const detail = '`selector` does not match template `labels`'
  return [
    ...validateJobSpec(spec, 'spec'),
    ...(selector ? wrong : [requiredValue('spec.selector')]),
    ...(isMatch
      ? []
      : [invalidValue('spec.template.metadata.labels', labels && labelsValue(labels), detail)]),
  ]
}

const counts = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
] as const

/** What holds for a Job and for the template of one: all but the selector. */
export function validateJobSpec(spec: JobSpec, path: string): Errors {
  const modes = ['NonIndexed', 'Indexed']
  return [
    ...counts.flatMap((field) => nonNegative(`${path}.${field}`, spec[field])),
    ...word(`${path}.completionMode`, spec.completionMode, modes),
    ...validateIndexed(spec, path),
    ...(spec.podFailurePolicy
      ? validatePodFailurePolicy(spec.podFailurePolicy, spec, `${path}.podFailurePolicy`)
      : []),
    ...validateSuccessPolicy(spec, `${path}.successPolicy`),
    ...validateReplacementPolicy(spec, `${path}.podReplacementPolicy`),
    ...validatePodTemplate(spec.template, `${path}.template`),
    ...validateRestartPolicy(spec, `${path}.template.spec.restartPolicy`),
  ]
}

function validateIndexed(spec: JobSpec, path: string): Errors {
  const { backoffLimitPerIndex, completionMode, maxFailedIndexes, parallelism = 0 } = spec
  const errors = []
  if (completionMode === 'Indexed') {
    if (spec.completions === undefined) {
      errors.push(requiredValue(`${path}.completions`, 'when completion mode is Indexed'))
    }
    if (parallelism > indexedParallelismMax) {
      const detail = `must be less than or equal to ${indexedParallelismMax} when completion mode is Indexed`
      errors.push(invalidValue(`${path}.parallelism`, parallelism, detail))
    }
  } else if (backoffLimitPerIndex !== undefined) {
    const detail = 'requires indexed completion mode'
    errors.push(invalidValue(`${path}.backoffLimitPerIndex`, backoffLimitPerIndex, detail))
  }
  if (maxFailedIndexes !== undefined && backoffLimitPerIndex === undefined) {
    const detail = 'when maxFailedIndexes is specified'
    errors.push(requiredValue(`${path}.backoffLimitPerIndex`, detail))
  }
  return errors
}

function validateReplacementPolicy(spec: JobSpec, path: string): Errors {
  const policies = spec.podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed']
  return word(path, spec.podReplacementPolicy, policies)
}

function validateRestartPolicy({ template, podFailurePolicy }: JobSpec, path: string): Errors {
  const policy = template.spec?.restartPolicy ?? ''
  if (policy === '' || policy === 'Always') {
    return [requiredValue(path, 'valid values: "OnFailure", "Never"')]
  }
  if (policy !== 'OnFailure' && policy !== 'Never') {
    return [unsupportedValue(path, policy, ['OnFailure', 'Never'])]
  }
  if (podFailurePolicy === undefined || policy === 'Never') return []
  const detail = 'only "Never" is supported when podFailurePolicy is specified'
  return [invalidValue(path, policy, detail)]
}

function validateSpecUpdate({ spec: next }: Job, { spec: previous, status }: Job): Errors {
  if (!next || !previous) return []
  const isElastic = next.completionMode === 'Indexed' && next.completions === next.parallelism
  const mayPlace = previous.suspend === true && status?.startTime === undefined
  const template = mayPlace ? withPlacementOf(next.template, previous.template) : next.template
  return [
    ...(isElastic ? [] : unchanged('spec.completions', next.completions, previous.completions)),
    ...unchanged('spec.selector', next.selector, previous.selector),
    ...(isSame(template, previous.template)
      ? []
      : unchanged('spec.template', next.template, previous.template)),
    ...unchanged('spec.completionMode', next.completionMode, previous.completionMode),
    ...unchanged('spec.podFailurePolicy', next.podFailurePolicy, previous.podFailurePolicy),
    ...unchanged(
      'spec.backoffLimitPerIndex',
      next.backoffLimitPerIndex,
      previous.backoffLimitPerIndex,
    ),
    ...unchanged('spec.managedBy', next.managedBy, previous.managedBy),
    ...unchanged('spec.successPolicy', next.successPolicy, previous.successPolicy),
  ]
}

/** What may still be said of where pods go, while a suspended Job has not made any. */
function withPlacementOf(template: PodTemplateSpec, source: PodTemplateSpec): PodTemplateSpec {
  const { nodeSelector, tolerations, schedulingGates, affinity } = source.spec ?? {}
  const { labels, annotations } = source.metadata ?? {}
  return {
    ...template,
    metadata: { ...template.metadata, labels, annotations },
    spec: {
      ...template.spec,
      containers: template.spec?.containers ?? [],
      nodeSelector,
      tolerations,
      schedulingGates,
      affinity,
    },
  }
}

function validateStatus(status: JobStatus = {}): Errors {
  return (['active', 'succeeded', 'failed', 'ready', 'terminating'] as const).flatMap((field) =>
    nonNegative(`status.${field}`, status[field]),
  )
}
