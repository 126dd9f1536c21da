import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { parseSync, Visitor } from 'oxc-parser'

export interface FunctionSpan {
  readonly name: string
  readonly line: number
  readonly lines: number
  /** Positional parameters, without a last options object or sink and a first caller or context. */
  readonly parameters: number
}

export interface SourceFile {
  /** Below the root of the repository, with forward slashes. */
  readonly path: string
  readonly text: string
  /** Relative imports and exports (types too), as paths below the root. */
  readonly imports: readonly string[]
  readonly functions: readonly FunctionSpan[]
  /** The text with comments and string contents blanked: for searching code. */
  readonly code: string
}

function filesBelow(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'generated' ? [] : filesBelow(root, path)
    return /\.tsx?$/.test(entry.name) ? [path] : []
  })
}

function lineAt(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++
  return line
}

interface Spanned {
  readonly start: number
  readonly end: number
}

type FunctionNode = Spanned & {
  readonly id?: { readonly name: string } | null
  readonly params: readonly unknown[]
}

const notCounted = new Set(['options', 'sink', 'caller', 'context'])

function countParameters(params: readonly unknown[]): number {
  return params.filter((parameter) => {
    const { name, left } = parameter as { name?: string; left?: { name?: string } }
    return !notCounted.has((name ?? left?.name ?? '').replace(/^_/, ''))
  }).length
}

function functionsOf(text: string, program: Parameters<Visitor['visit']>[0]): FunctionSpan[] {
  const found: FunctionSpan[] = []
  const visit = (node: FunctionNode) => {
    const line = lineAt(text, node.start)
    const lines = lineAt(text, node.end) - line + 1
    found.push({
      name: node.id?.name ?? `line ${line}`,
      line,
      lines,
      parameters: countParameters(node.params),
    })
  }
  new Visitor({
    FunctionDeclaration: (node) => visit(node as FunctionNode),
    FunctionExpression: (node) => visit(node as FunctionNode),
    ArrowFunctionExpression: (node) => visit(node as unknown as FunctionNode),
  }).visit(program)
  return found
}

/** Same length and lines as `text`, with what must not be searched replaced by blanks. */
function blank(text: string, spans: readonly Spanned[]): string {
  let code = ''
  let at = 0
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
    if (start < at) continue
    code += text.slice(at, start) + text.slice(start, end).replace(/[^\n]/g, ' ')
    at = end
  }
  return code + text.slice(at)
}

export function parseSource(path: string, text: string): SourceFile {
  const { program, comments, module } = parseSync(path, text)
  const requests = [
    ...module.staticImports.map((i) => i.moduleRequest.value),
    ...module.staticExports.flatMap((e) => e.entries.map((entry) => entry.moduleRequest?.value)),
    ...module.dynamicImports.map(({ moduleRequest: { start, end } }) =>
      text.slice(start + 1, end - 1),
    ),
  ]
  const imports = requests
    .filter((request): request is string => request?.startsWith('.') === true)
    .map((request) => posix.join(posix.dirname(path), request))
  const strings: Spanned[] = []
  new Visitor({
    Literal: (node) => {
      if (typeof node.value === 'string') strings.push(node)
    },
    TemplateElement: (node) => strings.push(node),
  }).visit(program)
  return {
    path,
    text,
    imports: [...new Set(imports)],
    functions: functionsOf(text, program),
    code: blank(text, [...comments, ...strings]),
  }
}

export function readSourceTree(root: string, folders: readonly string[]): readonly SourceFile[] {
  return folders
    .flatMap((folder) => filesBelow(root, folder))
    .map((path) => parseSource(path, readFileSync(join(root, path), 'utf8')))
}

export function isTest(path: string): boolean {
  return /\.(test|contract|bench|fixture)\.tsx?$/.test(path) || path.startsWith('test/')
}
