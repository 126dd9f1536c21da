import { diffLines } from 'diff'
import type { JsonValue } from '../../api/json.ts'
import type { SnapshotDiff } from '../../release/diff.ts'
import type { FieldDifference } from '../../release/field-differences.ts'
import { compactJson } from '../print/json-text.ts'
import { yamlText } from '../print/yaml-text.ts'
import type { Colors } from './colors.ts'

/**
 * What differs, for people; empty when nothing does. Of Secrets nothing but whether they changed.
 */
export function diffText(diff: SnapshotDiff, colors: Colors): string {
  const parts = [
    part('template', diff.template, colors),
    ...diff.configuration.map(({ name, fields }) => part(`ConfigMap ${name}`, fields, colors)),
    ...diff.secrets.map(({ name, change }) =>
      change === 'unchanged' ? '' : `${colors.bold(`Secret ${name}`)}: ${change}\n`,
    ),
  ].filter((text) => text !== '')
  if (parts.length === 0) return ''
  const heading = `${colors.red(`--- ${diff.from}`)}\n${colors.green(`+++ ${diff.to}`)}\n`
  return heading + parts.join('')
}

function part(title: string, fields: readonly FieldDifference[], colors: Colors): string {
  if (fields.length === 0) return ''
  return `${colors.bold(title)}\n${fieldsText(fields, colors)}`
}

/** Each field with what it was (`-`) and what it is (`+`). */
export function fieldsText(fields: readonly FieldDifference[], colors: Colors): string {
  return fields.map((field) => fieldText(field, colors)).join('')
}

function fieldText({ path, from, to }: FieldDifference, colors: Colors): string {
  const heading = `  ${colors.cyan(path || 'all of it')}\n`
  return (
    heading +
    (isText(from) && isText(to) ? linesText(from, to, colors) : valuesText(from, to, colors))
  )
}

/** Texts of several lines are compared line by line. */
function isText(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && value.includes('\n')
}

function linesText(from: string, to: string, colors: Colors): string {
  return diffLines(from, to)
    .map(({ value, added, removed }) => {
      const [mark, paint] = added
        ? ['+', colors.green]
        : removed
          ? ['-', colors.red]
          : [' ', String]
      return marked(mark, value, paint)
    })
    .join('')
}

function valuesText(
  from: JsonValue | undefined,
  to: JsonValue | undefined,
  colors: Colors,
): string {
  const before = from === undefined ? '' : marked('-', valueText(from), colors.red)
  return before + (to === undefined ? '' : marked('+', valueText(to), colors.green))
}

function valueText(value: JsonValue): string {
  if (typeof value === 'string') return value === '' ? '""' : value
  const line = compactJson(value)
  return line.length <= 80 ? line : yamlText(value)
}

function marked(mark: string, text: string, paint: (line: string) => string): string {
  const lines = text.replace(/\n$/, '').split('\n')
  return lines.map((line) => `${paint(`  ${mark} ${line}`)}\n`).join('')
}
