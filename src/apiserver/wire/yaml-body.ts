import { stringifyJson } from '../../api/json.ts'
import { badRequest } from '../../api/status-error.ts'

/** YAML 1.1 has these, but Kubernetes reads them as the strings or numbers they look like. */
const foreignTags = new Set(['tag:yaml.org,2002:timestamp'])

/**
 * A YAML body as JSON text, read as Kubernetes reads it: YAML 1.1, where `yes` and `on` are true,
 * without dates; integers stay whole. The library is loaded with the first such body. Throws
 * BadRequest with the line.
 */
export async function yamlToJson(text: string): Promise<string> {
  const { parse, YAMLParseError } = await import('yaml')
  try {
    const value = parse(text, {
      version: '1.1',
      intAsBigInt: true,
      uniqueKeys: false,
      customTags: (tags) =>
        tags.filter(
          (tag) => typeof tag === 'string' || !(foreignTags.has(tag.tag) || tag.format === 'TIME'),
        ),
    })
    return stringifyJson(value)
  } catch (error) {
    const { message } = error as Error
    const line = error instanceof YAMLParseError && error.linePos?.[0].line
    const place = line ? `line ${line}: ` : ''
    throw badRequest(`error converting YAML to JSON: yaml: ${place}${message.split('\n')[0]}`)
  }
}
