import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { findTool } from './find-tool.ts'

const run = promisify(execFile)
const toolPath = '/usr/local/bin:/usr/bin:/bin'
const trialMs = 10_000

/** Namespaces of its own: no process of it is left when its first has ended. */
export const ownNamespaces = ['--unshare-pid', '--new-session'] as const

/** The path of bwrap; '' where it is not installed. */
export function bwrapTool(): string {
  return findTool('bwrap', toolPath)
}

let known: Promise<string | undefined> | undefined

/** Why containers cannot have a file tree of their own here, and what would help; tried once. */
export function isolationHindrance(): Promise<string | undefined> {
  known ??= tryIsolation()
  return known
}

async function tryIsolation(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'only Linux has private file trees for processes'
  const bwrap = bwrapTool()
  if (bwrap === '') {
    return 'bubblewrap is not installed on this machine: install it (Debian, Ubuntu: apt install bubblewrap)'
  }
  if (findTool('nsenter', toolPath) === '') {
    return 'nsenter is not installed on this machine: install util-linux'
  }
  try {
    const tree = ['--dev-bind', '/', '/', '--proc', '/proc']
    await run(bwrap, [...ownNamespaces, ...tree, '--', '/bin/sh', '-c', ':'], { timeout: trialMs })
    return undefined
  } catch (error) {
    const said = String((error as { stderr?: string }).stderr ?? (error as Error).message).trim()
    return `bubblewrap cannot make a private file tree here (${said}): allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1, on Ubuntu also kernel.apparmor_restrict_unprivileged_userns=0), or run "astern up" as root`
  }
}
