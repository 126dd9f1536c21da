import { forbiddenValue } from '../field-errors.ts'
import type { PriorityClass } from '../generated/types.ts'
import { systemPriorityClasses } from '../priority-classes.ts'
import { dns1123SubdomainErrors } from '../string-formats.ts'
import type { KindRules } from './kind-rules.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { type Errors, unchanged, word } from './rules.ts'

const systemPrefix = 'system-'
const userValueMax = 1_000_000_000

export const priorityClassRules: KindRules<PriorityClass> = {
  create: (priorityClass) => [
    ...validateObjectMeta(priorityClass.metadata, {
      namespaced: false,
      name: dns1123SubdomainErrors,
    }),
    ...validateReserved(priorityClass),
    ...word('preemptionPolicy', priorityClass.preemptionPolicy, ['PreemptLowerPriority', 'Never']),
  ],
  update: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...(next.value === previous.value
      ? []
      : [forbiddenValue('value', 'may not be changed in an update.')]),
    ...unchanged('preemptionPolicy', next.preemptionPolicy, previous.preemptionPolicy),
  ],
}

/** Names of the system, and values above all of users', are for the built-in classes. */
function validateReserved(priorityClass: PriorityClass): Errors {
  const { metadata, value } = priorityClass
  if (metadata.name?.startsWith(systemPrefix)) {
    const why = whyUnknown(priorityClass)
    if (why === undefined) return []
    const detail = `priority class names with '${systemPrefix}' prefix are reserved for system use only. error: ${why}`
    return [forbiddenValue('metadata.name', detail)]
  }
  if (value <= userValueMax) return []
  const detail = `maximum allowed value of a user defined priority is ${userValueMax}`
  return [forbiddenValue('value', detail)]
}

function whyUnknown({ metadata, value, globalDefault }: PriorityClass): string | undefined {
  const known = systemPriorityClasses.find((one) => one.metadata.name === metadata.name)
  if (!known) return `${metadata.name} is not a known system priority class`
  if (known.value !== value) return `value of ${metadata.name} PriorityClass must be ${known.value}`
  return globalDefault ? `globalDefault of ${metadata.name} PriorityClass must be false` : undefined
}
