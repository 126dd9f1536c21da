import { CliError } from './cli-error.ts'
import { parseDuration } from './duration.ts'

/** A flag of a command, as kubectl has it. */
export interface FlagSpec {
  readonly name: string
  /** One letter. */
  readonly short?: string
  readonly kind: 'boolean' | 'text' | 'list' | 'integer' | 'duration'
  /** The value when the flag stands alone (`--cascade`); booleans have `true`. */
  readonly alone?: string
  /** As text; absent: '' (or nothing, 0, false). */
  readonly fallback?: string
  readonly help: string
  /** Printed when the flag is used. */
  readonly deprecated?: string
}

/** One use of a flag. */
export interface FlagUse {
  readonly spec: FlagSpec
  readonly value: string
}

/** The flags and operands of one command line. */
export class Flags {
  /** In the order they were typed. */
  readonly uses: readonly FlagUse[]
  readonly operands: readonly string[]
  readonly #specs: readonly FlagSpec[]

  constructor(specs: readonly FlagSpec[], parsed: Pick<Flags, 'uses' | 'operands'>) {
    this.#specs = specs
    this.uses = parsed.uses
    this.operands = parsed.operands
  }

  has(name: string): boolean {
    return this.uses.some(({ spec }) => spec.name === name)
  }

  /** The last value given, else the flag's fallback, else ''. */
  text(name: string): string {
    const fallback = this.#specs.find((spec) => spec.name === name)?.fallback ?? ''
    return this.uses.findLast(({ spec }) => spec.name === name)?.value ?? fallback
  }

  boolean(name: string): boolean {
    return trueTexts.has(this.text(name))
  }

  /** Every value of a flag that may be repeated, or hold several behind commas. */
  list(name: string): readonly string[] {
    return this.uses
      .filter(({ spec }) => spec.name === name)
      .flatMap(({ value }) => value.split(','))
  }

  integer(name: string): number {
    return Number(this.text(name))
  }

  /** Milliseconds. */
  duration(name: string): number {
    return parseDuration(this.text(name) || '0s')
  }
}

const trueTexts = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])
const falseTexts = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False'])

/**
 * Reads a command line as upstream's flag library does: flags anywhere, `--name value`,
 * `--name=value`, `-abc`, `-n=value`, `-nvalue`, nothing but operands after `--`. Throws CliError
 * in its words.
 */
export function parseFlags(specs: readonly FlagSpec[], args: readonly string[]): Flags {
  const uses: FlagUse[] = []
  const operands: string[] = []
  const rest = [...args]
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--') operands.push(...rest.splice(0))
    else if (arg.startsWith('--')) uses.push(longFlag(specs, arg, rest))
    else if (arg.startsWith('-') && arg !== '-') uses.push(...shortFlags(specs, arg, rest))
    else operands.push(arg)
  }
  return new Flags(specs, { uses, operands })
}

function longFlag(specs: readonly FlagSpec[], arg: string, rest: string[]): FlagUse {
  const equals = arg.indexOf('=')
  const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals)
  const spec = specs.find((candidate) => candidate.name === name)
  if (!spec) throw new CliError(`unknown flag: --${name}`)
  if (equals >= 0) return use(spec, arg.slice(equals + 1))
  const value = aloneValue(spec) ?? rest.shift()
  if (value === undefined) throw new CliError(`flag needs an argument: --${name}`)
  return use(spec, value)
}

function shortFlags(specs: readonly FlagSpec[], arg: string, rest: string[]): readonly FlagUse[] {
  const uses: FlagUse[] = []
  for (let letters = arg.slice(1); letters !== ''; letters = letters.slice(1)) {
    const letter = letters.charAt(0)
    const spec = specs.find(({ short }) => short === letter)
    if (!spec) {
      throw new CliError(`unknown shorthand flag: ${quoteLetter(letter)} in -${letters}`)
    }
    const attached = letters.slice(1)
    if (attached.startsWith('=')) return [...uses, use(spec, attached.slice(1))]
    const alone = aloneValue(spec)
    if (alone !== undefined) {
      uses.push(use(spec, alone))
      continue
    }
    const value = attached === '' ? rest.shift() : attached
    if (value === undefined) {
      throw new CliError(`flag needs an argument: ${quoteLetter(letter)} in -${letters}`)
    }
    return [...uses, use(spec, value)]
  }
  return uses
}

function quoteLetter(letter: string): string {
  return `'${letter}'`
}

function aloneValue(spec: FlagSpec): string | undefined {
  return spec.kind === 'boolean' ? 'true' : spec.alone
}

function use(spec: FlagSpec, value: string): FlagUse {
  const why = whyInvalid(spec, value)
  if (why === undefined) return { spec, value }
  const shown = spec.short ? `-${spec.short}, --${spec.name}` : `--${spec.name}`
  throw new CliError(`invalid argument ${JSON.stringify(value)} for "${shown}" flag: ${why}`)
}

function whyInvalid({ kind }: FlagSpec, value: string): string | undefined {
  const syntax = (parser: string) =>
    `strconv.${parser}: parsing ${JSON.stringify(value)}: invalid syntax`
  if (kind === 'boolean' && !trueTexts.has(value) && !falseTexts.has(value)) {
    return syntax('ParseBool')
  }
  if (kind === 'integer' && !/^[+-]?\d+$/.test(value)) return syntax('ParseInt')
  if (kind !== 'duration') return undefined
  try {
    parseDuration(value)
  } catch (error) {
    return (error as Error).message
  }
}
