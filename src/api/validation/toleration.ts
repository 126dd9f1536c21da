import { invalidValue, unsupportedValue } from '../field-errors.ts'
import type { Taint, Toleration } from '../generated/types.ts'
import { labelValueErrors, qualifiedNameErrors } from '../string-formats.ts'
import { type Errors, each, formatted, requiredWord, word } from './rules.ts'

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

export function validateTolerations(
  tolerations: readonly Toleration[] | undefined,
  path: string,
): Errors {
  return each(path, tolerations, (toleration, at) => {
    const { key = '', operator = '', effect = '', tolerationSeconds } = toleration
    const errors = key === '' ? [] : [...formatted(`${at}.key`, key, qualifiedNameErrors)]
    if (key === '' && operator !== 'Exists') {
      const detail =
        'operator must be Exists when `key` is empty, which means "match all values and all keys"'
      errors.push(invalidValue(`${at}.operator`, operator, detail))
    }
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      const detail = "effect must be 'NoExecute' when `tolerationSeconds` is set"
      errors.push(invalidValue(`${at}.effect`, effect, detail))
    }
    errors.push(...validateOperator(toleration, `${at}.operator`))
    return effect === '' ? errors : [...errors, ...word(`${at}.effect`, effect, effects)]
  })
}

function validateOperator({ operator = '', value = '' }: Toleration, path: string): Errors {
  if (operator === 'Equal' || operator === '') {
    const wrong = labelValueErrors(value)
    return wrong.length > 0 ? [invalidValue(path, value, wrong.join(';'))] : []
  }
  if (operator !== 'Exists') return [unsupportedValue(path, operator, ['Equal', 'Exists'])]
  if (value === '') return []
  return [invalidValue(path, value, "value must be empty when `operator` is 'Exists'")]
}

/** A node's taints, unique by key and effect. */
export function validateTaints(taints: readonly Taint[] | undefined, path: string): Errors {
  const taken = new Set<string>()
  return each(path, taints, (taint, at) => {
    const { key, value = '', effect } = taint
    const wrong = labelValueErrors(value)
    const errors = [
      ...formatted(`${at}.key`, key ?? '', qualifiedNameErrors),
      ...(wrong.length > 0 ? [invalidValue(`${at}.value`, value, wrong.join(';'))] : []),
      ...requiredWord(`${at}.effect`, effect, effects),
    ]
    const pair = `${key}:${effect}`
    if (taken.has(pair)) errors.push(duplicateTaint(taint, at))
    taken.add(pair)
    return errors
  })
}

function duplicateTaint({ key, value = '', effect, timeAdded }: Taint, path: string) {
  const shown = JSON.stringify({
    Key: key,
    Value: value,
    Effect: effect,
    TimeAdded: timeAdded ?? null,
  })
  const body = `Duplicate value: ${shown}: taints must be unique by key and effect pair`
  return { reason: 'FieldValueDuplicate', field: path, body }
}
