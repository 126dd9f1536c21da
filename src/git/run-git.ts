import { spawn } from 'node:child_process'
import { GitError } from './git-error.ts'

export interface GitRun {
  /** The folder that git works in. */
  readonly cwd: string
  /** Fed to standard input. */
  readonly input?: string | Uint8Array
  /** Set on top of the cleaned environment. */
  readonly env?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

export interface GitAnswer {
  readonly code: number
  readonly stdout: Buffer
  readonly stderr: string
}

/**
 * What holds for every call: nothing asks, nothing guesses, no path is a pattern, no hook of
 * fsmonitor runs.
 */
const always = ['-c', 'core.quotePath=false', '-c', 'core.fsmonitor=false', '-c', 'color.ui=false']

const ourEnvironment = {
  GIT_TERMINAL_PROMPT: '0',
  GIT_LITERAL_PATHSPECS: '1',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_EDITOR: 'true',
  LC_ALL: 'C',
}

/**
 * How to reach a remote and who somebody is may come from outside; which repository, index or tree
 * is meant never: a hook that starts us has them set for its own.
 */
const kept =
  /^GIT_(SSH|SSH_COMMAND|SSH_VARIANT|ASKPASS|SSL_\w+|HTTP_\w+|CONFIG_\w+|AUTHOR_\w+|COMMITTER_\w+)$/

export function cleanEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const passed = Object.entries(env).filter(
    ([key, value]) => value !== undefined && (!key.startsWith('GIT_') || kept.test(key)),
  )
  return { ...(Object.fromEntries(passed) as Record<string, string>), ...ourEnvironment }
}

/** Runs git without a shell and hands back whatever it answered. Rejects when there is no git. */
export function tryGit(args: readonly string[], run: GitRun): Promise<GitAnswer> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', [...always, ...args], {
      cwd: run.cwd,
      env: { ...cleanEnvironment(process.env), ...run.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(run.signal && { signal: run.signal }),
    })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.on('error', (error) => reject(cannotRun(args, error)))
    child.on('close', (code) => {
      const stderr = Buffer.concat(err).toString()
      resolve({ code: code ?? 1, stdout: Buffer.concat(out), stderr })
    })
    // git may end without reading what it is fed.
    child.stdin.on('error', () => {})
    child.stdin.end(run.input)
  })
}

function cannotRun(args: readonly string[], error: NodeJS.ErrnoException): Error {
  if (error.code !== 'ENOENT') return error
  return new GitError('no-git', 'git cannot be run: is it installed, and does the folder exist?', {
    args,
  })
}

/** The bytes that git wrote. Rejects with a GitError that has git's own words. */
export async function gitBytes(args: readonly string[], run: GitRun): Promise<Buffer> {
  const { code, stdout, stderr } = await tryGit(args, run)
  if (code !== 0) throw GitError.ofAnswer(args, stderr)
  return stdout
}

/** The text that git wrote, without the newline at its end. */
export async function gitText(args: readonly string[], run: GitRun): Promise<string> {
  return (await gitBytes(args, run)).toString().replace(/\n$/, '')
}

/** The text, or undefined where git says no by its exit code alone. */
export async function gitTextOr(args: readonly string[], run: GitRun): Promise<string | undefined> {
  const { code, stdout } = await tryGit(args, run)
  return code === 0 ? stdout.toString().replace(/\n$/, '') : undefined
}
