const words = /^(|~|null|Null|NULL|<<|y|Y|n|N|([yY]es|YES)|([nN]o|NO)|([oO]n|ON)|([oO]ff|OFF))$/
const booleans = /^([tT]rue|TRUE|[fF]alse|FALSE)$/
const special = /^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/
const decimal = /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/
const otherInteger = /^[-+]?(0x[\da-fA-F]+|0b[01]+|0o?[0-7]+)$/
const base60 = /^[-+]?\d[\d_]*(:[0-5]?\d)+(\.[\d_]*)?$/
const time =
  /^\d{4}-\d{1,2}-\d{1,2}(([Tt]|\s+)\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?\s*(Z|[-+]\d{1,2}(:?\d{2})?)?)?$/

/** Whether a plain scalar of this text would be read as something other than a string. */
function isAmbiguous(text: string): boolean {
  const digits = text.replaceAll('_', '')
  return (
    [words, booleans, special, base60, time].some((pattern) => pattern.test(text)) ||
    (/^[-+.\d]/.test(text) && (decimal.test(digits) || otherInteger.test(digits)))
  )
}

// Characters that may not be written as they are, outside of escapes.
const unprintable =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must be escaped
  /[\u0000-\u0009\u000b-\u001f\u007f-\u0084\u0086-\u009f\ud800-\udfff\ufeff\ufffe\uffff]/u

/** Whether the text would be taken for markup if it stood plain in a block. */
function hasIndicators(text: string): boolean {
  return (
    /^[#,[\]{}&*!|>'"%@`]/.test(text) ||
    /^[?:-](\s|$)/.test(text) ||
    /^(---|\.\.\.)/.test(text) ||
    /:(\s|$)/.test(text) ||
    /\s#/.test(text)
  )
}

/** Where a line that is longer is broken at the next single space. */
const widthBest = 80

/** How Go's YAML library writes a key, in one line. */
export function keyText(text: string): string {
  return scalarLines(text, Number.NEGATIVE_INFINITY).join('')
}

/**
 * How Go's YAML library writes a string: plain, 'single' or "double". Long ones are folded, the
 * first line beginning at `column`, the others at `indent`; indentation is the caller's.
 */
export function scalarLines(text: string, column: number, indent = 0): readonly string[] {
  const place = { column, indent }
  if (isAmbiguous(text) || unprintable.test(text) || text.includes('\n')) {
    return folded(doubleQuoted(text), { ...place, quote: '"' })
  }
  if (!hasIndicators(text) && !/^\s|\s$/.test(text)) return folded(text, { ...place, quote: '' })
  return folded(`'${text.replaceAll("'", "''")}'`, { ...place, quote: "'" })
}

interface Folding {
  readonly column: number
  readonly indent: number
  readonly quote: '' | '"' | "'"
}

/** A break takes the place of a space; in double quotes another space after it is escaped. */
function folded(text: string, { column, indent, quote }: Folding): readonly string[] {
  const lines: string[] = []
  let line = { start: 0, column, lead: '' }
  const last = text.length - 1 - quote.length
  for (let i = 1; i < last; i++) {
    if (text[i] !== ' ' || text[i - 1] === ' ') continue
    if (line.column + i - line.start <= widthBest) continue
    const isNextSpace = text[i + 1] === ' '
    if (isNextSpace && quote !== '"') continue
    lines.push(line.lead + text.slice(line.start, i))
    const lead = isNextSpace ? '\\' : ''
    line = { start: i + 1, column: indent + lead.length, lead }
  }
  return [...lines, line.lead + text.slice(line.start)]
}

/** The lines of a literal block scalar, its header first; undefined when the text needs quotes. */
export function blockLines(text: string): readonly string[] | undefined {
  if (!text.includes('\n') || unprintable.test(text)) return undefined
  if (/[ ]\n/.test(text) || / $/.test(text)) return undefined
  const indent = /^[ \n]/.test(text) ? '2' : ''
  const chomp = !text.endsWith('\n') ? '-' : text === '\n' || text.endsWith('\n\n') ? '+' : ''
  const body = text.endsWith('\n') ? text.slice(0, -1) : text
  return [`|${indent}${chomp}`, ...body.split('\n')]
}

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '\u0085': '\\N',
  '\ufeff': '\\uFEFF',
}

function doubleQuoted(text: string): string {
  const characters = Array.from(text, (c) => {
    const short = escapes[c]
    if (short !== undefined) return short
    if (!unprintable.test(c)) return c
    const code = (c.codePointAt(0) ?? 0).toString(16).toUpperCase()
    return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u${code.padStart(4, '0')}`
  })
  return `"${characters.join('')}"`
}
