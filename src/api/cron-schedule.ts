/**
 * The notation of schedules: five fields (minute, hour, day of month, month, day of week), or a
 * word such as `@daily`. Only whether a text is one; nothing here runs by it.
 */

interface Field {
  readonly min: number
  readonly max: number
  readonly names?: readonly string[]
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

const fields: readonly Field[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: months },
  { min: 0, max: 6, names: days },
]

const words = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']

class ScheduleError extends Error {}

function parseInteger(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) {
    throw new ScheduleError(
      `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
    )
  }
  const number = Number(text)
  if (number < 0) throw new ScheduleError(`negative number (${number}) not allowed: ${text}`)
  return number
}

function numberOf(text: string, { names = [], min }: Field): number {
  const index = names.indexOf(text.toLowerCase())
  return index >= 0 ? index + min : parseInteger(text)
}

function checkRange(text: string, field: Field): void {
  const [rangeText = '', stepText, ...moreSteps] = text.split('/')
  const [lowText = '', highText, ...moreBounds] = rangeText.split('-')
  const isAll = lowText === '*' || lowText === '?'
  const low = isAll ? field.min : numberOf(lowText, field)
  if (moreBounds.length > 0) throw new ScheduleError(`too many hyphens: ${text}`)
  const single = stepText === undefined ? low : field.max
  const end = highText === undefined ? single : numberOf(highText, field)
  const high = isAll ? field.max : end
  if (moreSteps.length > 0) throw new ScheduleError(`too many slashes: ${text}`)
  const step = stepText === undefined ? 1 : parseInteger(stepText)
  if (low < field.min) {
    throw new ScheduleError(`beginning of range (${low}) below minimum (${field.min}): ${text}`)
  }
  if (high > field.max) {
    throw new ScheduleError(`end of range (${high}) above maximum (${field.max}): ${text}`)
  }
  if (low > high) {
    throw new ScheduleError(`beginning of range (${low}) beyond end of range (${high}): ${text}`)
  }
  if (step === 0) throw new ScheduleError(`step of range should be a positive number: ${text}`)
}

const duration = /^(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h)/

function checkWord(text: string): void {
  if (words.includes(text)) return
  if (!text.startsWith('@every ')) throw new ScheduleError(`unrecognized descriptor: ${text}`)
  const given = text.slice('@every '.length)
  let rest = given.replace(/^[+-]/, '')
  while (duration.test(rest)) rest = rest.replace(duration, '')
  if (rest === '' && given !== '') return
  const why = `time: invalid duration ${JSON.stringify(given)}`
  throw new ScheduleError(`failed to parse duration ${text}: ${why}`)
}

function checkSchedule(text: string): void {
  const spec = text.replace(/^(?:CRON_)?TZ=\S*\s*/, '').trim()
  if (spec.startsWith('@')) {
    checkWord(spec)
    return
  }
  const parts = spec.split(/\s+/).filter((part) => part !== '')
  if (parts.length !== fields.length) {
    const found = `found ${parts.length}: [${parts.join(' ')}]`
    throw new ScheduleError(`expected exactly ${fields.length} fields, ${found}`)
  }
  for (const [index, field] of fields.entries()) {
    for (const range of (parts[index] ?? '').split(',')) if (range) checkRange(range, field)
  }
}

/** What is wrong with a schedule, in upstream's words; undefined for a good one. */
export function scheduleError(text: string): string | undefined {
  try {
    checkSchedule(text)
    return undefined
  } catch (error) {
    if (error instanceof ScheduleError) return error.message
    throw error
  }
}
