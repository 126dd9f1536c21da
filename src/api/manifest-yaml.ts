import type { JsonValue } from './json.ts'

/** YAML 1.1 has these, but Kubernetes reads them as the strings or numbers they look like. */
const foreignTags = new Set(['tag:yaml.org,2002:timestamp'])

/** The parser's codes for what upstream's parser words otherwise. */
const wordings: Readonly<Record<string, string>> = {
  BLOCK_AS_IMPLICIT_KEY: 'mapping values are not allowed in this context',
  TAB_AS_INDENT: 'found character that cannot start any token',
  BAD_INDENT: 'did not find expected key',
  MISSING_CHAR: 'did not find expected character',
}

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
  const { parse, YAMLParseError } = await import('yaml')
  try {
    const value: unknown = parse(text, {
      version: '1.1',
      intAsBigInt: true,
      uniqueKeys: false,
      customTags: (tags) =>
        tags.filter(
          (tag) => typeof tag === 'string' || !(foreignTags.has(tag.tag) || tag.format === 'TIME'),
        ),
    })
    return value as JsonValue
  } catch (error) {
    const { message } = error as Error
    const isParseError = error instanceof YAMLParseError
    const line = isParseError && error.linePos?.[0].line
    const place = line ? `line ${line}: ` : ''
    const why = (isParseError && wordings[error.code]) || message.split('\n')[0]
    throw new YamlError(`error converting YAML to JSON: yaml: ${place}${why}`)
  }
}
