import type { JsonValue } from '../../api/json.ts'
import { CliError } from '../cli-error.ts'

/** A piece of a JSONPath template. */
export type Node =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'path'; readonly steps: readonly Step[] }
  | { readonly type: 'range'; readonly steps: readonly Step[]; readonly body: readonly Node[] }

/** One step of a path. */
export type Step =
  | { readonly type: 'root' }
  | { readonly type: 'field'; readonly name: string }
  | { readonly type: 'wildcard' }
  | { readonly type: 'recursive' }
  | { readonly type: 'slice'; readonly from?: number; readonly to?: number; readonly by: number }
  | { readonly type: 'index'; readonly index: number }
  | { readonly type: 'union'; readonly paths: readonly (readonly Step[])[] }
  | {
      readonly type: 'filter'
      readonly left: Operand
      readonly operator: string
      readonly right?: Operand
    }

export type Operand =
  | { readonly type: 'value'; readonly value: JsonValue }
  | { readonly type: 'path'; readonly steps: readonly Step[] }

/** Parses a template such as `{range .items[*]}{.metadata.name}{"\n"}{end}`. Throws CliError. */
export function parseTemplate(template: string): readonly Node[] {
  const stack: { steps: readonly Step[]; nodes: Node[] }[] = [{ steps: [], nodes: [] }]
  const add = (node: Node) => stack.at(-1)?.nodes.push(node)
  for (const piece of piecesOf(template)) {
    if (piece.isText) {
      add({ type: 'text', text: piece.text })
      continue
    }
    const action = piece.text.trim()
    if (action === 'end') {
      const range = stack.pop()
      if (!range || stack.length === 0) throw fail(template, 'not in range, nothing to end')
      add({ type: 'range', steps: range.steps, body: range.nodes })
    } else if (/^range\s/.test(action)) {
      stack.push({ steps: new PathParser(template, action.slice(5).trim()).path(), nodes: [] })
    } else for (const node of actionNodes(template, action)) add(node)
  }
  if (stack.length > 1) throw fail(template, 'unexpected EOF, expected {end}')
  return stack[0]?.nodes ?? []
}

/** The steps of a path as custom columns write it, without braces: `.metadata.name`. */
export function parsePath(path: string): readonly Step[] {
  return new PathParser(path, path).path()
}

function fail(template: string, why: string): CliError {
  return new CliError(`error parsing jsonpath ${template}, ${why}`)
}

interface Piece {
  readonly isText: boolean
  readonly text: string
}

function piecesOf(template: string): readonly Piece[] {
  const pieces: Piece[] = []
  let position = 0
  while (position < template.length) {
    const open = template.indexOf('{', position)
    const textEnd = open < 0 ? template.length : open
    if (textEnd > position) {
      pieces.push({ isText: true, text: template.slice(position, textEnd) })
    }
    if (open < 0) break
    const close = closingBrace(template, open + 1)
    if (close < 0) throw fail(template, 'unclosed action')
    pieces.push({ isText: false, text: template.slice(open + 1, close) })
    position = close + 1
  }
  return pieces
}

/** The brace that ends an action, not one within a quoted text. */
function closingBrace(template: string, start: number): number {
  let quote = ''
  for (let i = start; i < template.length; i++) {
    const c = template.charAt(i)
    if (quote !== '') {
      if (c === '\\') i++
      else if (c === quote) quote = ''
    } else if (c === '"' || c === "'") quote = c
    else if (c === '}') return i
  }
  return -1
}

/** An action holds paths and quoted texts, one after the other. */
function actionNodes(template: string, action: string): readonly Node[] {
  const parser = new PathParser(template, action)
  const nodes: Node[] = []
  while (!parser.isAtEnd()) nodes.push(parser.node())
  return nodes
}

const unescaped: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }

/** Reads paths, quoted texts and filters from one action. */
class PathParser {
  readonly #template: string
  readonly #text: string
  #at = 0

  constructor(template: string, text: string) {
    this.#template = template
    this.#text = text
  }

  isAtEnd(): boolean {
    this.#match(/\s+/y)
    return this.#at >= this.#text.length
  }

  node(): Node {
    const quoted = this.#quoted()
    return quoted === undefined
      ? { type: 'path', steps: this.path() }
      : { type: 'text', text: quoted }
  }

  path(): readonly Step[] {
    const steps: Step[] = []
    for (;;) {
      if (this.#match(/\$/y)) steps.push({ type: 'root' })
      else if (this.#match(/@/y)) continue
      else if (this.#match(/\.\.(?=\[)/y) || this.#match(/\.\./y)) {
        steps.push({ type: 'recursive' })
        const name = this.#fieldName()
        if (name !== undefined) steps.push(fieldStep(name))
      } else if (this.#match(/\.(?=\[|$|\s)/y)) continue
      else if (this.#match(/\./y)) steps.push(fieldStep(this.#fieldName() ?? this.#refuse()))
      else if (this.#match(/\[/y)) steps.push(this.#bracket())
      else if (steps.length === 0 && this.#at === 0) {
        const name = this.#fieldName()
        if (name === undefined) return steps
        steps.push(fieldStep(name))
      } else break
    }
    return steps
  }

  #fieldName(): string | undefined {
    return this.#match(/(?:\\.|[^\s.[\]{}()<>=!?@$'",|&])+/y)?.replace(/\\(.)/g, '$1')
  }

  #bracket(): Step {
    if (this.#match(/\?\(/y)) return this.#filter()
    if (this.#match(/\*\]/y)) return { type: 'wildcard' }
    const parts: Step[] = []
    do parts.push(this.#bracketPart())
    while (this.#match(/\s*,\s*/y))
    if (!this.#match(/\s*\]/y)) this.#refuse('unterminated array')
    const [only] = parts
    return parts.length === 1 && only ? only : { type: 'union', paths: parts.map((part) => [part]) }
  }

  #bracketPart(): Step {
    const name = this.#quoted()
    if (name !== undefined) return { type: 'field', name }
    const slice = this.#match(/(-?\d*)(:(-?\d*))?(:(-?\d*))?/y)
    if (slice === undefined || slice === '') return this.#refuse('invalid array index')
    const [from, to, by] = slice.split(':').map((part) => (part === '' ? undefined : Number(part)))
    if (!slice.includes(':')) return { type: 'index', index: from ?? 0 }
    return {
      type: 'slice',
      by: by ?? 1,
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
    }
  }

  #filter(): Step {
    const left = this.#operand()
    const operator = this.#match(/\s*(==|!=|<=|>=|<|>)\s*/y)?.trim() ?? 'exists'
    const right = operator === 'exists' ? undefined : this.#operand()
    if (!this.#match(/\s*\)\s*\]/y)) this.#refuse('unterminated filter')
    return { type: 'filter', left, operator, ...(right && { right }) }
  }

  #operand(): Operand {
    this.#match(/\s+/y)
    const text = this.#quoted()
    if (text !== undefined) return { type: 'value', value: text }
    const number = this.#match(/[-+]?\d+(\.\d+)?/y)
    if (number !== undefined) return { type: 'value', value: Number(number) }
    const boolean = this.#match(/true|false/y)
    if (boolean !== undefined) return { type: 'value', value: boolean === 'true' }
    return { type: 'path', steps: this.path() }
  }

  #quoted(): string | undefined {
    const quoted = this.#match(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/y)
    return quoted?.slice(1, -1).replace(/\\(.)/g, (_, c: string) => unescaped[c] ?? c)
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }

  #refuse(why = `unrecognized character in action: ${this.#text.slice(this.#at)}`): never {
    throw fail(this.#template, why)
  }
}

function fieldStep(name: string): Step {
  return name === '*' ? { type: 'wildcard' } : { type: 'field', name }
}
