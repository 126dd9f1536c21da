import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, dirname, join, normalize, resolve } from 'node:path'
import { isErrno } from '../../../base/process-identity.ts'
import { type ContainerSpec, type EnvVar, StartFailed } from '../../runtime.ts'

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

/**
 * The image's directory, or `workingDir` inside it; an absolute one counts from the image's root.
 */
export function directoryOf(root: string, workingDir: string | undefined): string {
  const path = join(root, normalize(`/${workingDir ?? ''}`))
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path
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

/**
 * The program as an absolute path: looked up in PATH, or relative to `cwd` when it has a slash.
 * Throws StartFailed with the words containers are known for.
 */
export function resolveProgram(program: string, cwd: string, path: string): string {
  const candidates = program.includes('/')
    ? [resolve(cwd, program)]
    : path.split(delimiter).map((dir) => resolve(cwd, dir, program))
  const problems = candidates.map((candidate) => executableProblem(candidate))
  const found = candidates[problems.indexOf(undefined)]
  if (found !== undefined && program !== '') return found
  const isForbidden = problems.includes('permission denied')
  const missing = program.includes('/')
    ? 'no such file or directory'
    : 'executable file not found in $PATH'
  throw new StartFailed(
    'RunContainerError',
    `exec: "${program}": ${isForbidden ? 'permission denied' : missing}`,
  )
}

function executableProblem(path: string): string | undefined {
  try {
    if (!statSync(path).isFile()) return 'permission denied'
    accessSync(path, constants.X_OK)
    return undefined
  } catch (error) {
    return isErrno(error, 'EACCES') ? 'permission denied' : 'missing'
  }
}
