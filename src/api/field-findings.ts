import type { FieldSchema, ModelSchema } from './schema.ts'

/** What an object or array in the text is, as far as its members matter. */
type Expected = ModelSchema | Collection | undefined

interface Collection {
  readonly element: Expected
}

const findingsMax = 100

function expectedOf({ shape, element }: FieldSchema): Expected {
  const inner = typeof element === 'object' ? element : undefined
  if (shape === 'one') return inner
  return shape === 'map-of-lists' ? { element: { element: inner } } : { element: inner }
}

function isModel(expected: ModelSchema | Collection): expected is ModelSchema {
  return 'fields' in expected
}

/** Walks JSON text that is known to be well formed. */
class FieldScanner {
  readonly findings = new Set<string>()
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(expected: Expected, path: string): void {
    this.#space()
    const first = this.#text[this.#at]
    if (expected !== undefined && first === '{') this.#object(expected, path)
    else if (expected !== undefined && first === '[') this.#array(expected, path)
    else this.#skip()
  }

  #object(expected: ModelSchema | Collection, path: string): void {
    const seen = new Set<string>()
    this.#members('}', () => {
      const key = this.#key()
      const memberPath = path === '' ? key : `${path}.${key}`
      const field = isModel(expected) ? expected.fields.get(key) : undefined
      const isUnknown = isModel(expected) && field === undefined
      if (isUnknown) this.#add(`unknown field ${JSON.stringify(memberPath)}`)
      else if (seen.has(key)) this.#add(`duplicate field ${JSON.stringify(memberPath)}`)
      seen.add(key)
      const inner = isModel(expected) ? field && expectedOf(field) : expected.element
      this.value(inner, memberPath)
    })
  }

  #array(expected: ModelSchema | Collection, path: string): void {
    const element = isModel(expected) ? undefined : expected.element
    let index = 0
    this.#members(']', () => {
      this.value(element, `${path}[${index}]`)
      index += 1
    })
  }

  /** From an opening bracket to behind the closing one; `member` reads up to a comma or the end. */
  #members(closing: string, member: () => void): void {
    this.#at += 1
    this.#space()
    while (this.#text[this.#at] !== closing) {
      member()
      this.#space()
      if (this.#text[this.#at] === ',') this.#at += 1
      this.#space()
    }
    this.#at += 1
  }

  #key(): string {
    this.#space()
    const start = this.#at
    this.#string()
    const key = JSON.parse(this.#text.slice(start, this.#at)) as string
    this.#space()
    this.#at += 1
    return key
  }

  #string(): void {
    this.#at += 1
    for (let c = this.#text[this.#at]; c !== '"'; c = this.#text[this.#at]) {
      this.#at += c === '\\' ? 2 : 1
    }
    this.#at += 1
  }

  /** Over one value of whatever form and depth. */
  #skip(): void {
    let depth = 0
    do {
      this.#space()
      const c = this.#text[this.#at] ?? ''
      if (c === '"') this.#string()
      else if ('{[}],:'.includes(c)) this.#at += 1
      else this.#literal()
      if (c === '{' || c === '[') depth += 1
      if (c === '}' || c === ']') depth -= 1
    } while (depth > 0)
  }

  #literal(): void {
    while (this.#at < this.#text.length && !' \t\n\r,}]'.includes(this.#text[this.#at] ?? '')) {
      this.#at += 1
    }
  }

  #space(): void {
    while (' \t\n\r'.includes(this.#text[this.#at] ?? 'end')) this.#at += 1
  }

  #add(finding: string): void {
    if (this.findings.size < findingsMax) this.findings.add(finding)
  }
}

/**
 * What strict decoding has to say about well-formed JSON text of a model: fields the model
 * does not have and keys given twice, in the order of the text, each once, the first hundred.
 */
export function fieldFindings(schema: ModelSchema, text: string): readonly string[] {
  const scanner = new FieldScanner(text)
  scanner.value(schema, '')
  return [...scanner.findings]
}
