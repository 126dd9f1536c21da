import type { KubeObject } from './object.ts'
import { qualifiedPlural, type Resource } from './resource.ts'
import { badRequest } from './status-error.ts'

/** A field selector made ready: compile once, match often. */
export interface FieldMatcher {
  /** Selects everything. */
  readonly isEmpty: boolean
  matches(object: KubeObject): boolean
  /**
   * The one value that `field` must have, if the selector demands one: `metadata.name=x` turns a
   * list into a get.
   */
  exactValue(field: string): string | undefined
}

interface Term {
  readonly field: string
  readonly value: string
  readonly isEqual: boolean
}

type Accessor = (object: KubeObject) => string

/** The value at a dotted path as text: '' for what is absent, unless `absent` says otherwise. */
function at(path: string, absent = ''): Accessor {
  const keys = path.split('.')
  return (object) => {
    let value: unknown = object
    for (const key of keys) value = (value as Record<string, unknown> | undefined)?.[key]
    return value === undefined || value === null ? absent : String(value)
  }
}

function fields(...paths: readonly string[]): Readonly<Record<string, Accessor>> {
  return Object.fromEntries(paths.map((path) => [path, at(path)]))
}

const name = fields('metadata.name')
const namespacedName = fields('metadata.name', 'metadata.namespace')

const eventSource = at('source.component')
const reportingComponent = at('reportingComponent')

/**
 * What may be selected on, by resource (H-10). Others have `metadata.name` and
 * `metadata.namespace`.
 */
const selectable: Readonly<Record<string, Readonly<Record<string, Accessor>>>> = {
  pods: {
    ...namespacedName,
    ...fields(
      'spec.nodeName',
      'spec.restartPolicy',
      'spec.schedulerName',
      'spec.serviceAccountName',
      'status.phase',
      'status.podIP',
      'status.nominatedNodeName',
    ),
    'spec.hostNetwork': at('spec.hostNetwork', 'false'),
    'spec.host': at('spec.nodeName'),
  },
  events: {
    ...namespacedName,
    ...fields(
      'involvedObject.kind',
      'involvedObject.namespace',
      'involvedObject.name',
      'involvedObject.uid',
      'involvedObject.apiVersion',
      'involvedObject.resourceVersion',
      'involvedObject.fieldPath',
      'reason',
      'type',
    ),
    reportingComponent,
    source: (event) => eventSource(event) || reportingComponent(event),
  },
  nodes: { ...name, 'spec.unschedulable': at('spec.unschedulable', 'false') },
  namespaces: { ...name, ...fields('status.phase') },
  'replicasets.apps': { ...namespacedName, 'status.replicas': at('status.replicas', '0') },
  services: { ...namespacedName, ...fields('spec.clusterIP', 'spec.type') },
  secrets: { ...namespacedName, ...fields('type') },
}

/**
 * Parses and compiles a selector for one resource. Throws 400 for bad syntax and for a field that
 * is not selectable.
 */
export function compileFieldSelector(resource: Resource, text: string): FieldMatcher {
  const terms = splitTerms(text).map((term) => parseTerm(text, term))
  const tests = terms.map(({ field, value, isEqual }) => {
    const accessor = accessorOf(resource, field)
    return (object: KubeObject) => (accessor(object) === value) === isEqual
  })
  return {
    isEmpty: terms.length === 0,
    matches: (object) => tests.every((test) => test(object)),
    exactValue: (field) => terms.find((term) => term.isEqual && term.field === field)?.value,
  }
}

function accessorOf(resource: Resource, field: string): Accessor {
  const own = selectable[qualifiedPlural(resource)]
  const known = own ?? namespacedName
  const accessor = Object.hasOwn(known, field) ? known[field] : undefined
  if (accessor) return accessor
  throw badRequest(
    own
      ? `field label not supported: ${field}`
      : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
  )
}

/** Splits at commas that no backslash escapes. */
function splitTerms(text: string): readonly string[] {
  return (text.match(/(?:\\[\s\S]|[^,\\]|\\$)+/g) ?? []).filter((term) => term !== '')
}

function parseTerm(selector: string, term: string): Term {
  const match = /^(.*?)(!=|==|=)([\s\S]*)$/.exec(term)
  if (!match) throw badRequest(`invalid selector: '${selector}'; can't understand '${term}'`)
  const [, field = '', operator, escapedValue = ''] = match
  return { field, value: unescapeValue(escapedValue), isEqual: operator !== '!=' }
}

function unescapeValue(text: string): string {
  return text.replace(/\\([\s\S]?)|[,=]/g, (found, character: string | undefined) => {
    if (character === undefined) {
      throw badRequest(
        `invalid field selector: unescaped character in value: ${found.codePointAt(0)}`,
      )
    }
    if (character === '\\' || character === ',' || character === '=') return character
    throw badRequest(`invalid field selector: invalid escape sequence: ${found}`)
  })
}
