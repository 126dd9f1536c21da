import { scheduleError } from '../cron-schedule.ts'
import { invalidValue, requiredValue, unsupportedValue } from '../field-errors.ts'
import type { CronJob, CronJobSpec, JobTemplateSpec } from '../generated/types.ts'
import { byteLength, dns1123SubdomainErrors } from '../string-formats.ts'
import { validateJobSpec } from './job.ts'
import type { KindRules } from './kind-rules.ts'
import { selectorValue, validateLabels } from './label-selector.ts'
import { validateAnnotations, validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { podSpecWarnings } from './pod-warnings.ts'
import { type Errors, nonNegative, requiredWord } from './rules.ts'

/** A Job's name is the CronJob's and eleven characters more. */
const nameBytesMax = 52

export const cronJobRules: KindRules<CronJob> = {
  create: (cronJob) => [
    ...validateObjectMeta(cronJob.metadata, { namespaced: true, name: dns1123SubdomainErrors }),
    ...validateSpec(cronJob.spec, undefined),
    ...validateNameLength(cronJob.metadata.name ?? ''),
  ],
  update: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateSpec(next.spec, previous.spec),
  ],
  warnings: ({ spec }) =>
    podSpecWarnings(spec?.jobTemplate.spec?.template, 'spec.jobTemplate.spec.template'),
  notDone:
    'cronjobs are kept as data here: no Job is started by the schedule; start one with "kubectl create job --from=cronjob/NAME NAME"',
}

function validateNameLength(name: string): Errors {
  if (byteLength(name) <= nameBytesMax) return []
  const detail = `must be no more than ${nameBytesMax} characters`
  return [invalidValue('metadata.name', name, detail)]
}

function validateSpec(spec: CronJobSpec | undefined, previous: CronJobSpec | undefined): Errors {
  if (!spec) return [requiredValue('spec.schedule')]
  const { timeZone, concurrencyPolicy } = spec
  return [
    ...validateSchedule(spec, previous),
    ...nonNegative('spec.startingDeadlineSeconds', spec.startingDeadlineSeconds),
    ...(timeZone === previous?.timeZone ? [] : validateTimeZone(timeZone)),
    ...requiredWord('spec.concurrencyPolicy', concurrencyPolicy, ['Allow', 'Forbid', 'Replace']),
    ...validateJobTemplate(spec.jobTemplate, 'spec.jobTemplate'),
    ...nonNegative('spec.successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit),
    ...nonNegative('spec.failedJobsHistoryLimit', spec.failedJobsHistoryLimit),
  ]
}

function validateSchedule(spec: CronJobSpec, previous: CronJobSpec | undefined): Errors {
  const { schedule, timeZone } = spec
  const path = 'spec.schedule'
  if (!schedule) return [requiredValue(path)]
  const errors: Errors = zoneInSchedule(schedule, timeZone, previous).map((detail) =>
    invalidValue(path, schedule, detail),
  )
  const wrong = scheduleError(schedule)
  return wrong === undefined ? errors : [...errors, invalidValue(path, schedule, wrong)]
}

/** A zone has a field of its own; one in an old schedule may stay where it is. */
function zoneInSchedule(
  schedule: string,
  timeZone: string | undefined,
  previous: CronJobSpec | undefined,
): readonly string[] {
  if (!schedule.includes('TZ')) return []
  if (timeZone !== undefined) {
    return ['cannot use both timeZone field and TZ or CRON_TZ in schedule']
  }
  if (previous?.schedule.includes('TZ')) return []
  return ['cannot use TZ or CRON_TZ in schedule, use timeZone field instead']
}

function isKnownZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}

function validateTimeZone(timeZone: string | undefined): Errors {
  const path = 'spec.timeZone'
  if (timeZone === undefined) return []
  if (timeZone === '') {
    return [invalidValue(path, timeZone, 'timeZone must be nil or non-empty string')]
  }
  if (timeZone.toLowerCase() === 'local') {
    const detail =
      'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'
    return [invalidValue(path, timeZone, detail)]
  }
  return isKnownZone(timeZone)
    ? []
    : [invalidValue(path, timeZone, `unknown time zone ${timeZone}`)]
}

function validateJobTemplate({ metadata, spec }: JobTemplateSpec, path: string): Errors {
  const own = [
    ...validateLabels(`${path}.metadata.labels`, metadata?.labels),
    ...validateAnnotations(`${path}.metadata.annotations`, metadata?.annotations),
  ]
  if (!spec) return own
  const errors = [...own, ...validateJobSpec(spec, `${path}.spec`)]
  if (spec.selector) {
    const shown = selectorValue(spec.selector)
    const detail = '`selector` will be auto-generated'
    errors.push(invalidValue(`${path}.spec.selector`, shown, detail))
  }
  if (spec.manualSelector) {
    errors.push(unsupportedValue(`${path}.spec.manualSelector`, true, ['nil', 'false']))
  }
  return errors
}
