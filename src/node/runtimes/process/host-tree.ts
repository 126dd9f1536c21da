import { readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, normalize } from 'node:path'
import { isErrno } from '../../../base/process-identity.ts'
import { type Mount, StartFailed } from '../../runtime.ts'
import { isWithin } from '../../volumes/host-directory.ts'

/** What a container finds at paths that Astern has made for it. */
export const ownPaths = {
  image: '/astern/image',
  home: '/astern/home',
  temporary: '/astern/tmp',
} as const

const ownRoot = '/astern'

/** Each given a mount of its own kind. */
const kernelTrees: Readonly<Record<string, readonly string[]>> = {
  '/proc': ['--proc', '/proc'],
  '/dev': ['--dev-bind', '/dev', '/dev'],
  [ownRoot]: [],
}

/**
 * bwrap's options for a root that is this machine's own file system, without `hiddenDir`, and with
 * the mounts. A directory in which a mount's target is missing is replaced by a new one in memory
 * that has the same entries, so that nothing is ever made on the machine itself.
 */
export function hostTree(mounts: readonly Mount[], hiddenDir: string): readonly string[] {
  const sorted = [...mounts].sort((a, b) => (a.containerPath < b.containerPath ? -1 : 1))
  const places = sorted.map((mount) => placeOf(mount, { others: sorted, hiddenDir }))
  const opened = new Map<string, Set<string>>()
  for (const { openedDir, missing } of places) {
    if (openedDir === undefined || openedDir === '/') continue
    opened.set(openedDir, (opened.get(openedDir) ?? new Set()).add(missing))
  }
  const covered = new Set(places.flatMap((p) => (p.openedDir === '/' ? [`/${p.missing}`] : [])))
  return [
    ...entriesOf('/', covered),
    ...[...opened].sort().flatMap(([dir, made]) => openedTree(dir, made)),
    ...['--tmpfs', hiddenDir],
    ...places.flatMap(({ mount, target, parents }) => [
      ...parents,
      ...bind(mount, target),
      ...hiddenWithin(mount, target, hiddenDir),
    ]),
  ]
}

export function bind(
  { hostPath, isReadOnly }: Omit<Mount, 'containerPath'>,
  target: string,
): string[] {
  return [isReadOnly ? '--ro-bind' : '--bind', hostPath, target]
}

interface Place {
  readonly mount: Mount
  /** Where the target really is, links resolved. */
  readonly target: string
  /** The directory in which `missing` has to be made; undefined when all of the path is there. */
  readonly openedDir: string | undefined
  readonly missing: string
  /** bwrap's options that make what leads to the target, open to everybody. */
  readonly parents: readonly string[]
}

const noParents = { openedDir: undefined, missing: '', parents: [] } as const

function placeOf(
  mount: Mount,
  { others, hiddenDir }: { readonly others: readonly Mount[]; readonly hiddenDir: string },
): Place {
  const path = normalize(mount.containerPath).replace(/(?<=.)\/$/, '')
  const isNested = others.some(
    (other) => other !== mount && isWithin(normalize(other.containerPath), path),
  )
  // What it is mounted on is then not of this machine.
  if (isNested) return { mount, target: path, ...noParents }
  const { existing, missing } = split(path)
  const target = join(existing, ...missing)
  const [first] = missing
  if (isWithin('/proc', target)) throw unmountable(path, 'that place is not for volumes')
  if (first === undefined) {
    checkKinds(mount, target)
    return { mount, target, ...noParents }
  }
  if (!statSync(existing).isDirectory()) throw unmountable(path, `${existing} is not a directory`)
  const parents = missing.slice(0, -1).flatMap((_, index) => {
    return ['--perms', '0755', '--dir', join(existing, ...missing.slice(0, index + 1))]
  })
  const openedDir = isWithin(hiddenDir, existing) ? undefined : existing
  return { mount, target, openedDir, missing: first, parents }
}

function unmountable(path: string, why: string): StartFailed {
  return new StartFailed('CreateContainerError', `cannot mount at ${path}: ${why}`)
}

function checkKinds({ hostPath, containerPath }: Mount, target: string): void {
  const isDirectory = statSync(hostPath).isDirectory()
  if (isDirectory === statSync(target).isDirectory()) return
  throw unmountable(containerPath, isDirectory ? 'not a directory' : 'is a directory')
}

/** The longest part of a path that is there, links resolved, and the names after it. */
function split(path: string): { readonly existing: string; readonly missing: readonly string[] } {
  const missing: string[] = []
  for (let head = path; ; head = dirname(head)) {
    try {
      return { existing: realpathSync(head), missing }
    } catch (error) {
      if (!isErrno(error, 'ENOENT') && !isErrno(error, 'ENOTDIR')) throw error
      missing.unshift(basename(head))
    }
  }
}

function openedTree(dir: string, made: ReadonlySet<string>): readonly string[] {
  const covered = new Set([...made].map((name) => join(dir, name)))
  const mode = (statSync(dir).mode & 0o7777).toString(8)
  return ['--perms', mode, '--tmpfs', dir, ...entriesOf(dir, covered)]
}

/**
 * Every entry of a directory at its own place, but for those that a mount will cover, and for
 * those that are gone before they are mounted: others work in `/tmp`, too.
 */
function entriesOf(dir: string, covered: ReadonlySet<string>): readonly string[] {
  const command = isWithin('/dev', dir) ? '--dev-bind-try' : '--bind-try'
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name)
    if (covered.has(path)) return []
    const special = kernelTrees[path]
    if (special) return special
    if (entry.isSymbolicLink()) return symbolicLink(path)
    return [command, path, path]
  })
}

function symbolicLink(path: string): readonly string[] {
  try {
    return ['--symlink', readlinkSync(path), path]
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'EINVAL')) return []
    throw error
  }
}

/** A hostPath above the hidden directory must not show it. */
function hiddenWithin({ hostPath }: Mount, target: string, hiddenDir: string): readonly string[] {
  if (!isWithin(hostPath, hiddenDir)) return []
  return ['--tmpfs', join(target, hiddenDir.slice(hostPath.length))]
}
