import { isIP } from 'node:net'

/**
 * The textual formats of names, labels and keys (A-48). Each check returns what is wrong, in
 * upstream's words; an empty list means the text is well formed. Lengths are counted in bytes.
 */

const labelPattern = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const subdomainPattern = `${labelPattern}(\\.${labelPattern})*`
const wildcardPattern = `\\*\\.${subdomainPattern}`
const urlPathPattern = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"
const dns1035Pattern = '[a-z]([-a-z0-9]*[a-z0-9])?'
const qualifiedNamePattern = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const labelValuePattern = `(${qualifiedNamePattern})?`
const percentPattern = '[0-9]+%'
const headerNamePattern = '[-A-Za-z0-9]+'
const configKeyPattern = '[-._a-zA-Z0-9]+'

const whole = (pattern: string) => new RegExp(`^${pattern}$`)
const dnsLabel = whole(labelPattern)
const dnsSubdomain = whole(subdomainPattern)
const wildcardDomain = whole(wildcardPattern)
const urlPath = whole(urlPathPattern)
const dns1035 = whole(dns1035Pattern)
const qualifiedName = whole(qualifiedNamePattern)
const labelValue = whole(labelValuePattern)
const percent = whole(percentPattern)
const headerName = whole(headerNamePattern)
const configKey = whole(configKeyPattern)

const qualifiedNameText =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"

export function byteLength(text: string): number {
  return Buffer.byteLength(text)
}

function patternText(text: string, pattern: string, ...examples: readonly string[]): string {
  const given = examples.map((example) => `'${example}', `).join(' or ')
  return `${text} (${given && `e.g. ${given}`}regex used for validation is '${pattern}')`
}

const tooLong = (bytesMax: number) => `must be no more than ${bytesMax} bytes`
const tooManyCharacters = (max: number) => `must be no more than ${max} characters`

export function inclusiveRange(low: number, high: number): string {
  return `must be between ${low} and ${high}, inclusive`
}

export function dns1123LabelErrors(value: string): readonly string[] {
  const errors = byteLength(value) > 63 ? [tooManyCharacters(63)] : []
  if (dnsLabel.test(value)) return errors
  if (dnsSubdomain.test(value)) return [...errors, 'must not contain dots']
  const text =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character"
  return [...errors, patternText(text, labelPattern, 'my-name', '123-abc')]
}

export function dns1123SubdomainErrors(value: string): readonly string[] {
  const errors = byteLength(value) > 253 ? [tooManyCharacters(253)] : []
  if (dnsSubdomain.test(value)) return errors
  const text =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"
  return [...errors, patternText(text, subdomainPattern, 'example.com')]
}

/** A domain whose first part is a star. */
export function wildcardDomainErrors(value: string): readonly string[] {
  if (byteLength(value) > 253) return [tooManyCharacters(253)]
  if (wildcardDomain.test(value)) return []
  const text =
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character"
  return [patternText(text, wildcardPattern, '*.example.com')]
}

/** `example.com/path`. */
export function domainPathErrors(value: string): readonly string[] {
  const slash = value.indexOf('/')
  if (slash <= 0 || slash === value.length - 1) {
    return ['must be a domain-prefixed path (such as "acme.io/foo")']
  }
  const path = value.slice(slash + 1)
  const errors = dns1123SubdomainErrors(value.slice(0, slash))
  return urlPath.test(path) ? errors : [...errors, patternText('Invalid path', urlPathPattern)]
}

export function dns1035LabelErrors(value: string): readonly string[] {
  const errors = byteLength(value) > 63 ? [tooManyCharacters(63)] : []
  if (dns1035.test(value)) return errors
  const text =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character"
  return [...errors, patternText(text, dns1035Pattern, 'my-name', 'abc-123')]
}

/**
 * A label key, annotation key or finalizer: an optional DNS subdomain and a slash, then a name of
 * at most 63 bytes.
 */
export function qualifiedNameErrors(value: string): readonly string[] {
  const parts = value.split('/')
  if (parts.length > 2) {
    const text = patternText(
      qualifiedNameText,
      qualifiedNamePattern,
      'MyName',
      'my.name',
      '123-abc',
    )
    return [
      `a valid label key ${text} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ]
  }
  const name = parts[parts.length - 1] as string
  const prefix = parts.length === 2 ? (parts[0] as string) : undefined
  return [...prefixErrors(prefix), ...namePartErrors(name)]
}

function prefixErrors(prefix: string | undefined): readonly string[] {
  if (prefix === undefined) return []
  if (prefix === '') return ['prefix part must be non-empty']
  return dns1123SubdomainErrors(prefix).map((error) => `prefix part ${error}`)
}

function namePartErrors(name: string): readonly string[] {
  const errors: string[] = []
  if (name === '') errors.push('name part must be non-empty')
  else if (byteLength(name) > 63) errors.push(`name part ${tooLong(63)}`)
  if (!qualifiedName.test(name)) {
    const text = patternText(
      qualifiedNameText,
      qualifiedNamePattern,
      'MyName',
      'my.name',
      '123-abc',
    )
    errors.push(`name part ${text}`)
  }
  return errors
}

export function labelValueErrors(value: string): readonly string[] {
  const errors = byteLength(value) > 63 ? [tooLong(63)] : []
  if (labelValue.test(value)) return errors
  const text = `a valid label must be an empty string or consist of ${qualifiedNameText.slice('must consist of '.length)}`
  return [...errors, patternText(text, labelValuePattern, 'MyValue', 'my_value', '12345')]
}

/** The name of a port: at most 15 of `a-z0-9-`, with at least one letter. */
export function portNameErrors(value: string): readonly string[] {
  const errors: string[] = []
  if (byteLength(value) > 15) errors.push(tooManyCharacters(15))
  if (!/^[-a-z0-9]+$/.test(value)) {
    errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  }
  if (!/[a-z]/.test(value)) errors.push('must contain at least one letter (a-z)')
  if (value.includes('--')) errors.push('must not contain consecutive hyphens')
  if (value.startsWith('-') || value.endsWith('-')) {
    errors.push('must not begin or end with a hyphen')
  }
  return errors
}

export function portNumberErrors(value: number): readonly string[] {
  return value >= 1 && value <= 65_535 ? [] : [inclusiveRange(1, 65_535)]
}

export function percentErrors(value: string): readonly string[] {
  if (percent.test(value)) return []
  const text = "a valid percent string must be a numeric string followed by an ending '%'"
  return [patternText(text, percentPattern, '1%', '93%')]
}

export function headerNameErrors(value: string): readonly string[] {
  if (headerName.test(value)) return []
  const text = "a valid HTTP header must consist of alphanumeric characters or '-'"
  return [patternText(text, headerNamePattern, 'X-Header-Name')]
}

/** Printable ASCII but `=`: what 1.34 and later allow. */
export function envNameErrors(value: string): readonly string[] {
  if (value === '') return ['environment variable name must be non-empty']
  if (/^[ -<>-~]*$/.test(value)) return []
  return [
    "a valid environment variable name must consist only of printable ASCII characters other than '='",
  ]
}

/** The key of a ConfigMap's or Secret's entry, which may become a file name. */
export function configKeyErrors(value: string): readonly string[] {
  const errors = byteLength(value) > 253 ? [tooManyCharacters(253)] : []
  if (!configKey.test(value)) {
    const text = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
    errors.push(patternText(text, configKeyPattern, 'key.name', 'KEY_NAME', 'key-name'))
  }
  if (value === '.') errors.push("must not be '.'")
  else if (value === '..') errors.push("must not be '..'")
  else if (value.startsWith('..')) errors.push("must not start with '..'")
  return errors
}

/** What is wrong with a whole IP address, in upstream's words. */
export function ipErrors(value: string): readonly string[] {
  return isIP(value) !== 0 && !value.includes('%')
    ? []
    : ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']
}

/** What may be one part of a URL: the loosest rule for names, of kinds without one of their own. */
export function pathSegmentErrors(value: string): readonly string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`]
  return ['/', '%'].filter((one) => value.includes(one)).map((one) => `may not contain '${one}'`)
}
