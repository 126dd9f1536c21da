import { readFileSync } from 'node:fs'

/** One command of a transcript, and what it has to say. */
export interface Step {
  /** A line for `sh`. */
  readonly command: string
  readonly stdout: readonly string[]
  readonly stderr: readonly string[]
  readonly code: number
}

/** What a client is shown to do: a title and its commands, in order. */
export interface Section {
  readonly title: string
  /** Where the texts come from. */
  readonly from: string
  readonly steps: readonly Step[]
}

interface OpenStep {
  command: string
  stdout: string[]
  stderr: string[]
  code: number
}

/** `[31 33] TEXT`: only these versions print the line, or are given the command. */
const condition = /^\[([\d ]+)\] ?/

/**
 * A transcript as one version of a client has it. Lines of the file: `## TITLE`, `# from: SOURCES`,
 * `$ COMMAND`, lines of standard output as they are, `! LINE` on standard error, `= CODE` where it
 * is not 0, `# comment`. Empty lines mean nothing; `·` is an empty line, `␠` a space that would not
 * be seen.
 */
export function readTranscript(
  file: string | URL,
  version: string,
  variables: Readonly<Record<string, string>> = {},
): readonly Section[] {
  const sections: { title: string; from: string; steps: OpenStep[] }[] = []
  let isSkipped = false
  for (const raw of readFileSync(file, 'utf8').split('\n')) {
    const [prefix = '', versions] = condition.exec(raw) ?? []
    const isMine = versions === undefined || versions.split(' ').includes(version)
    const line = fill(raw.slice(prefix.length), variables)
    if (line.startsWith('$ ')) isSkipped = !isMine
    const section = sections.at(-1)
    if (section && raw.startsWith('# from: ')) section.from = raw.slice('# from: '.length)
    if (!isMine || raw === '' || raw.startsWith('# ')) continue
    if (line.startsWith('## ')) sections.push({ title: line.slice(3), from: '', steps: [] })
    else if (!isSkipped) addLine(section?.steps ?? [], line)
  }
  return sections
}

function addLine(steps: OpenStep[], line: string): void {
  if (line.startsWith('$ ')) {
    steps.push({ command: line.slice(2), stdout: [], stderr: [], code: 0 })
    return
  }
  const step = steps.at(-1)
  if (!step) throw new Error(`a transcript has output before any command: ${line}`)
  if (line.startsWith('! ')) step.stderr.push(line.slice(2))
  else if (line.startsWith('= ')) step.code = Number(line.slice(2))
  else step.stdout.push(line)
}

function fill(line: string, variables: Readonly<Record<string, string>>): string {
  const plain = line.replace(/^(! )?·$/, '$1').replaceAll('␠', ' ')
  return plain.replace(/\{(\w+)\}/g, (whole, name: string) => variables[name] ?? whole)
}

/** What may stand in a line for something that differs from run to run. */
const placeholders: Readonly<Record<string, string>> = {
  age: '\\d+[smhd](?:\\d+[smhd])?',
  any: '.*',
  hash: '[a-z0-9]{4,10}',
  ip: '\\d+(?:\\.\\d+){3}',
  n: '\\d+',
  time: '\\d{4}-\\d\\d-\\d\\d[T ][\\d:]+(?:Z| \\+0000 UTC)?',
}

/**
 * A line that begins with `~` is loose about the width of gaps: those beside a placeholder vary.
 */
function patternOf(line: string): RegExp {
  const isLoose = line.startsWith('~')
  const text = isLoose ? line.slice(1) : line
  const pattern = text.split(/(<\w+>| {2,})/).map((part) => {
    const placeholder = placeholders[part.slice(1, -1)]
    if (part.startsWith('<') && placeholder) return placeholder
    if (isLoose && part.startsWith('  ')) return ' {2,}'
    return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  })
  return new RegExp(`^${pattern.join('')}${isLoose ? ' *' : ''}$`)
}

/**
 * What was printed, each line that fits its pattern replaced by the pattern: equal to the expected
 * lines if all is well, and a readable difference otherwise.
 */
export function compared(text: string, expected: readonly string[]): readonly string[] {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n')
  return lines.map((line, index) => {
    const pattern = expected[index]
    return pattern !== undefined && patternOf(pattern).test(line) ? pattern : line
  })
}
