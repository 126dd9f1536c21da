import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { findTool } from '../../find-tool.ts'

const run = promisify(execFile)
const toolPath = '/usr/local/bin:/usr/bin:/bin'
const trialMs = 10_000

/** Namespaces of its own: no process of it is left when its first has ended. */
export const ownNamespaces = ['--unshare-pid', '--new-session'] as const

/**
 * The two steps of a confinement on a terminal. What makes the terminal needs the machine's files,
 * and a shell on it needs its session in the container's own pid namespace: so that comes first,
 * with nothing else, and the file tree comes inside the terminal, in its session.
 */
export function aroundTerminal(
  confinement: readonly string[],
): readonly [outside: readonly string[], inside: readonly string[]] {
  const outside = [bwrapTool(), '--unshare-pid', '--dev-bind', '/', '/', '--proc', '/proc']
  const own: readonly string[] = ownNamespaces
  const inside = confinement.filter((option) => !own.includes(option))
  // It is the namespace's own already, and not for an inner user to mount again.
  return [outside, inside.flatMap((option) => (option === '--proc' ? ['--bind', '/proc'] : option))]
}

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
    await run(bwrap, [...ownNamespaces, ...tree, '--', '/bin/sh', '-c', ':'], {
      timeout: trialMs,
    })
    return undefined
  } catch (error) {
    const said = String((error as { stderr?: string }).stderr ?? (error as Error).message).trim()
    return `bubblewrap cannot make a private file tree here (${said}): allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1, on Ubuntu also kernel.apparmor_restrict_unprivileged_userns=0), or run "astern up" as root`
  }
}

let overlayKnown: Promise<boolean> | undefined

/** Whether a container can write over an image without changing it; tried once. */
export function canOverlay(): Promise<boolean> {
  overlayKnown ??= tryOverlay()
  return overlayKnown
}

async function tryOverlay(): Promise<boolean> {
  const unshare = findTool('unshare', toolPath)
  if (unshare === '' || findTool('mount', toolPath) === '') return false
  const script =
    'mount -t tmpfs none /tmp && cd /tmp && mkdir l u w r && mount -t overlay overlay -o lowerdir=l,upperdir=u,workdir=w r'
  const users = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']
  const command = [...users, '--mount', '--', '/bin/sh', '-c', script]
  return run(unshare, command, { timeout: trialMs }).then(
    () => true,
    () => false,
  )
}
