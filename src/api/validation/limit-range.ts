import { duplicateValue, forbiddenValue, invalidValue, requiredValue } from '../field-errors.ts'
import type { LimitRange, LimitRangeItem } from '../generated/types.ts'
import { compareQuantities, formatQuantity, parseQuantity, type Quantity } from '../quantity.ts'
import { dns1123SubdomainErrors, qualifiedNameErrors } from '../string-formats.ts'
import type { KindRules } from './kind-rules.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { isOvercommitAllowed, validateResourceName } from './resources.ts'
import { type Errors, each, formatted } from './rules.ts'

const types = ['Pod', 'Container', 'PersistentVolumeClaim']

export const limitRangeRules: KindRules<LimitRange> = {
  create: (range) => [
    ...validateObjectMeta(range.metadata, { namespaced: true, name: dns1123SubdomainErrors }),
    ...validateLimits(range),
  ],
  update: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateLimits(next),
  ],
}

function validateLimits({ spec }: LimitRange): Errors {
  const seen = new Set<string>()
  return each('spec.limits', spec?.limits, (item, path) => {
    const repeated = seen.has(item.type) ? [duplicateValue(`${path}.type`, item.type)] : []
    seen.add(item.type)
    return [...validateType(item.type, `${path}.type`), ...repeated, ...validateItem(item, path)]
  })
}

function validateType(type: string, path: string): Errors {
  const errors = formatted(path, type, qualifiedNameErrors)
  if (errors.length > 0 || type.includes('/') || types.includes(type)) return errors
  return [invalidValue(path, type, 'must be a standard limit type or fully qualified')]
}

const members = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const

function validateItem(item: LimitRangeItem, path: string): Errors {
  const isPod = item.type === 'Pod'
  const errors = members.flatMap((member) => {
    const names = Object.keys(item[member] ?? {}).sort()
    if (isPod && (member === 'default' || member === 'defaultRequest')) {
      const detail = "may not be specified when `type` is 'Pod'"
      return names.length > 0 ? [forbiddenValue(`${path}.${member}`, detail)] : []
    }
    const kind = isPod || item.type === 'Container' ? 'container' : 'any'
    return names.flatMap((name) => validateResourceName(name, `${path}.${member}[${name}]`, kind))
  })
  return [...errors, ...validateClaim(item, path), ...validateAmounts(item, path)]
}

function validateClaim({ type, min, max }: LimitRangeItem, path: string): Errors {
  if (type !== 'PersistentVolumeClaim' || min?.storage || max?.storage) return []
  const detail = 'either minimum or maximum storage value is required, but neither was provided'
  return [requiredValue(`${path}.limits`, detail)]
}

function validateAmounts(item: LimitRangeItem, path: string): Errors {
  const isPod = item.type === 'Pod'
  const counted = isPod ? (['max', 'min', 'maxLimitRequestRatio'] as const) : members
  const names = new Set(counted.flatMap((member) => Object.keys(item[member] ?? {})))
  return [...names].sort().flatMap((name) => {
    const amount = (member: (typeof members)[number]) => {
      const amounts = isPod && member.startsWith('default') ? {} : (item[member] ?? {})
      const text = Object.hasOwn(amounts, name) ? amounts[name] : undefined
      return text === undefined ? undefined : parseQuantity(text)
    }
    const at = (member: string) => `${path}.${member}[${name}]`
    return [
      ...validateOrder(amount, at),
      ...validateRatio(amount, at),
      ...validateExact(name, amount, at),
    ]
  })
}

type AmountOf = (member: (typeof members)[number]) => Quantity | undefined
type PathOf = (member: string) => string

const words = {
  max: 'max value',
  min: 'min value',
  default: 'default value',
  defaultRequest: 'default request value',
} as const

/** Pairs of which the first may not be above the second; the field and the value that are shown. */
const order = [
  ['min', 'max', 'min', 'min'],
  ['min', 'defaultRequest', 'defaultRequest', 'defaultRequest'],
  ['defaultRequest', 'max', 'defaultRequest', 'defaultRequest'],
  ['defaultRequest', 'default', 'defaultRequest', 'defaultRequest'],
  ['min', 'default', 'default', 'min'],
  ['default', 'max', 'default', 'max'],
] as const

function validateOrder(amount: AmountOf, at: PathOf): Errors {
  return order.flatMap(([lower, upper, field, shown]) => {
    const [low, high] = [amount(lower), amount(upper)]
    if (!low || !high || compareQuantities(low, high) <= 0) return []
    const isLimit = lower === 'defaultRequest' && upper === 'default'
    const other = isLimit ? 'default limit value' : words[upper]
    const detail = `${words[lower]} ${formatQuantity(low)} is greater than ${other} ${formatQuantity(high)}`
    return [invalidValue(at(field), textOf(amount(shown)), detail)]
  })
}

function textOf(quantity: Quantity | undefined): string {
  return quantity ? formatQuantity(quantity) : '0'
}

function validateRatio(amount: AmountOf, at: PathOf): Errors {
  const ratio = amount('maxLimitRequestRatio')
  if (!ratio) return []
  const [path, text] = [at('maxLimitRequestRatio'), formatQuantity(ratio)]
  const errors: Errors =
    ratio.nanos < 1_000_000_000n ? [invalidValue(path, text, `ratio ${text} is less than 1`)] : []
  const [min, max] = [amount('min'), amount('max')]
  if (!min?.nanos || !max) return errors
  const ceiling = Number(max.nanos) / Number(min.nanos)
  if (Number(ratio.nanos) / 1e9 <= ceiling) return errors
  const detail = `ratio ${text} is greater than max/min = ${ceiling.toFixed(6)}`
  return [...errors, invalidValue(path, text, detail)]
}

function validateExact(name: string, amount: AmountOf, at: PathOf): Errors {
  const [limit, request] = [amount('default'), amount('defaultRequest')]
  if (isOvercommitAllowed(name) || !limit || !request) return []
  if (compareQuantities(limit, request) === 0) return []
  const detail = `default value ${formatQuantity(limit)} must equal to defaultRequest value ${formatQuantity(request)} in ${name}`
  return [invalidValue(at('defaultRequest'), formatQuantity(request), detail)]
}
