import type { JsonValue } from '../../api/json.ts'
import { CliError } from '../cli-error.ts'
import { goText } from './go-text.ts'
import { select } from './json-path.ts'
import { parsePath, type Step } from './json-path-parser.ts'

export interface CustomColumns {
  readonly headings: readonly string[]
  row(object: JsonValue): readonly string[]
}

/** Compiles `NAME:.metadata.name,IMAGE:.spec.containers[*].image`. Throws CliError. */
export function customColumns(spec: string): CustomColumns {
  if (spec === '') {
    throw new CliError('custom-columns format specified but no custom columns given')
  }
  const columns = spec.split(',').map((column): readonly [string, readonly Step[]] => {
    const [heading = '', path] = column.split(/:(.*)/s)
    if (path === undefined) {
      throw new CliError(
        `unexpected custom-columns spec: ${column}, expected <header>:<json-path-expr>`,
      )
    }
    return [heading, parsePath(path.replace(/^\{(.*)\}$/s, '$1'))]
  })
  return {
    headings: columns.map(([heading]) => heading),
    row: (object) => columns.map(([, steps]) => cellText(steps, object)),
  }
}

function cellText(steps: readonly Step[], object: JsonValue): string {
  const values = select(steps, { root: object, current: object })
  return values.length === 0
    ? '<none>'
    : values.map((value) => (value === null ? '<none>' : goText(value))).join(',')
}
