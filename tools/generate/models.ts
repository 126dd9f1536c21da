import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { renames } from './roots.ts'

export interface Field {
  readonly name: string
  /**
   * A scalar (`string int32 int64 double boolean date-time bytes int-or-string any`) or a model's
   * name.
   */
  readonly type: string
  readonly shape: 'one' | 'list' | 'map' | 'map-of-lists'
  readonly required: boolean
  readonly description: string | undefined
}

export interface Model {
  readonly name: string
  readonly description: string | undefined
  readonly fields: readonly Field[]
}

interface Attribute {
  readonly baseName: string
  readonly type: string
  readonly format: string
}

const require = createRequire(import.meta.url)
const modelsDir = join(dirname(require.resolve('@kubernetes/client-node')), 'gen', 'models')

/** Our name of a model: the version prefix dropped (`V1PodSpec` -> `PodSpec`). */
function localName(upstream: string): string {
  return renames[upstream] ?? upstream.replace(/^V\d+/, '')
}

async function attributesOf(upstream: string): Promise<readonly Attribute[]> {
  const module = await import(pathToFileURL(join(modelsDir, `${upstream}.js`)).href)
  return module[upstream].attributeTypeMap
}

/** What only the declaration file of a model says. */
interface Declaration {
  readonly description: string | undefined
  readonly fields: ReadonlyMap<string, Pick<Field, 'required' | 'description'>>
}

const classDeclaration = /\/\*\*\n\* ([^\n]*)\n\*\/\nexport declare class/
const fieldDeclaration = /(?:^ {4}\* ([^\n]*)\n {4}\*\/\n)?^ {4}'([^']+)'(\??): /gm

/** The text of a doc comment, without what keeps it a comment. */
function prose(text: string | undefined): string | undefined {
  return text
    ?.replace(/\\(['"])/g, '$1')
    .replaceAll('*_/', '*/')
    .replaceAll('/_*', '/*')
    .trim()
}

function readDeclaration(upstream: string): Declaration {
  const text = readFileSync(join(modelsDir, `${upstream}.d.ts`), 'utf8')
  const fields = [...text.matchAll(fieldDeclaration)].map(([, comment, name = '', optional]) => {
    return [name, { required: optional === '', description: prose(comment) }] as const
  })
  return { description: prose(classDeclaration.exec(text)?.[1]), fields: new Map(fields) }
}

const scalars: Readonly<Record<string, string>> = {
  string: 'string',
  boolean: 'boolean',
  any: 'any',
  object: 'any',
  IntOrString: 'int-or-string',
  Date: 'date-time',
  V1MicroTime: 'date-time',
}

function scalarOf(type: string, format: string): string | undefined {
  if (type === 'number') return format === '' ? 'double' : format
  if (type === 'string' && format === 'byte') return 'bytes'
  return scalars[type]
}

function parseType(type: string): { shape: Field['shape']; element: string } {
  const list = /^(?:Array|Set)<(.+)>$/.exec(type)
  if (list) return { shape: 'list', element: list[1] as string }
  const map = /^\{ \[key: string\]: (.+); \}$/.exec(type)
  if (!map) return { shape: 'one', element: type }
  const inner = /^Array<(.+)>$/.exec(map[1] as string)
  return inner
    ? { shape: 'map-of-lists', element: inner[1] as string }
    : { shape: 'map', element: map[1] as string }
}

async function readModel(upstream: string): Promise<{ model: Model; references: string[] }> {
  const declaration = readDeclaration(upstream)
  const references: string[] = []
  const fields = (await attributesOf(upstream)).map(({ baseName, type, format }): Field => {
    const { shape, element } = parseType(type)
    const scalar = scalarOf(element, format)
    if (scalar === undefined) references.push(element)
    return {
      name: baseName,
      type: scalar ?? localName(element),
      shape,
      required: false,
      description: undefined,
      ...declaration.fields.get(baseName),
    }
  })
  const { description } = declaration
  return { model: { name: localName(upstream), description, fields }, references }
}

/** The closure of `roots` over references, sorted by name. */
export async function readModels(
  roots: Readonly<Record<string, string>>,
): Promise<readonly Model[]> {
  const pending = Object.values(roots)
  const seen = new Map<string, Model>()
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (seen.has(next)) continue
    const { model, references } = await readModel(next)
    seen.set(next, model)
    pending.push(...references)
  }
  return [...seen.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}
