import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJson,
  stringifyJson,
} from '../../api/json.ts'
import { parseYaml, YamlError } from '../../api/manifest-yaml.ts'

/** A manifest cannot be read; the message names the file. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError'
}

export interface ManifestDocument {
  /** One of a `List` stands for itself. */
  readonly object: JsonObject
  /** Which part of the text (between lines of `---`) it is in, from 0. */
  readonly index: number
}

/**
 * Where each document of a text begins and ends: cut at lines that begin with `---`, as upstream
 * does.
 */
export function documentRanges(
  text: string,
): readonly { readonly from: number; readonly to: number }[] {
  const marks = [...text.matchAll(/^---.*(?:\r?\n|$)/gm)]
  const starts = [0, ...marks.map((mark) => mark.index + mark[0].length)]
  const ends = [...marks.map((mark) => mark.index), text.length]
  return starts.map((from, i) => ({ from, to: ends[i] ?? text.length }))
}

/**
 * Every object of YAML or JSON documents, in order; empty documents are none. Rejects with
 * ManifestError.
 */
export async function parseManifests(
  text: string,
  source: string,
): Promise<readonly ManifestDocument[]> {
  const found: ManifestDocument[] = []
  for (const [index, { from, to }] of documentRanges(text).entries()) {
    const value = await parseDocument(text.slice(from, to), source)
    for (const object of objectsIn(value, source)) found.push({ object, index })
  }
  return found
}

async function parseDocument(text: string, source: string): Promise<JsonValue> {
  try {
    const value = await parseYaml(text.replace(/^\uFEFF/, ''))
    // Integers come as bigints; as parsed JSON they are numbers where numbers can hold them.
    return value === null || value === undefined ? null : parseJson(stringifyJson(value))
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    throw new ManifestError(`${source}: ${error.message}`)
  }
}

function objectsIn(value: JsonValue, source: string): readonly JsonObject[] {
  if (value === null) return []
  if (!isJsonObject(value)) throw new ManifestError(`${source}: a document is no object`)
  const { kind, items } = value
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items)) return [value]
  return items.filter(isJsonObject)
}
