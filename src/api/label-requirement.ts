export type Labels = { readonly [key: string]: string }

export type LabelOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt'

/**
 * One condition on one label; `values` has one element for `= == != gt lt`, none for `exists !`.
 */
export interface LabelRequirement {
  readonly key: string
  readonly operator: LabelOperator
  readonly values: readonly string[]
}

export type Condition = (labels: Labels) => boolean

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

export function conditionOf({ key, operator, values }: LabelRequirement): Condition {
  const present: Condition = (labels) => Object.hasOwn(labels, key)
  switch (operator) {
    case '=':
    case '==': {
      const [wanted] = values
      return (labels) => present(labels) && labels[key] === wanted
    }
    case 'in':
      return (labels) => present(labels) && values.includes(labels[key] as string)
    case '!=':
    case 'notin':
      return (labels) => !present(labels) || !values.includes(labels[key] as string)
    case 'exists':
      return present
    case '!':
      return (labels) => !present(labels)
    case 'gt':
    case 'lt':
      return comparison(key, operator, values[0] as string)
  }
}

function comparison(key: string, operator: 'gt' | 'lt', limitText: string): Condition {
  const limit = BigInt(limitText)
  return (labels) => {
    const text = labels[key]
    if (typeof text !== 'string' || !/^[-+]?\d+$/.test(text)) return false
    const value = BigInt(text.replace('+', ''))
    return operator === 'gt' ? value > limit : value < limit
  }
}

export function requirementText({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case 'exists':
      return key
    case '!':
      return `!${key}`
    case 'in':
    case 'notin':
      return `${key} ${operator} (${[...values].sort(compareText).join(',')})`
    case 'gt':
      return `${key}>${values[0]}`
    case 'lt':
      return `${key}<${values[0]}`
    default:
      return `${key}${operator}${values[0]}`
  }
}
