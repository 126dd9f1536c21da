import { type Document, isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml'
import type { PodTemplateSpec } from '../../api/generated/types.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../api/json.ts'
import { contentAt } from '../../git/tree.ts'
import {
  type ConfigContent,
  contentDigest,
  contentOf,
  manifestContent,
} from '../record/configuration.ts'
import type { WorkloadKey } from '../record/release.ts'
import { ReleaseError } from '../release-error.ts'
import { digest, isSameTemplate, templateOf } from '../template.ts'
import { type AppPaths, findManifest, manifestsAt } from './git-manifests.ts'
import { documentRanges, ManifestError, parseManifests } from './parse-manifests.ts'
import { reviseManifest } from './revise-template.ts'

/** A part of a manifest cannot be changed without changing something else. */
export class NotEditable extends ReleaseError {
  override readonly name = 'NotEditable'
}

/** What the files of an app shall say. */
export interface EditedApp {
  readonly workload: WorkloadKey
  readonly template: PodTemplateSpec
  /** Content of ConfigMaps, by name: of those that the files have. */
  readonly configuration?: ReadonlyMap<string, ConfigContent>
}

/**
 * The files of a workload at a commit, with this template and this configuration in them, and
 * nothing else changed.
 */
export async function editedFiles(
  app: AppPaths,
  commit: string,
  { workload, template, configuration = new Map() }: EditedApp,
): Promise<ReadonlyMap<string, string>> {
  const manifests = await manifestsAt(app, commit)
  const manifest = findManifest(manifests, workload)
  if (!manifest) {
    const what = `${workload.kind} ${workload.name} is in none of ${app.paths.join(', ')}`
    throw new NotEditable(`${what} at ${commit.slice(0, 12)}`)
  }
  if (manifest.isRendered) {
    throw new NotEditable(
      `${workload.name} is made by kustomize in ${manifest.path}: its template cannot be edited there, and no commit has it that restores this app alone`,
      'go back to a commit (--to COMMIT), or change the files by hand',
    )
  }
  const files = new Map<string, string>()
  const textOf = async (path: string) =>
    files.get(path) ?? (await contentAt(app.repository, commit, path)).toString()
  const { path } = manifest
  files.set(path, await editTemplate(await textOf(path), manifest, template))
  for (const [name, content] of configuration) {
    const { namespace } = workload
    const settings = findManifest(manifests, { kind: 'ConfigMap', namespace, name })
    if (!settings) continue
    if (contentDigest(manifestContent(settings.object)) === contentDigest(content)) continue
    const edited = await editConfiguration(await textOf(settings.path), settings, content)
    files.set(settings.path, edited)
  }
  return files
}

/** A document in a text. */
interface Place {
  readonly path: string
  readonly index: number
  readonly object: JsonObject
}

/**
 * A manifest's text with another template in one of its documents: comments, order, anchors and
 * line ends stay. Rejects with NotEditable when the result would not mean just that.
 */
export async function editTemplate(
  text: string,
  place: Place,
  template: PodTemplateSpec,
): Promise<string> {
  const wanted = reviseManifest(place.object, template)
  const isRight = (made: JsonObject) => {
    const meant = templateOf(made)
    return meant !== undefined && isSameTemplate(meant, template)
  }
  return editDocument(text, place, { wanted, parts: [['spec', 'template']], isRight })
}

/** The same of the content of a ConfigMap. */
export async function editConfiguration(
  text: string,
  place: Place,
  content: ConfigContent,
): Promise<string> {
  const { data: _data, binaryData: _binaryData, ...rest } = place.object
  const wanted = { ...rest, ...(contentOf(content) as JsonObject) }
  const meant = contentDigest(content)
  const isRight = (made: JsonObject) => contentDigest(manifestContent(made)) === meant
  return editDocument(text, place, { wanted, parts: [['data'], ['binaryData']], isRight })
}

interface Edit {
  readonly wanted: JsonObject
  /** Where it may differ. */
  readonly parts: readonly (readonly string[])[]
  readonly isRight: (made: JsonObject) => boolean
}

/**
 * Where only values change, only their characters do; else the document is written anew from its
 * tree. An anchor that others use is a reason why that may mean something else, too.
 */
async function editDocument(text: string, place: Place, edit: Edit): Promise<string> {
  const range = documentRanges(text)[place.index] ?? { from: 0, to: text.length }
  const part = text.slice(range.from, range.to)
  const edited = splice(part, place.object, edit.wanted) ?? rewrite(part, edit)
  if (edited === undefined) throw notEditable(place)
  const whole = text.slice(0, range.from) + edited + text.slice(range.to)
  await verify(text, whole, { place, edit })
  return whole
}

interface Difference {
  readonly path: readonly (string | number)[]
  /** undefined: taken away. */
  readonly value: JsonValue | undefined
}

/** Where two values differ: the smallest parts. Lists of another length are one difference. */
function differences(
  a: JsonValue | undefined,
  b: JsonValue | undefined,
  path: readonly (string | number)[] = [],
): readonly Difference[] {
  if (digest([a ?? null]) === digest([b ?? null]) && (a === undefined) === (b === undefined))
    return []
  if (isJsonObject(a) && isJsonObject(b)) {
    const keys = new Set([...Object.keys(a), ...Object.keys(b)])
    return [...keys].flatMap((key) => differences(a[key], b[key], [...path, key]))
  }
  if (Array.isArray(a) && Array.isArray(b) && a.length === b.length) {
    return a.flatMap((member, i) => differences(member, b[i], [...path, i]))
  }
  return [{ path, value: b }]
}

const yamlOptions = { version: '1.1', keepSourceTokens: true, uniqueKeys: false } as const

function isAtom(value: JsonValue | undefined): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value)
}

/** Only scalars change: their characters are exchanged; undefined when that is not so. */
function splice(part: string, before: JsonObject, after: JsonObject): string | undefined {
  const document = parseDocument(part, yamlOptions)
  const exchanges: { readonly from: number; readonly to: number; readonly text: string }[] = []
  for (const { path, value } of differences(before, after)) {
    const node = document.getIn(path, true)
    if (!isAtom(value) || !isScalar(node) || !node.range || node.anchor) return undefined
    if (node.type === 'BLOCK_FOLDED' || node.type === 'BLOCK_LITERAL') return undefined
    exchanges.push({ from: node.range[0], to: node.range[1], text: scalarText(value, node.type) })
  }
  return exchanges
    .sort((a, b) => b.from - a.from)
    .reduce((text, { from, to, text: by }) => text.slice(0, from) + by + text.slice(to), part)
}

/** A string is quoted as the one before it, and whenever it would not be read as itself. */
function scalarText(value: string | number | boolean, type: string | undefined): string {
  if (typeof value !== 'string') return String(value)
  const isPlain = /^[A-Za-z0-9_./][\w./:@+-]*$/.test(value) && !/:$/.test(value)
  const readsAsString = isPlain && parseDocument(value, yamlOptions).toJS() === value
  if (type === 'PLAIN' && readsAsString) return value
  if (type === 'QUOTE_SINGLE' && !/['\n\r]/.test(value)) return `'${value}'`
  return JSON.stringify(value)
}

/**
 * The tree is changed where it differs and written anew; undefined where an alias outside of it
 * would lose its anchor.
 */
function rewrite(part: string, { wanted, parts }: Edit): string | undefined {
  const newline = part.includes('\r\n') ? '\r\n' : '\n'
  const document = parseDocument(part.replaceAll('\r\n', '\n'), yamlOptions)
  for (const path of parts) {
    const node = document.getIn(path, true) as Node | undefined
    const value = valueAt(wanted, path)
    if (value === undefined) document.deleteIn(path)
    else document.setIn(path, renewed(document, node, value))
  }
  const options = { lineWidth: 0, indentSeq: isIndented(part) }
  let text: string
  try {
    text = document.toString(options)
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('Unresolved alias')) return undefined
    throw error
  }
  return (/\n$/.test(part) ? text : text.replace(/\n$/, '')).replaceAll('\n', newline)
}

function valueAt(object: JsonObject, path: readonly string[]): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>(
    (value, key) => (isJsonObject(value) ? value[key] : undefined),
    object,
  )
}

/** Whether lists are written further in than the key they belong to. */
function isIndented(part: string): boolean {
  const match = /^( *)[\w-]+:[ \t]*(?:#.*)?\r?\n(?:\s*#.*\r?\n)*( *)- /m.exec(part)
  return match === null || (match[2]?.length ?? 0) > (match[1]?.length ?? 0)
}

/** undefined for an alias whose anchor has just gone. */
function presentValue(document: Document, node: Node): JsonValue | undefined {
  try {
    return node.toJS(document) as JsonValue
  } catch (error) {
    if (error instanceof ReferenceError) return undefined
    throw error
  }
}

/** The same node with what differs changed, so that comments and anchors of the rest stay. */
function renewed(
  document: Document,
  node: Node | undefined,
  value: JsonValue | undefined,
): unknown {
  const present = node && presentValue(document, node)
  if (node && digest([present ?? null]) === digest([value ?? null])) return node
  if (isMap(node) && isJsonObject(value)) {
    for (const key of node.items.map((item) => String((item.key as { value?: unknown })?.value))) {
      if (value[key] === undefined) node.delete(key)
    }
    for (const [key, member] of Object.entries(value)) {
      node.set(key, renewed(document, node.get(key, true) as Node | undefined, member))
    }
    return node
  }
  if (isSeq(node) && Array.isArray(value)) {
    const items = node.items as Node[]
    const nameOf = (each: JsonValue) => (isJsonObject(each) ? each.name : undefined)
    const named = (name: JsonValue | undefined) =>
      items.find((item) => name !== undefined && nameOf(item.toJS(document) as JsonValue) === name)
    node.items = value.map((member, i) => {
      const old = nameOf(member) === undefined ? items[i] : named(nameOf(member))
      return renewed(document, old, member) as Node
    })
    return node
  }
  if (isScalar(node) && isAtom(value) && !node.anchor) {
    node.value = value
    return node
  }
  return document.createNode(value)
}

/** Everything else must mean what it meant, and the edited part what it shall. */
async function verify(
  before: string,
  after: string,
  { place, edit }: { readonly place: Place; readonly edit: Edit },
): Promise<void> {
  const { path, object } = place
  const [old, now] = [await parseManifests(before, path), await parsedAgain(after, path)]
  const meant = digest(object)
  const edited = old.findIndex(
    (each) => each.index === place.index && digest(each.object) === meant,
  )
  const isSame = (i: number) => {
    const [a, b] = [old[i]?.object, now[i]?.object]
    if (!a || !b) return false
    return i === edited
      ? digest(without(a, edit.parts)) === digest(without(b, edit.parts))
      : digest(a) === digest(b)
  }
  const made = now[edited]?.object
  const isAllSame = old.length === now.length && old.every((_, i) => isSame(i))
  if (isAllSame && made && edit.isRight(made)) return
  throw notEditable(place)
}

function notEditable({ path, object }: Place): NotEditable {
  const what = object.kind === 'ConfigMap' ? 'content of the ConfigMap' : 'template'
  return new NotEditable(
    `the ${what} in ${path} cannot be changed without changing something else`,
    'an anchor, a merge key or a template engine may be the reason: edit the file by hand',
  )
}

/** None where it cannot be read: an alias has lost its anchor. */
async function parsedAgain(text: string, path: string) {
  try {
    return await parseManifests(text, path)
  } catch (error) {
    if (error instanceof ManifestError) return []
    throw error
  }
}

/** The object without these members. */
function without(object: JsonObject, parts: Edit['parts']): JsonObject {
  return parts.reduce<JsonObject>((rest, [key = '', ...below]) => {
    const { [key]: member, ...others } = rest
    if (below.length === 0 || !isJsonObject(member)) return others
    return { ...others, [key]: without(member, [below]) }
  }, object)
}
