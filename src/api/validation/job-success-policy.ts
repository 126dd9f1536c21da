import { invalidValue, requiredValue, tooLongValue, tooManyItems } from '../field-errors.ts'
import type { JobSpec, SuccessPolicyRule } from '../generated/types.ts'
import { type Errors, each, nonNegative } from './rules.ts'

const rulesMax = 20
const indexesLengthMax = 64 * 1024

/** When an Indexed Job has succeeded before all its indexes have (batch/v1). */
export function validateSuccessPolicy(spec: JobSpec, path: string): Errors {
  const { successPolicy, completionMode, completions = 0 } = spec
  if (!successPolicy) return []
  if (completionMode !== 'Indexed') {
    return [invalidValue(path, successPolicy, 'requires indexed completion mode')]
  }
  const { rules = [] } = successPolicy
  const missing = 'at least one rules must be specified when the successPolicy is specified'
  return [
    ...(rules.length === 0 ? [requiredValue(`${path}.rules`, missing)] : []),
    ...(rules.length > rulesMax ? [tooManyItems(`${path}.rules`, rules.length, rulesMax)] : []),
    ...each(`${path}.rules`, rules, (rule, at) => validateRule(rule, at, completions)),
  ]
}

function validateRule(rule: SuccessPolicyRule, path: string, completions: number): Errors {
  const { succeededCount, succeededIndexes } = rule
  if (succeededCount === undefined && succeededIndexes === undefined) {
    const detail = 'at least one of succeededCount or succeededIndexes must be specified'
    return [requiredValue(path, detail)]
  }
  const indexes = countIndexes(succeededIndexes ?? '', completions)
  const isTooLong = (succeededIndexes ?? '').length > indexesLengthMax
  const indexesPath = `${path}.succeededIndexes`
  const detail = `error parsing succeededIndexes: ${indexes.error}`
  return [
    ...(isTooLong ? [tooLongValue(indexesPath, indexesLengthMax)] : []),
    ...(indexes.error ? [invalidValue(indexesPath, succeededIndexes, detail)] : []),
    ...validateCount(rule, `${path}.succeededCount`, { completions, named: indexes.count }),
  ]
}

function validateCount(
  { succeededCount, succeededIndexes }: SuccessPolicyRule,
  path: string,
  { completions, named }: { readonly completions: number; readonly named: number },
): Errors {
  if (succeededCount === undefined) return []
  const atMost = (count: number, what: string) =>
    succeededCount > count
      ? [invalidValue(path, succeededCount, `must be less than or equal to ${count} (${what})`)]
      : []
  return [
    ...nonNegative(path, succeededCount),
    ...atMost(completions, 'the number of specified completions'),
    ...(succeededIndexes === undefined
      ? []
      : atMost(named, 'the number of indexes in the specified succeededIndexes field')),
  ]
}

/** How many indexes `0,3-5` names, or what is wrong with it; then it names none. */
function countIndexes(text: string, completions: number) {
  let count = 0
  let last: number | undefined
  for (const part of text === '' ? [] : text.split(',')) {
    const { first, end, error } = parseInterval(part, completions)
    if (error !== undefined) return { count: 0, error }
    if (last !== undefined && last >= first) {
      return { count: 0, error: `non-increasing order, previous: ${last}, current: ${first}` }
    }
    count += end - first + 1
    last = end
  }
  return { count, error: undefined }
}

function parseInterval(part: string, completions: number) {
  const limits = part.split('-')
  const wrong = (error: string) => ({ first: 0, end: 0, error })
  if (limits.length > 2) {
    return wrong(
      `the fragment ${JSON.stringify(part)} violates the requirement that an index interval can have at most two parts separated by '-'`,
    )
  }
  for (const limit of limits) {
    if (!/^\d+$/.test(limit)) {
      return wrong(`cannot convert string to integer for index: ${JSON.stringify(limit)}`)
    }
    if (Number(limit) >= completions) return wrong(`too large index: ${JSON.stringify(limit)}`)
  }
  const [first = 0, end = first] = limits.map(Number)
  return limits.length === 2 && first >= end
    ? wrong(`non-increasing order, previous: ${first}, current: ${end}`)
    : { first, end, error: undefined }
}
