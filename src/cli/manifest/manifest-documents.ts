import { isJsonObject, type JsonObject, type JsonValue, parseJson } from '../../api/json.ts'
import { parseYaml, YamlError } from '../../api/manifest-yaml.ts'
import { CliError } from '../cli-error.ts'
import type { ManifestFile } from './manifest-files.ts'

export interface ManifestDocument {
  /** The file it is from. */
  readonly source: string
  /** Has apiVersion and kind. */
  readonly content: JsonObject
}

/**
 * The objects of a manifest, one by one, those of Lists each by itself. Throws CliError in
 * kubectl's words at the first that cannot be read; those before it have been yielded.
 */
export async function* manifestDocuments(file: ManifestFile): AsyncGenerator<ManifestDocument> {
  for (const part of partsOf(file.text)) {
    const value = await parsePart(file.name, part)
    if (value === null) continue
    yield* expand(file.name, value)
  }
}

function* expand(source: string, value: JsonValue): Generator<ManifestDocument> {
  if (!isJsonObject(value)) throw notValid(source, 'invalid object to validate')
  const { kind, items } = value
  if (typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items)) {
    for (const item of items) yield* expand(source, item)
    return
  }
  const missing = (['apiVersion', 'kind'] as const).filter((name) => !value[name])
  const texts = missing.map((name) => `${name} not set`)
  if (texts.length > 0) {
    throw notValid(source, texts.length > 1 ? `[${texts.join(', ')}]` : texts.join())
  }
  yield { source, content: value }
}

function notValid(source: string, why: string): CliError {
  const way = 'if you choose to ignore these errors, turn validation off with --validate=false'
  const what = `error validating ${JSON.stringify(source)}: error validating data`
  return new CliError(`${what}: ${why}; ${way}`)
}

/** At lines that begin with `---`, as upstream cuts. */
function partsOf(text: string): readonly string[] {
  const whole = text.replace(/^\uFEFF/, '')
  if (/^\s*\{/.test(whole)) return [whole]
  return whole
    .split(/^---.*(?:\n|$)/m)
    .filter((part) => part.split('\n').some((line) => !/^\s*(#.*)?$/.test(line)))
}

async function parsePart(source: string, part: string): Promise<JsonValue> {
  try {
    return /^\s*\{/.test(part) ? await parseJsonOrYaml(part) : await parseYaml(part)
  } catch (error) {
    if (!(error instanceof YamlError) && !(error instanceof SyntaxError)) throw error
    throw new CliError(`error parsing ${source}: ${error.message}`)
  }
}

/** What begins as JSON may still be YAML in flow style, or several JSON values. */
async function parseJsonOrYaml(part: string): Promise<JsonValue> {
  try {
    return parseJson(part)
  } catch {
    return parseYaml(part)
  }
}
