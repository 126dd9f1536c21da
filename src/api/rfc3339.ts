/** A text that is no timestamp; the message is Go's. */
export class TimestampError extends Error {
  override readonly name = 'TimestampError'
}

export type TimePrecision = 'seconds' | 'microseconds'

interface Layout {
  /** As Go writes the layout in its error texts. */
  readonly text: string
  /** Texts that need no conversion, if the day exists. */
  readonly canonical: RegExp
  readonly pieces: readonly (readonly [
    name: string,
    pattern: RegExp,
    least: number,
    most: number,
  ])[]
}

const date = [
  ['2006', /^\d{4}/, 0, 9999],
  ['-', /^-/, 0, 0],
  ['01', /^\d{2}/, 1, 12],
  ['-', /^-/, 0, 0],
  ['02', /^\d{2}/, 1, 31],
] as const
const time = [
  ['T', /^T/, 0, 0],
  ['15', /^\d{2}/, 0, 23],
  [':', /^:/, 0, 0],
  ['04', /^\d{2}/, 0, 59],
  [':', /^:/, 0, 0],
] as const
const zone = ['Z07:00', /^(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)/, 0, 0] as const

const layouts: Readonly<Record<TimePrecision, Layout>> = {
  seconds: {
    text: '2006-01-02T15:04:05Z07:00',
    canonical: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
    // Fractions of a second are read although the layout has none.
    pieces: [...date, ...time, ['05', /^\d{2}(?:[.,]\d+)?/, 0, 59.999_999_999], zone],
  },
  microseconds: {
    text: '2006-01-02T15:04:05.000000Z07:00',
    canonical: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/,
    pieces: [...date, ...time, ['05', /^\d{2}/, 0, 59], ['.000000', /^\.\d{6}/, 0, 0], zone],
  },
}

const rangeNames: Readonly<Record<string, string>> = {
  '01': 'month',
  '02': 'day',
  '15': 'hour',
  '04': 'minute',
  '05': 'second',
}

/** Throws the error that Go's time.Parse gives for a text that does not fit the layout. */
function checkPieces(text: string, layout: Layout): void {
  const fail = (why: string) => {
    throw new TimestampError(`parsing time ${JSON.stringify(text)}${why}`)
  }
  let rest = text
  for (const [name, pattern, least, most] of layout.pieces) {
    const found = pattern.exec(rest)?.[0]
    if (found === undefined) {
      fail(
        ` as ${JSON.stringify(layout.text)}: cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(name)}`,
      )
      return
    }
    const value = Number(found.replace(',', '.'))
    if (name in rangeNames && (value < least || value > most)) {
      fail(`: ${rangeNames[name]} out of range`)
    }
    rest = rest.slice(found.length)
  }
  if (rest !== '') fail(`: extra text: ${JSON.stringify(rest)}`)
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()
}

/** Whether a canonical text is a point in time, and not beyond the end of its month or day. */
function exists(canonical: string): boolean {
  const number = (at: number) =>
    canonical.charCodeAt(at) * 10 + canonical.charCodeAt(at + 1) - 48 * 11
  const month = number(5)
  const day = number(8)
  if (month < 1 || month > 12 || day < 1) return false
  if (day > 28 && day > daysIn(Number(canonical.slice(0, 4)), month)) return false
  return number(11) < 24 && number(14) < 60 && number(17) < 60
}

function checkDay(text: string): void {
  if (Number(text.slice(8, 10)) > daysIn(Number(text.slice(0, 4)), Number(text.slice(5, 7)))) {
    throw new TimestampError(`parsing time ${JSON.stringify(text)}: day out of range`)
  }
}

/**
 * The form in which the API keeps a time: UTC, whole seconds (`metav1.Time`) or microseconds
 * (`metav1.MicroTime`). Throws TimestampError for what is not RFC 3339.
 */
export function canonicalTimestamp(text: string, precision: TimePrecision): string {
  const layout = layouts[precision]
  if (layout.canonical.test(text) && exists(text)) return text
  checkPieces(text, layout)
  checkDay(text)
  const utc = new Date(text.replace(',', '.')).toISOString()
  if (precision === 'seconds') return utc.replace(/\.\d+Z$/, 'Z')
  return utc.replace(/\.\d+Z$/, `${text.slice(19, 26)}Z`)
}
