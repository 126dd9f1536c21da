import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { writeKubeconfig } from '../src/apiserver/wire/kubeconfig.ts'
import { type ServedApi, serveApi } from '../src/apiserver/wire/served-api.fixture.ts'
import { systemContext } from '../src/base/context.ts'
import { systemClock } from '../src/base/system-clock.ts'
import type { CliIo } from '../src/cli/io.ts'
import { registerKubectlCommands } from '../src/cli/kubectl-commands.ts'
import { runProgram } from '../src/cli/run-program.ts'
import { kubectlBinary } from './kubectl-binary.ts'

export interface Output {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A command under way. */
export interface Started {
  /** What it has written so far. */
  readonly written: { readonly stdout: string; readonly stderr: string }
  readonly done: Promise<Output>
  /** As Ctrl-C does. */
  leave(): void
}

/** Runs one command line on a server of its own. */
export type Run = (args: readonly string[], input?: string) => Promise<Output>

/**
 * Stock kubectl 1.36 and our commands under its name, each on an API server of its own: the same
 * command lines must say the same and leave the same objects.
 */
export interface Parity {
  readonly api: { readonly kubectl: ServedApi; readonly astern: ServedApi }
  /** Both outputs, with what differs by nature (uids, times, addresses) made the same. */
  both(args: readonly string[], input?: string): Promise<{ kubectl: Output; astern: Output }>
  readonly kubectl: Run
  readonly astern: Run
  /** Starts one of our commands that goes on until `leave`. */
  start(args: readonly string[]): Started
  /** Writes a file into the directory in which the commands run. */
  file(name: string, content: string): Promise<void>
  close(): Promise<void>
}

export async function parity(): Promise<Parity> {
  const dir = await mkdtemp(join(tmpdir(), 'astern-parity-'))
  const binary = join(dir, 'kubectl')
  await symlink(kubectlBinary('36'), binary)
  const sides = { kubectl: await side(dir, 'kubectl'), astern: await side(dir, 'astern') }
  const kubectl: Run = (args, input) =>
    runBinary(binary, args, { env: sides.kubectl.env, dir, input })
  const place = (input?: string) => ({ env: sides.astern.env, dir, input })
  const astern: Run = (args, input) => startInProcess(args, place(input)).done
  return {
    api: { kubectl: sides.kubectl.api, astern: sides.astern.api },
    kubectl,
    astern,
    start: (args) => startInProcess(args, place()),
    async both(args, input) {
      const [theirs, ours] = [await kubectl(args, input), await astern(args, input)]
      return { kubectl: normalized(theirs), astern: normalized(ours) }
    },
    file: (name, content) => writeFile(join(dir, name), content),
    async close() {
      await Promise.all([sides.kubectl.api.close(), sides.astern.api.close()])
      await rm(dir, { recursive: true })
    },
  }
}

type Env = Readonly<Record<string, string | undefined>>

async function side(dir: string, name: string): Promise<{ readonly api: ServedApi; env: Env }> {
  const nowMs = Date.now()
  // Owners of fields are in the order of the second they wrote in: no second may end on one side.
  const clock = { ...systemClock, now: () => nowMs }
  const api = await serveApi({ context: { ...systemContext(), clock } })
  const kubeconfig = join(dir, `${name}.kubeconfig`)
  const { caCertificate } = api.pki
  const client = await api.pki.client('admin')
  await writeKubeconfig(kubeconfig, { server: api.url, caCertificate, client })
  return { api, env: { HOME: dir, KUBECONFIG: kubeconfig, TZ: 'UTC', PATH: process.env.PATH } }
}

interface Place {
  readonly env: Env
  readonly dir: string
  readonly input: string | undefined
}

function runBinary(binary: string, args: readonly string[], { env, dir, input }: Place) {
  return new Promise<Output>((resolve) => {
    const child = execFile(binary, [...args], { env, cwd: dir }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr })
    })
    child.stdin?.end(input)
  })
}

/** An io that keeps what is written. */
function capturingIo(place: Place, signal: AbortSignal) {
  const written = { stdout: '', stderr: '' }
  const decoder = new TextDecoder()
  const output = (stream: 'stdout' | 'stderr') => ({
    write(text: string | Uint8Array) {
      written[stream] += typeof text === 'string' ? text : decoder.decode(text, { stream: true })
    },
  })
  const { env, dir, input } = place
  const io: CliIo = {
    programName: 'kubectl',
    stdin: (async function* () {
      yield input ?? ''
    })(),
    stdout: output('stdout'),
    stderr: output('stderr'),
    env,
    cwd: dir,
    isTerminal: false,
    columns: 80,
    clock: systemClock,
    signal,
  }
  return { io, written }
}

/** Runs one of our commands in this process, under the name of kubectl. */
export function startInProcess(args: readonly string[], place: Place): Started {
  const aborter = new AbortController()
  const { io, written } = capturingIo(place, aborter.signal)
  const program = new Command('kubectl')
  registerKubectlCommands(program, io)
  const done = runProgram(program, args, io).then((code) => ({ code, ...written }))
  return { written, done, leave: () => aborter.abort() }
}

function normalized({ code, stdout, stderr }: Output): Output {
  const same = (text: string) =>
    text
      .replace(/[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/g, 'UID')
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)/g, 'TIME')
      .replace(/\b(\d+m)?\d+s\b(?!=)/g, 'AGE')
      .replace(/\bgen-\w{5}\b/g, 'gen-NAME')
  return { code, stdout: same(stdout), stderr: same(stderr) }
}
