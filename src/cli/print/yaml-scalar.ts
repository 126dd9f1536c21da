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
  /[\u0000-\u0008\u000b-\u001f\u007f-\u0084\u0086-\u009f\ud800-\udfff\ufeff\ufffe\uffff]/u

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

/** How Go's YAML library writes a string: plain, 'single', "double", in one line. */
export function scalarText(text: string): string {
  if (isAmbiguous(text) || unprintable.test(text)) return doubleQuoted(text)
  const needsQuotes = hasIndicators(text) || /^\s|\s$/.test(text)
  if (text.includes('\n')) return doubleQuoted(text)
  return needsQuotes ? `'${text.replaceAll("'", "''")}'` : text
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
