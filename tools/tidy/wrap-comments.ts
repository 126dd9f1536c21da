/**
 * The update twin of the column budget for comments: reflows those that are too wide. `npm run
 * format` runs it after the formatter, which leaves comments alone.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { budgets } from './budgets.ts'
import { readSourceTree } from './source-tree.ts'

/** Words in lines of at most `width`, each beginning with `lead`. */
function fill(text: string, lead: string, width: number): string[] {
  const lines: string[] = []
  let line = lead
  for (const word of text.split(/\s+/).filter((one) => one !== '')) {
    if (line !== lead && line.length + 1 + word.length > width) {
      lines.push(line)
      line = lead
    }
    line += line === lead ? word : ` ${word}`
  }
  return [...lines, line]
}

/** A new paragraph begins after an empty line, and at an item of a list. */
function paragraphs(lines: readonly string[]): string[] {
  const found: string[] = []
  for (const line of lines) {
    const isNew =
      found.length === 0 || line === '' || found.at(-1) === '' || /^(-|\d+\.) /.test(line)
    if (isNew) found.push(line)
    else found.push(`${found.pop()} ${line}`)
  }
  return found
}

function wrapBlock(indent: string, body: readonly string[]): string[] {
  const lead = `${indent} * `
  const wrapped = paragraphs(body).flatMap((text) =>
    text === '' ? [`${indent} *`] : fill(text, lead, budgets.columns),
  )
  return [`${indent}/**`, ...wrapped, `${indent} */`]
}

/** The text with every comment that has a line beyond the budget reflowed. */
export function wrapComments(text: string): string {
  const blocks = text.replace(
    /^([ \t]*)\/\*\*[^\n]*(?:\n[ \t]*\*[^\n]*)*/gm,
    (block, indent: string) => {
      const lines = block.split('\n')
      const isTooWide = lines.some((line) => line.length > budgets.columns)
      if (!isTooWide || !block.trimEnd().endsWith('*/')) return block
      const body = lines.map((line) =>
        line
          .replace(/^\s*(\/\*\*|\*\/|\*)? ?/, '')
          .replace(/\s*\*\/\s*$/, '')
          .trim(),
      )
      while (body[0] === '') body.shift()
      while (body.at(-1) === '') body.pop()
      return wrapBlock(indent, body).join('\n')
    },
  )
  return blocks.replace(/^([ \t]*)\/\/ [^\n]{80,}$/gm, (line, indent: string) =>
    line.length > budgets.columns && !line.includes('biome-ignore')
      ? fill(line.trim().slice(3), `${indent}// `, budgets.columns).join('\n')
      : line,
  )
}

const root = fileURLToPath(new URL('../../', import.meta.url))
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const only = process.argv.slice(2)
  for (const { path, text } of readSourceTree(root, ['src', 'test', 'tools', 'examples'])) {
    if (only.length > 0 && !only.some((prefix) => path.startsWith(prefix))) continue
    const wrapped = wrapComments(text)
    if (wrapped !== text) writeFileSync(join(root, path), wrapped)
  }
}
