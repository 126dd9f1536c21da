import { isTest, type SourceFile } from './source-tree.ts'

export const budgets = { functionLines: 70, fileLines: 500, columns: 100, parameters: 3 } as const

const bannedNames = /(^|\/)(utils?|helpers?|misc|common)(\.ts|\/)/

/**
 * `describe` callbacks hold tests, they do nothing themselves; a whole suite may be longer than a
 * function.
 */
function isSuite(file: SourceFile, line: number): boolean {
  return (
    isTest(file.path) && /\bdescribe|Contract\(|\.each/.test(file.text.split('\n')[line - 1] ?? '')
  )
}

export function budgetFaults(file: SourceFile): string[] {
  const lines = file.text.split('\n')
  const faults: string[] = []
  if (lines.length - 1 > budgets.fileLines) {
    faults.push(`${file.path}: ${lines.length - 1} lines, at most ${budgets.fileLines}: split it`)
  }
  for (const { name, line, lines: length, parameters } of file.functions) {
    const where = `${file.path}:${line}: function ${name}`
    if (length > budgets.functionLines && !isSuite(file, line)) {
      faults.push(`${where} has ${length} lines, at most ${budgets.functionLines}`)
    }
    if (parameters > budgets.parameters && !isTest(file.path)) {
      faults.push(`${where} has ${parameters} parameters, at most ${budgets.parameters}`)
    }
  }
  lines.forEach((text, index) => {
    // The width of code is the formatter's; it leaves comments alone.
    if (text.length <= budgets.columns || !/^\s*(\/\/|\/?\*)/.test(text)) return
    if (/https?:|biome-ignore/.test(text)) return
    faults.push(`${file.path}:${index + 1}: ${text.length} columns, at most ${budgets.columns}`)
  })
  return faults
}

export function nameFaults({ path }: SourceFile): string[] {
  const name = path.split('/').pop() ?? ''
  if (bannedNames.test(path)) return [`${path}: name it after what it does, not "${name}"`]
  return /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*\.tsx?$/.test(name)
    ? []
    : [`${path}: not kebab-case`]
}
