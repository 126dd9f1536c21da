import { invalidValue } from './field-errors.ts'
import { compareText, type LabelOperator, type LabelRequirement } from './label-requirement.ts'
import { badRequest, type FieldError } from './status-error.ts'
import { labelValueErrors, qualifiedNameErrors } from './string-formats.ts'

interface Token {
  readonly text: string
  readonly isWord: boolean
}

const end: Token = { text: '', isWord: false }
const symbols = ['==', '!=', '=', '!', '>', '<', '(', ')', ',']
const binaryOperators: Readonly<Record<string, LabelOperator>> = {
  in: 'in',
  notin: 'notin',
  '=': '=',
  '==': '==',
  '!=': '!=',
  '>': 'gt',
  '<': 'lt',
}

/**
 * The requirements of a selector's text, in the order written (H-11). Throws 400 with upstream's
 * text.
 */
export function parseRequirements(text: string): readonly LabelRequirement[] {
  const tokens = new Tokens(text)
  const requirements: LabelRequirement[] = []
  while (tokens.next !== end) {
    if (!tokens.next.isWord && tokens.next.text !== '!') {
      throw unexpected(tokens.next, "!, identifier, or 'end of string'")
    }
    requirements.push(parseRequirement(tokens))
    const separator = tokens.take()
    if (separator === end) break
    if (separator.text !== ',') throw unexpected(separator, "',' or 'end of string'")
    if (!tokens.next.isWord && tokens.next.text !== '!') {
      throw unexpected(tokens.next, "identifier after ','")
    }
  }
  return requirements
}

class Tokens {
  readonly #tokens: readonly Token[]
  #position = 0

  constructor(text: string) {
    const pieces = text.match(/==|!=|[=!><(),]|[^\s=!><(),]+/g) ?? []
    this.#tokens = pieces.map((piece) => ({ text: piece, isWord: !symbols.includes(piece) }))
  }

  get next(): Token {
    return this.#tokens[this.#position] ?? end
  }

  take(): Token {
    const token = this.next
    this.#position++
    return token
  }
}

function unexpected(token: Token, expected: string): Error {
  return badRequest(`found '${token.text}', expected: ${expected}`)
}

function parseRequirement(tokens: Tokens): LabelRequirement {
  const isNegated = tokens.next.text === '!'
  if (isNegated) tokens.take()
  const key = tokens.take()
  if (!key.isWord) throw inRequirement(`found '${key.text}', expected: identifier`)
  const keyErrors = qualifiedNameErrors(key.text)
  if (keyErrors.length > 0) {
    throw inRequirement(errorText([invalidValue('<nil>', key.text, keyErrors.join('; '))]))
  }
  if (isNegated) return { key: key.text, operator: '!', values: [] }
  if (tokens.next === end || tokens.next.text === ',') {
    return { key: key.text, operator: 'exists', values: [] }
  }
  return checked(key.text, parseOperator(tokens), tokens)
}

function parseOperator(tokens: Tokens): LabelOperator {
  const token = tokens.take()
  const operator = Object.hasOwn(binaryOperators, token.text) && binaryOperators[token.text]
  if (operator) return operator
  throw inRequirement(`found '${token.text}', expected: in, notin, =, ==, !=, gt, lt`)
}

function checked(key: string, operator: LabelOperator, tokens: Tokens): LabelRequirement {
  const isSet = operator === 'in' || operator === 'notin'
  const values = isSet ? parseValues(tokens) : [parseExactValue(tokens)]
  const errors: FieldError[] = []
  if (operator === 'gt' || operator === 'lt') {
    const detail = "for 'Gt', 'Lt' operators, the value must be an integer"
    const isInteger = /^[-+]?\d+$/.test(values[0] as string)
    if (!isInteger) errors.push(invalidValue('values[0]', values[0], detail))
  }
  values.forEach((value, index) => {
    const wrong = labelValueErrors(value)
    if (wrong.length > 0) {
      errors.push(invalidValue(`values[${index}][${key}]`, value, wrong.join('; ')))
    }
  })
  if (errors.length > 0) throw inRequirement(errorText(errors))
  return { key, operator, values }
}

function parseExactValue(tokens: Tokens): string {
  if (tokens.next === end || tokens.next.text === ',') return ''
  const token = tokens.take()
  if (!token.isWord) throw inRequirement(`found '${token.text}', expected: identifier`)
  return token.text
}

/** `(a,b)`; between two commas, and in `()`, stands the empty value. */
function parseValues(tokens: Tokens): readonly string[] {
  const open = tokens.take()
  if (open.text !== '(') throw inRequirement(`found '${open.text}' expected: '('`)
  if (!tokens.next.isWord && tokens.next.text !== ',' && tokens.next.text !== ')') {
    throw inRequirement(`found '${tokens.next.text}', expected: ',', ')' or identifier`)
  }
  const values = new Set<string>()
  let current = ''
  for (;;) {
    const token = tokens.take()
    if (token.isWord && current === '') {
      current = token.text
      continue
    }
    if (token.text !== ',' && token.text !== ')') {
      const expected = current === '' ? "',', or identifier" : "',' or ')'"
      throw inRequirement(`found '${token.text}', expected: ${expected}`)
    }
    values.add(current)
    if (token.text === ')') return [...values].sort(compareText)
    current = ''
  }
}

function inRequirement(text: string): Error {
  return badRequest(`unable to parse requirement: ${text}`)
}

function errorText(errors: readonly FieldError[]): string {
  const texts = errors.map((error) => `${error.field}: ${error.body}`)
  return texts.length === 1 ? (texts[0] as string) : `[${texts.join(', ')}]`
}
