import { isJsonObject, type JsonObject, type JsonValue } from '../../api/json.ts'
import type { KubeObject } from '../../api/object.ts'
import { CliError } from '../cli-error.ts'
import type { Flags } from '../flags.ts'
import type { Output } from '../io.ts'
import { Columns } from './columns.ts'
import { customColumns } from './custom-columns.ts'
import { jsonPathPrinter } from './json-path.ts'
import { jsonText, sorted } from './json-text.ts'
import { yamlText } from './yaml-text.ts'

/** Prints objects in the form of `-o`, one after the other. */
export type ObjectPrinter = (object: KubeObject) => void

/** `deployment.apps/app`, `pod/p` (G-01). */
export function objectName({ apiVersion, kind, metadata }: KubeObject): string {
  const slash = apiVersion.indexOf('/')
  const group = slash < 0 ? '' : `.${apiVersion.slice(0, slash)}`
  return `${kind.toLowerCase()}${group}/${metadata.name ?? ''}`
}

export interface PrinterOptions {
  readonly flags: Flags
  readonly stdout: Output
}

/**
 * Prints what was done to an object: `deployment.apps/app created`, or in the form of `-o` the
 * object.
 */
export function operationPrinter(
  operation: string,
  { flags, stdout }: PrinterOptions,
): ObjectPrinter {
  const print = formatPrinter(flags, stdout)
  return print ?? ((object) => stdout.write(`${objectName(object)} ${operation}\n`))
}

/** Those that kubectl names; of them go-template, kyaml and the files are kubectl's alone. */
const formats = [
  'custom-columns',
  'custom-columns-file',
  'go-template',
  'go-template-file',
  'json',
  'jsonpath',
  'jsonpath-as-json',
  'jsonpath-file',
  'kyaml',
  'name',
  'template',
  'templatefile',
  'yaml',
]

/**
 * Undefined without `-o`. Throws CliError for a form that does not exist; `others` are forms that
 * the command has besides.
 */
export function formatPrinter(
  flags: Flags,
  stdout: Output,
  others: readonly string[] = [],
): ObjectPrinter | undefined {
  const output = flags.text('output')
  const keeps = flags.boolean('show-managed-fields')
  const shown = (object: KubeObject) => shownValue(object, keeps)
  const [format = '', argument = ''] = output.split(/=(.*)/s)
  switch (format) {
    case '':
      return undefined
    case 'name':
      return (object) => {
        for (const item of itemsOf(object)) stdout.write(`${objectName(item)}\n`)
      }
    case 'json':
      return (object) => stdout.write(jsonText(shown(object)))
    case 'yaml':
      return yamlPrinter(stdout, shown)
    case 'jsonpath': {
      if (argument === '') {
        throw new CliError('template format specified but no template given')
      }
      const print = jsonPathPrinter(argument)
      return (object) => stdout.write(print(shown(object)))
    }
    case 'custom-columns':
      return columnsPrinter(argument, flags, stdout)
    default:
      throw unknownFormat(output, [...formats, ...others].sort())
  }
}

function unknownFormat(output: string, allowed: readonly string[]): CliError {
  return new CliError(
    `unable to match a printer suitable for the output format ${JSON.stringify(output)}, allowed formats are: ${allowed}`,
  )
}

function yamlPrinter(stdout: Output, shown: (object: KubeObject) => JsonValue): ObjectPrinter {
  let count = 0
  return (object) => {
    if (count++ > 0) stdout.write('---\n')
    stdout.write(yamlText(shown(object)))
  }
}

function columnsPrinter(spec: string, flags: Flags, stdout: Output): ObjectPrinter {
  const { headings, row } = customColumns(spec)
  const columns = new Columns()
  let isFirst = !flags.boolean('no-headers')
  return (object) => {
    const rows = itemsOf(object).map((item) => row(item as unknown as JsonValue))
    stdout.write(columns.format(isFirst ? [headings, ...rows] : rows))
    isFirst = false
  }
}

/** The objects of a List, or the object itself. */
function itemsOf(object: KubeObject): readonly KubeObject[] {
  const { items } = object as KubeObject & { readonly items?: readonly KubeObject[] }
  return object.kind.endsWith('List') && Array.isArray(items) ? items : [object]
}

/** In alphabetical order and, unless they are asked for, without managedFields. */
function shownValue(object: KubeObject, keepsManagedFields: boolean): JsonValue {
  const value = sorted(object as unknown as JsonValue)
  return keepsManagedFields ? value : withoutManagedFields(value)
}

function withoutManagedFields(value: JsonValue): JsonValue {
  if (!isJsonObject(value)) return value
  const { metadata, items } = value
  const shown: JsonObject = Array.isArray(items)
    ? { ...value, items: items.map(withoutManagedFields) }
    : value
  if (!isJsonObject(metadata)) return shown
  const { managedFields: _, ...rest } = metadata
  return { ...shown, metadata: rest }
}
