import { isJsonObject, type JsonValue } from '../../api/json.ts'
import { type Node, type Operand, parseTemplate, type Step } from './json-path-parser.ts'
import { compactJson } from './json-text.ts'

/**
 * Compiles a template of `-o jsonpath=`. What is missing prints nothing. Throws CliError when it
 * cannot be parsed.
 */
export function jsonPathPrinter(template: string): (root: JsonValue) => string {
  const nodes = parseTemplate(template)
  return (root) => printNodes(nodes, { root, current: root })
}

interface Scope {
  readonly root: JsonValue
  readonly current: JsonValue
}

function printNodes(nodes: readonly Node[], scope: Scope): string {
  return nodes.map((node) => printNode(node, scope)).join('')
}

function printNode(node: Node, scope: Scope): string {
  switch (node.type) {
    case 'text':
      return node.text
    case 'path':
      return select(node.steps, scope).map(valueText).join(' ')
    case 'range':
      return select(node.steps, scope)
        .map((current) => printNodes(node.body, { ...scope, current }))
        .join('')
  }
}

function valueText(value: JsonValue): string {
  if (value === null) return ''
  return typeof value === 'object' ? compactJson(value) : String(value)
}

/** What a path selects, in order. */
export function select(steps: readonly Step[], { root, current }: Scope): readonly JsonValue[] {
  let values: readonly JsonValue[] = [current]
  for (const step of steps) {
    if (step.type === 'root') values = [root]
    else if (step.type === 'union') values = step.paths.flatMap((path) => each(path, values, root))
    else values = values.flatMap((value) => take(step, value, root))
  }
  return values
}

/** A path from each of several values: of a union, one path of all before the next. */
function each(path: readonly Step[], values: readonly JsonValue[], root: JsonValue) {
  return values.flatMap((current) => select(path, { root, current }))
}

type SingleStep = Exclude<Step, { readonly type: 'root' | 'union' }>

function take(step: SingleStep, value: JsonValue, root: JsonValue): readonly JsonValue[] {
  switch (step.type) {
    case 'field':
      return isJsonObject(value) ? present(value[step.name]) : []
    case 'wildcard':
      return members(value)
    case 'recursive':
      return withDescendants(value)
    case 'index':
      return Array.isArray(value) ? present(value.at(step.index)) : []
    case 'slice':
      return Array.isArray(value) ? sliced(value, step) : []
    case 'filter':
      return members(value).filter((current) => holds(step, { root, current }))
  }
}

function present(value: JsonValue | undefined): readonly JsonValue[] {
  return value === undefined ? [] : [value]
}

function members(value: JsonValue): readonly JsonValue[] {
  if (Array.isArray(value)) return value
  if (!isJsonObject(value)) return []
  return Object.keys(value)
    .sort()
    .flatMap((name) => present(value[name]))
}

function withDescendants(value: JsonValue): readonly JsonValue[] {
  return [value, ...members(value).flatMap(withDescendants)]
}

function sliced(
  list: readonly JsonValue[],
  { from, to, by }: Step & { readonly type: 'slice' },
): readonly JsonValue[] {
  return list.slice(from, to).filter((_, index) => index % Math.max(1, by) === 0)
}

function holds({ left, operator, right }: Step & { readonly type: 'filter' }, scope: Scope) {
  const [a] = operandValues(left, scope)
  if (operator === 'exists') return a !== undefined
  const [b] = right ? operandValues(right, scope) : []
  if (a === undefined || b === undefined || a === null || b === null) return false
  switch (operator) {
    case '==':
      return a === b
    case '!=':
      return a !== b
    case '<':
      return a < b
    case '>':
      return a > b
    case '<=':
      return a <= b
    default:
      return a >= b
  }
}

function operandValues(operand: Operand, scope: Scope): readonly JsonValue[] {
  return operand.type === 'value' ? [operand.value] : select(operand.steps, scope)
}
