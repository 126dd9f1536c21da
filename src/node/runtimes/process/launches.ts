import { chownSync, existsSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { findTool } from '../../find-tool.ts'
import type { Image } from '../../images/store.ts'
import {
  type ContainerRef,
  type ContainerSpec,
  type ContainerUser,
  type Sandbox,
  StartFailed,
} from '../../runtime.ts'
import { isWithin } from '../../volumes/host-directory.ts'
import { bwrapTool, isolationHindrance, ownNamespaces } from './bubblewrap.ts'
import { commandOf, directoryOf, environmentOf, resolveProgram } from './command.ts'
import { mountedView } from './container-view.ts'
import { hostTree, ownPaths } from './host-tree.ts'
import type { Layout } from './layout.ts'
import { launchInOwnRoot } from './own-root.ts'
import type { Launch } from './protocol.ts'

export interface LaunchInput {
  readonly layout: Layout
  readonly image: Image
  readonly sandbox: Sandbox
  /** A file that holds the pod's network namespace; undefined: the machine's. */
  readonly namespacePath?: string
  /** Of the container's start. */
  readonly id: string
}

type What = Omit<
  Launch,
  keyof ContainerRef | 'id' | 'image' | 'imageId' | 'limits' | 'namespacePath' | 'stdin' | 'tty'
>

/** How a container is started. Rejects with StartFailed. */
export async function launchOf(spec: ContainerSpec, input: LaunchInput): Promise<Launch> {
  const { podUid, container, restart, image } = spec
  const { root, digest } = input.image
  if (!existsSync(root)) {
    throw new StartFailed(
      'CreateContainerError',
      `the snapshot of image "${image}" is gone from ${root}; add it again: ` +
        `astern image add ${image} DIR -- CMD`,
    )
  }
  const what = await whatOf(spec, input)
  return {
    podUid,
    container,
    restart,
    id: input.id,
    image,
    imageId: digest,
    limits: spec.limits,
    ...(spec.stdin && { stdin: spec.stdin }),
    ...(spec.tty && { tty: true }),
    ...(input.namespacePath !== undefined && { namespacePath: input.namespacePath }),
    ...what,
  }
}

async function whatOf(spec: ContainerSpec, input: LaunchInput): Promise<What> {
  if (input.image.oci) return launchInOwnRoot(spec, input)
  const user = ownUser(spec.user)
  const isConfined = spec.mounts.length > 0 || user !== undefined
  return isConfined ? confined(spec, input, user) : unconfined(spec, input)
}

/** In the machine's own file tree, in the image's directory. */
function unconfined(spec: ContainerSpec, { layout, image, sandbox }: LaunchInput): What {
  const cwd = join(image.root, directoryOf(image.root, spec.workingDir))
  const env = environmentOf({
    podName: spec.podName,
    home: layout.homeDir(spec.podUid),
    temporary: layout.temporaryDir(spec.podUid),
    env: [...spec.env, ...sandbox.env],
  })
  const [program = '', ...args] = commandOf(spec, image.command)
  return { argv: [resolveProgram(program, { cwd, path: env.PATH }), ...args], cwd, env }
}

/** In a file tree of its own: the machine's, with mounts, and without Astern's data. */
async function confined(
  spec: ContainerSpec,
  { layout, image, sandbox }: LaunchInput,
  user: ContainerUser | undefined,
): Promise<What> {
  const hindrance = await isolationHindrance()
  if (hindrance !== undefined) throw new StartFailed('CreateContainerError', hindrance)
  const own = [
    { hostPath: image.root, containerPath: ownPaths.image, isReadOnly: true },
    { hostPath: layout.homeDir(spec.podUid), containerPath: ownPaths.home, isReadOnly: false },
    {
      hostPath: layout.temporaryDir(spec.podUid),
      containerPath: ownPaths.temporary,
      isReadOnly: false,
    },
  ]
  const env = environmentOf({
    podName: spec.podName,
    home: ownPaths.home,
    temporary: ownPaths.temporary,
    env: [...spec.env, ...sandbox.env],
  })
  const taken = new Set(spec.mounts.map(({ containerPath }) => normalize(containerPath)))
  const system = (await spec.systemMounts()).filter(
    ({ containerPath }) => !taken.has(containerPath),
  )
  const mounts = [...own, ...system, ...spec.mounts]
  const cwd = confinedDirectory(spec, image.root)
  const [program = '', ...args] = commandOf(spec, image.command)
  const view = mountedView(mounts)
  const argv = [resolveProgram(program, { cwd, path: env.PATH, view }), ...args]
  const options = [...ownNamespaces, ...hostTree(mounts, layout.dataDir)]
  const become = user ? becoming(user, own) : { options: [], asUser: [] }
  return {
    argv,
    cwd,
    env,
    confinement: [bwrapTool(), ...become.options, ...options],
    asUser: become.asUser,
  }
}

/** A volume's directory is meant as it is; anything else counts from the image's root. */
function confinedDirectory({ workingDir, mounts }: ContainerSpec, root: string): string {
  const path = normalize(`/${workingDir ?? ''}`)
  if (mounts.some(({ containerPath }) => isWithin(normalize(containerPath), path))) return path
  return join(ownPaths.image, directoryOf(root, workingDir)).replace(/\/$/, '')
}

function ownUser(user: ContainerUser | undefined): ContainerUser | undefined {
  return user?.gid === undefined && user?.uid === process.getuid?.() ? undefined : user
}

/**
 * Root can become anybody, and gives away the pod's own directories; others only look like
 * somebody else, to themselves.
 */
function becoming(
  { uid, gid = 0, supplementalGroups }: ContainerUser,
  own: readonly { readonly hostPath: string; readonly isReadOnly: boolean }[],
): { readonly options: readonly string[]; readonly asUser: readonly string[] } {
  if (process.getuid?.() !== 0) {
    return { options: ['--unshare-user', '--uid', `${uid}`, '--gid', `${gid}`], asUser: [] }
  }
  for (const { hostPath, isReadOnly } of own) if (!isReadOnly) chownSync(hostPath, uid, gid)
  const groups =
    supplementalGroups.length > 0 ? ['--groups', supplementalGroups.join()] : ['--clear-groups']
  const setpriv = findTool('setpriv', '/usr/local/bin:/usr/bin:/bin')
  return {
    options: [],
    asUser: [setpriv, '--reuid', `${uid}`, '--regid', `${gid}`, ...groups, '--'],
  }
}
