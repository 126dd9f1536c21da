import type { CollectionTag, Lexer, Parser, ScalarTag, Tags, YAMLError } from 'yaml'
import type { JsonValue } from './json.ts'
import { depthMax } from './patch/patch-bounds.ts'

/** YAML 1.1 has these, but Kubernetes reads them as the strings or numbers they look like. */
const foreignTags = new Set(['tag:yaml.org,2002:timestamp'])

const fraction = /^[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)$/
const exponential = /^[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)[eE][-+]?[0-9]+$/

/** How upstream's parser words what the library words otherwise. */
const wordings: readonly (readonly [RegExp, string])[] = [
  [/^Nested mappings are not allowed/, 'mapping values are not allowed in this context'],
  [/^Implicit keys need to be on a single line/, 'mapping values are not allowed in this context'],
  [/^Tabs are not allowed/, 'found character that cannot start any token'],
  [/^Plain value cannot start/, 'found character that cannot start any token'],
  [/^Flow sequence /, "did not find expected ',' or ']'"],
  [/^Flow map /, "did not find expected ',' or '}'"],
  [/^Missing closing .*quote/, 'found unexpected end of stream'],
  [/^Implicit map keys need to be followed/, "could not find expected ':'"],
  [/^All mapping items must start/, 'did not find expected key'],
]

/** A text that is not YAML; the message names the line in upstream's form. */
export class YamlError extends Error {
  override readonly name = 'YamlError'
}

/**
 * One YAML document as Kubernetes reads it: YAML 1.1, where `yes` and `on` are true, without dates;
 * integers stay whole; of a key given twice the last stands. The library is loaded with the first
 * document. Throws YamlError.
 */
export async function parseYaml(text: string): Promise<JsonValue> {
  const { Lexer, Parser, parseDocument } = await import('yaml')
  checkNesting(text, new Lexer(), new Parser())
  const document = parseDocument(text, {
    version: '1.1',
    intAsBigInt: true,
    uniqueKeys: false,
    customTags: (tags) => tags.filter((tag) => !isForeign(tag)).map(withDigits),
  })
  const [first] = document.errors
  if (first) throw syntaxError(first, document.errors)
  try {
    return withPlainIntegers(document.toJS())
  } catch (error) {
    throw failure((error as Error).message)
  }
}

/**
 * The library walks a document recursively, and the end of the stack inside a regular expression
 * ends the whole process. Its parser alone keeps a stack of its own.
 */
function checkNesting(text: string, lexer: Lexer, parser: Parser): void {
  for (const lexeme of lexer.lex(text)) {
    for (const _ of parser.next(lexeme)) {
      // Only how deep the parser is counts here.
    }
    if (parser.stack.length > depthMax) throw failure(`exceeded max depth of ${depthMax}`)
  }
}

type Tag = ScalarTag | CollectionTag | string

function isForeign(tag: Tag): boolean {
  return typeof tag !== 'string' && (foreignTags.has(tag.tag) || tag.format === 'TIME')
}

/**
 * The library takes a lone dot for a number, and `e0`, as a commit may be called; Kubernetes wants
 * a digit in it.
 */
function withDigits<T extends Tag | Tags[number]>(tag: T): T {
  if (typeof tag !== 'object' || !('test' in tag)) return tag
  if (tag.test?.test('.')) return { ...tag, test: fraction }
  return tag.test?.test('e0') ? { ...tag, test: exponential } : tag
}

/** A key over several lines is told twice, the second time with the line where it ends. */
function syntaxError(first: YAMLError, all: readonly YAMLError[]): YamlError {
  const start = first.linePos?.[0]
  const here = all.filter(({ linePos }) => {
    return linePos?.[0].line === start?.line && linePos?.[0].col === start?.col
  })
  const isKey = first.code === 'BLOCK_AS_IMPLICIT_KEY'
  const line = Math.max(...here.map(({ linePos }) => linePos?.[isKey ? 1 : 0]?.line ?? 0))
  const [message = ''] = first.message.split('\n')
  const wording = wordings.find(([pattern]) => pattern.test(message))?.[1]
  return failure(`${line > 0 ? `line ${line}: ` : ''}${wording ?? message}`)
}

function failure(why: string): YamlError {
  return new YamlError(`error converting YAML to JSON: yaml: ${why}`)
}

/** As in parsed JSON: a bigint only where a number would bend (I-01). */
function withPlainIntegers(value: unknown): JsonValue {
  if (typeof value === 'bigint') {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value
  }
  if (Array.isArray(value)) return value.map(withPlainIntegers)
  if (typeof value !== 'object' || value === null) return value as JsonValue
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, withPlainIntegers(member)]),
  )
}
