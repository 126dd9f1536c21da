import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { delimiter, dirname, join, normalize, resolve } from 'node:path'
import { type ContainerSpec, type EnvVar, StartFailed } from '../../runtime.ts'
import { type ContainerView, machineView } from './container-view.ts'

/**
 * What every program needs of this machine; nothing else of the engine's environment reaches it.
 */
const passedOn = ['LANG', 'LC_ALL', 'TZ']

/**
 * `command` replaces the image's, `args` replace it too where there is no command (as in Docker, of
 * CMD).
 */
export function commandOf(
  spec: Pick<ContainerSpec, 'image' | 'command' | 'args'>,
  imageCommand: readonly string[],
): readonly string[] {
  const given = [...spec.command, ...spec.args]
  const command = given.length > 0 ? given : imageCommand
  if (command.length > 0) return command
  throw new StartFailed(
    'CreateContainerConfigError',
    `no command specified: the image "${spec.image}" was added without one; give the container a ` +
      `command, or add the image again: astern image add ${spec.image} DIR -- CMD ARG...`,
  )
}

/** `workingDir` as a path in the image; an absolute one counts from the image's root. */
export function directoryOf(root: string, workingDir: string | undefined): string {
  const path = normalize(`/${workingDir ?? ''}`)
  if (statSync(join(root, path), { throwIfNoEntry: false })?.isDirectory()) return path
  throw new StartFailed(
    'RunContainerError',
    `workingDir "${workingDir}" is no directory of the image`,
  )
}

export interface EnvironmentOptions {
  readonly podName: string
  readonly home: string
  readonly temporary: string
  /** The manifest's, then those of the sandbox. */
  readonly env: readonly EnvVar[]
}

export function environmentOf(options: EnvironmentOptions): Readonly<Record<string, string>> {
  const inherited = passedOn.flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value]]
  })
  return Object.fromEntries([
    ...inherited,
    ['PATH', [process.env.PATH ?? '/usr/bin:/bin', dirname(process.execPath)].join(delimiter)],
    ['HOSTNAME', options.podName],
    ['HOME', options.home],
    ['TMPDIR', options.temporary],
    ...options.env.map(({ name, value }) => [name, value]),
  ])
}

export interface ProgramSearch {
  readonly cwd: string
  /** `PATH` */
  readonly path: string | undefined
  /** Where what the container sees is on this machine. */
  readonly view?: ContainerView
}

/**
 * The program as an absolute path: looked up in PATH, or relative to `cwd` when it has a slash.
 * Throws StartFailed with the words containers are known for.
 */
export function resolveProgram(
  program: string,
  { cwd, path = '', view = machineView }: ProgramSearch,
): string {
  const isPath = program.includes('/')
  const dirs = isPath ? [''] : path.split(delimiter)
  let why = isPath ? 'no such file or directory' : 'executable file not found in $PATH'
  for (const dir of dirs) {
    const candidate = resolve(cwd, dir, program)
    if (isExecutable(view(candidate))) return candidate
    if (existsSync(view(candidate))) why = 'permission denied'
  }
  throw new StartFailed('RunContainerError', `exec: "${program}": ${why}`)
}

function isExecutable(path: string): boolean {
  try {
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return false
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
