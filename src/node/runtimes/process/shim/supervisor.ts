import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findTool } from '../../../find-tool.ts'
import { StartFailed } from '../../../runtime.ts'
import { containerIdVariable, type Launch } from '../protocol.ts'
import { innerFd, startCommand } from './host-command.ts'
import { quoteForShell } from './quote-for-shell.ts'

/** The supervisor's exit code when another one has claimed the container before it. */
const claimLost = 75

const defaultToolPath = '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin'

/**
 * Puts the start time of the shell that calls it into $astern_start, on Linux without a fork. All
 * variables of the scripts have a prefix: one that came in from the container's env would go on to
 * the program changed.
 */
const identifyFunction = `
identify() {
  if [ -r /proc/$$/stat ] && read -r astern_stat </proc/$$/stat; then
    set -- $astern_stat
    shift 21
    astern_start=$1
  else
    astern_start=$(PATH=$astern_tools ps -o lstart= -p $$)
  fi
}
identify
`

/**
 * The program's own shell, which becomes the program. It leads a session and process group of its
 * own by now. That nobody may read fd 6 any more must not kill it.
 */
const programScript = `
astern_dir=$1 astern_tools=$2
shift 2
${identifyFunction}
printf '%s %s\\n' $$ "$astern_start" >"$astern_dir/program"
[ ! -e "$astern_dir/prepare" ] || . "$astern_dir/prepare"
trap '' PIPE
echo >&6 2>/dev/null
trap - PIPE
exec 6>&-
exec "$@"
`

/**
 * One per container, about 1 MB; it needs nobody to be there.
 *
 * `supervisor` is the claim, created exclusively. The FIFOs are held open read-write, so that a
 * reader's death neither ends the program nor blocks it at once; `life` is held by the supervisor
 * alone: its end-of-file means that `exit` is written. Each file is written by one builtin printf,
 * which needs no fork that could fail, and is whole when it ends in a newline. At the end the last
 * output is kept readable until somebody has read it and kills the supervisor. A container with a
 * standard input gets a FIFO, which a process of its own holds open: it is killed to close it. The
 * program has a subshell of its own: dash says `Terminated` on the stderr of a command, not on its
 * own.
 */
const supervisorScript = `
astern_dir=$1 astern_tools=$2 astern_setsid=$3 astern_program=$4
shift 4
${identifyFunction}
set -C
printf '%s %s\\n' $$ "$astern_start" >"$astern_dir/supervisor" || exit ${claimLost}
set +C
PATH=$astern_tools mkfifo -m 600 "$astern_dir/out" "$astern_dir/err" "$astern_dir/life" || exit 71
trap : HUP INT TERM
exec 3<>"$astern_dir/out" 4<>"$astern_dir/err" 5<>"$astern_dir/life" 6>&1 >/dev/null 2>&1
astern_in=/dev/null
if [ -e "$astern_dir/stdin" ]; then
  astern_in=$astern_dir/in
  PATH=$astern_tools mkfifo -m 600 "$astern_in" || exit 71
  PATH=$astern_tools sleep 2147483647 <>"$astern_in" 3>&- 4>&- 5>&- 6>&- &
  printf '%s\\n' $! >"$astern_dir/keeper"
fi
[ "$astern_setsid" ] || set -m
(exec \${astern_setsid:+"$astern_setsid"} /bin/sh "$astern_program" "$astern_dir" "$astern_tools" "$@" \\
  <"$astern_in" >"$astern_dir/out" 2>"$astern_dir/err" 3>&- 4>&- 5>&-)
printf '%s\\n' $? >"$astern_dir/exit"
exec 6>&- 7<"$astern_dir/out" 8<"$astern_dir/err" 3>&- 4>&- 5>&-
read -r astern_end <"$astern_dir/life"
`

/** The paths of both scripts as files. */
export interface SupervisorScripts {
  readonly supervisor: string
  readonly program: string
}

/**
 * Writes the scripts, named by their content: a shell reads its script while it runs, so one that
 * is there is never written again, whatever version of Astern comes next.
 */
export function writeSupervisorScripts(dir: string): SupervisorScripts {
  return {
    supervisor: writeOnce(dir, 'supervisor', supervisorScript),
    program: writeOnce(dir, 'program', programScript),
  }
}

function writeOnce(dir: string, name: string, content: string): string {
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 12)
  const path = join(dir, `${name}-${digest}.sh`)
  if (!existsSync(path)) {
    writeFileSync(`${path}.draft`, content, { mode: 0o600 })
    renameSync(`${path}.draft`, path)
  }
  return path
}

export type SpawnOutcome = 'started' | 'claimed by another'

/**
 * Spawns a container's supervisor and resolves when its program's shell is about to become the
 * program. Rejects with StartFailed.
 */
export async function spawnSupervisor(
  stateDir: string,
  launch: Launch,
  scripts: SupervisorScripts,
): Promise<SpawnOutcome> {
  const tools = process.env.PATH || defaultToolPath
  const setsid = findTool('setsid', tools)
  const { argv, cwd } = startCommand(launch, stateDir)
  const child = spawnOrFail(
    '/bin/sh',
    [scripts.supervisor, stateDir, tools, setsid, scripts.program, ...argv],
    {
      cwd,
      env: {
        ...(launch.tty && { TERM: 'xterm' }),
        ...launch.env,
        [containerIdVariable]: launch.id,
      },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  child.unref()
  return started(child)
}

/** What the kernel refuses at once: mostly too much environment. */
function spawnOrFail(...[file, args, options]: Parameters<typeof spawn>): ChildProcess {
  try {
    return spawn(file, args, options)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new StartFailed(
      'RunContainerError',
      code === 'E2BIG'
        ? 'argument list too long: the kernel takes at most 128 KiB for one variable or argument, and 2 MiB for all of them'
        : `the supervisor cannot be started: ${message}`,
    )
  }
}

function started(child: ChildProcess): Promise<SpawnOutcome> {
  let complaint = ''
  return new Promise<SpawnOutcome>((resolve, reject) => {
    const fail = (why: string) => reject(new StartFailed('RunContainerError', why))
    child.stdout?.once('data', () => resolve('started'))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaint += text
    })
    child.once('error', (error) => fail(`the supervisor cannot be started: ${error.message}`))
    child.once('close', (code) => {
      if (code === claimLost) resolve('claimed by another')
      else fail(`the supervisor ended with code ${code}: ${complaint.trim()}`)
    })
  }).finally(() => {
    child.stdout?.destroy()
    child.stderr?.destroy()
  })
}

/**
 * What the program's shell has to do before it becomes the program; '' when it is nothing. A shell
 * drops variables whose names it could not use itself (`my.var`), Kubernetes allows them: those are
 * handed to env(1); `groupFiles` are those of its cgroups. In a file, since a command line can be
 * read by everyone on the machine.
 */
export function preparation({ env, confinement }: Launch, groupFiles: readonly string[]): string {
  const unusual = Object.entries(env).filter(([name]) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
  const assignments = unusual.map(([name, value]) => quoteForShell(`${name}=${value}`))
  const tool = findTool('env', defaultToolPath) || 'env'
  return [
    ...groupFiles.map((file) => `echo $$ >${quoteForShell(file)}\n`),
    confinement ? `exec ${innerFd}>"$astern_dir/inner"\n` : '',
    unusual.length > 0 ? `set -- ${tool} ${assignments.join(' ')} "$@"\n` : '',
  ].join('')
}
