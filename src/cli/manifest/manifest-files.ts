import { readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join, resolve } from 'node:path'
import { CliError } from '../cli-error.ts'
import type { CliIo } from '../io.ts'

export interface ManifestFile {
  /** As it was typed; `STDIN` for standard input. */
  readonly name: string
  readonly text: string
}

const extensions = ['.json', '.yaml', '.yml']

/** The files that `-f` names: files, directories (deeper ones with `isRecursive`), `-`, URLs. */
export async function* manifestFiles(
  io: Pick<CliIo, 'stdin' | 'cwd'>,
  names: readonly string[],
  isRecursive: boolean,
): AsyncGenerator<ManifestFile> {
  for (const name of names) {
    if (name === '-') yield { name: 'STDIN', text: await readAll(io.stdin) }
    else if (/^https?:\/\//.test(name)) yield { name, text: await download(name) }
    else {
      for (const path of pathsOf(io.cwd, name, isRecursive)) {
        yield { name: path, text: readFileSync(resolve(io.cwd, path), 'utf8') }
      }
    }
  }
}

async function readAll(stdin: CliIo['stdin']): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString()
}

async function download(url: string): Promise<string> {
  const answer = await fetch(url)
  if (answer.ok) return answer.text()
  const status = `${answer.status} ${answer.statusText}`
  throw new CliError(`unable to read URL ${JSON.stringify(url)}, server reported ${status}`)
}

function pathsOf(cwd: string, name: string, isRecursive: boolean): readonly string[] {
  const stat = statSync(resolve(cwd, name), { throwIfNoEntry: false })
  if (!stat) throw new CliError(`the path ${JSON.stringify(name)} does not exist`)
  if (!stat.isDirectory()) return [name]
  const found = filesIn(cwd, name, isRecursive)
  if (found.length > 0) return found
  const known = `recognized file extensions are [${extensions.join(' ')}]`
  throw new CliError(`error reading [${name}]: ${known}`)
}

function filesIn(cwd: string, directory: string, isRecursive: boolean): readonly string[] {
  const entries = readdirSync(resolve(cwd, directory), { withFileTypes: true })
  entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((entry) => {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) return isRecursive ? filesIn(cwd, path, true) : []
    return extensions.includes(extname(entry.name)) ? [path] : []
  })
}
