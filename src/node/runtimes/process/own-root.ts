import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { assert } from '../../../base/assert.ts'
import { findTool } from '../../find-tool.ts'
import type { ImageConfig } from '../../images/oci/image-config.ts'
import { pathInside } from '../../images/oci/inside.ts'
import type { Image } from '../../images/store.ts'
import {
  type ContainerSpec,
  type ContainerUser,
  type Mount,
  type Sandbox,
  StartFailed,
} from '../../runtime.ts'
import { bwrapTool, canOverlay, isolationHindrance, ownNamespaces } from './bubblewrap.ts'
import { resolveProgram } from './command.ts'
import { mountedView } from './container-view.ts'
import { bind } from './host-tree.ts'
import type { Layout } from './layout.ts'
import type { Launch } from './protocol.ts'

const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const devices = ['null', 'zero', 'full', 'random', 'urandom', 'tty', 'ptmx', 'pts']
/** What a program needs to find names; the machine's own. */
const machineFiles = ['/etc/resolv.conf', '/etc/hosts']

export interface OwnRootInput {
  readonly layout: Layout
  readonly image: Image
  readonly sandbox: Sandbox
  readonly id: string
}

/**
 * How a container of an OCI image is started: its root is the image, over which what it writes lies
 * in a directory of its own. Rejects with StartFailed.
 */
export async function launchInOwnRoot(
  spec: ContainerSpec,
  input: OwnRootInput,
): Promise<Pick<Launch, 'argv' | 'cwd' | 'env' | 'confinement' | 'stopSignal' | 'scratch'>> {
  const hindrance = await isolationHindrance()
  if (hindrance !== undefined) throw new StartFailed('CreateContainerError', hindrance)
  const { image, sandbox, layout, id } = input
  const { oci, root } = image
  assert(oci !== undefined, 'an image directory has no root of its own')
  const user = userOf(spec.user, oci, root)
  const env = ownEnvironment(spec, { oci, sandbox, home: user.home })
  const cwd = normalize(`/${spec.workingDir ?? oci.workingDir}`).replace(/(?<=.)\/$/, '')
  const argv = commandLine(spec, oci)
  const view = mountedView(spec.mounts, (path) => pathInside(root, path))
  const [program = '', ...args] = argv
  const resolved = resolveProgram(program, { cwd, path: env.PATH, view })
  const scratch = join(layout.scratchDir(spec.podUid), `${spec.container}-${id}`)
  const isWritable = await canOverlay()
  const systemMounts = await spec.systemMounts()
  const tree = treeOptions(spec.mounts, { root, cwd, isWritable, systemMounts })
  const identity =
    user.uid === 0 ? [] : ['--unshare-user', '--uid', `${user.uid}`, '--gid', `${user.gid}`]
  const bwrap = (base: readonly string[]) => [
    bwrapTool(),
    ...ownNamespaces,
    ...identity,
    ...base,
    ...tree,
  ]
  return {
    argv: [resolved, ...args],
    cwd,
    env,
    confinement: isWritable
      ? overlaid(root, scratch, bwrap(['--bind', join(scratch, 'root'), '/']))
      : bwrap(['--ro-bind', root, '/', ...inMemory(root)]),
    ...(oci.stopSignal !== '' && { stopSignal: oci.stopSignal }),
    scratch,
  }
}

/** As in Docker: `command` is the entrypoint, `args` the cmd. */
function commandLine({ command, args, image }: ContainerSpec, oci: ImageConfig): readonly string[] {
  const line =
    command.length > 0
      ? [...command, ...args]
      : [...oci.entrypoint, ...(args.length > 0 ? args : oci.cmd)]
  if (line.length > 0) return line
  throw new StartFailed(
    'CreateContainerConfigError',
    `no command specified: neither the image "${image}" nor the container names one`,
  )
}

function ownEnvironment(
  spec: ContainerSpec,
  { oci, sandbox, home }: { oci: ImageConfig; sandbox: Sandbox; home: string },
): Readonly<Record<string, string>> {
  const ofImage = oci.env.map((entry) => {
    const equals = entry.indexOf('=')
    return equals < 0
      ? ([entry, ''] as const)
      : ([entry.slice(0, equals), entry.slice(equals + 1)] as const)
  })
  return Object.fromEntries([
    ['PATH', usualPath],
    ['HOME', home],
    ['HOSTNAME', spec.podName],
    ...ofImage,
    ...[...spec.env, ...sandbox.env].map(({ name, value }) => [name, value] as const),
  ])
}

interface ResolvedUser {
  readonly uid: number
  readonly gid: number
  readonly home: string
}

/** The container's user, else the image's, looked up in the image's own files. */
function userOf(
  asked: ContainerUser | undefined,
  { user }: ImageConfig,
  root: string,
): ResolvedUser {
  const users = entriesOf(root, '/etc/passwd')
  const groups = entriesOf(root, '/etc/group')
  const [name = '', group] = asked ? [String(asked.uid), undefined] : user.split(':')
  const entry = users.find(([login, , uid]) => login === (name || 'root') || uid === (name || '0'))
  const uid = Number(entry?.[2] ?? (name === '' ? 0 : name))
  const groupEntry = groups.find(([title, , gid]) => title === group || gid === group)
  const gid = Number(asked?.gid ?? (group ? (groupEntry?.[2] ?? group) : (entry?.[3] ?? 0)))
  if (Number.isNaN(uid) || Number.isNaN(gid)) {
    throw new StartFailed(
      'CreateContainerConfigError',
      `unable to find user ${user}: no matching entries in passwd file`,
    )
  }
  return { uid, gid, home: entry?.[5] || '/' }
}

function entriesOf(root: string, path: string): readonly (readonly string[])[] {
  try {
    const text = readFileSync(pathInside(root, path), 'utf8')
    return text.split('\n').map((line) => line.split(':'))
  } catch {
    return []
  }
}

/** What lies over the root: the kernel's own trees, the machine's names, the mounts. */
function treeOptions(
  mounts: readonly Mount[],
  {
    root,
    cwd,
    isWritable,
    systemMounts,
  }: {
    readonly root: string
    readonly cwd: string
    readonly isWritable: boolean
    readonly systemMounts: readonly Mount[]
  },
): readonly string[] {
  const inside = (path: string) => `/${pathInside(root, path).slice(root.length + 1)}`
  const canPut = (path: string) => isWritable || existsSync(pathInside(root, path))
  const sorted = [...mounts].sort((a, b) => (a.containerPath < b.containerPath ? -1 : 1))
  return [
    ...['--proc', '/proc', '--ro-bind', '/sys', '/sys', ...deviceOptions()],
    ...machineFiles
      .filter((path) => existsSync(path) && canPut(path))
      .flatMap((path) => ['--ro-bind', path, inside(path)]),
    ...systemMounts
      .filter(({ containerPath }) => canPut(containerPath))
      .flatMap((mount) => bind(mount, inside(mount.containerPath))),
    ...sorted.flatMap((mount) => {
      const target = inside(normalize(mount.containerPath))
      return [...parentsOf(target), ...bind(mount, target)]
    }),
    ...(isWritable ? [...parentsOf(cwd), '--dir', inside(cwd)] : []),
  ]
}

/** Directories that bwrap makes by itself are closed to other users. */
function parentsOf(path: string): readonly string[] {
  const names = path.split('/').slice(1, -1)
  return names.flatMap((_, index) => [
    '--perms',
    '0755',
    '--dir',
    `/${names.slice(0, index + 1).join('/')}`,
  ])
}

function deviceOptions(): readonly string[] {
  return [
    ...['--tmpfs', '/dev', '--perms', '1777', '--tmpfs', '/dev/shm'],
    ...devices.flatMap((name) => ['--dev-bind-try', `/dev/${name}`, `/dev/${name}`]),
    ...['--symlink', '/proc/self/fd', '/dev/fd', '--symlink', '/proc/self/fd/0', '/dev/stdin'],
    ...[
      '--symlink',
      '/proc/self/fd/1',
      '/dev/stdout',
      '--symlink',
      '/proc/self/fd/2',
      '/dev/stderr',
    ],
  ]
}

/** Where there can be no overlay: what programs most often write to. */
function inMemory(root: string): readonly string[] {
  return ['/tmp', '/run', '/var/tmp']
    .filter((path) => existsSync(join(root, path)))
    .flatMap((path) => ['--perms', '1777', '--tmpfs', path])
}

/**
 * The overlay is mounted in a mount namespace of bwrap's own, by a shell that becomes bwrap; nobody
 * else sees it, and it goes with the container.
 */
function overlaid(root: string, scratch: string, bwrap: readonly string[]): readonly string[] {
  for (const name of ['upper', 'work', 'root']) {
    mkdirSync(join(scratch, name), { recursive: true, mode: 0o755 })
  }
  const isRoot = process.getuid?.() === 0
  const unshare = findTool('unshare', '/usr/local/bin:/usr/bin:/bin')
  const script =
    'cd "$2" && PATH=/usr/bin:/bin:/usr/sbin:/sbin mount -t overlay overlay -o "lowerdir=$1,upperdir=upper,workdir=work" root && shift 2 && cd / && exec "$@"'
  const users = isRoot ? [] : ['--user', '--map-root-user']
  return [
    unshare,
    ...users,
    '--mount',
    '--',
    '/bin/sh',
    '-c',
    script,
    'sh',
    root,
    scratch,
    ...bwrap,
  ]
}
