import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from '../proxy/free-port.ts'
import { type Absent, type Subject, versions } from './subject.ts'
import { untilAnswering } from './versioned-app.ts'
import { crashOne, type Program, versionedProgram } from './versioned-program.ts'

const host = '127.0.0.1'
/** Between a reload and the end of the old programs: what those still answer may end. */
const patienceMs = 1_000

/** A proxy that learns of new programs by reading its configuration again. */
interface ReloadingProxy {
  readonly name: 'haproxy' | 'nginx'
  /** After `name`, in this directory; it stays in the foreground. */
  readonly args: (directory: string) => readonly string[]
  readonly configuration: (port: number, ports: readonly number[], directory: string) => string
  readonly reload: NodeJS.Signals
}

const haproxy: ReloadingProxy = {
  name: 'haproxy',
  args: (directory) => ['-W', '-q', '-f', join(directory, 'configuration')],
  configuration: (port, ports) => `defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  option redispatch
listen app
  bind ${host}:${port}
${ports.map((each, at) => `  server s${at} ${host}:${each}`).join('\n')}
`,
  reload: 'SIGUSR2',
}

const nginx: ReloadingProxy = {
  name: 'nginx',
  args: (directory) => ['-p', directory, '-c', 'configuration', '-e', 'error.log'],
  configuration: (port, ports, directory) => `daemon off;
worker_processes 1;
pid ${directory}/pid;
error_log ${directory}/error.log;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  keepalive_requests 100000000;
  upstream app {
${ports.map((each) => `    server ${host}:${each};`).join('\n')}
    keepalive 64;
  }
  server {
    listen ${host}:${port};
    location / {
      proxy_pass http://app;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }
  }
}
`,
  reload: 'SIGHUP',
}

export interface PeerOptions {
  readonly program: Program
  readonly replicas: number
}

export const startHaproxyReload = (options: PeerOptions) => startReloading(haproxy, options)
export const startNginxReload = (options: PeerOptions) => startReloading(nginx, options)

interface Running {
  readonly port: number
  /** Since it was started, by itself ended and started again. */
  readonly restarts: () => number
  end(): Promise<void>
}

/** One program; resolves when it listens. One that ends by itself is started again at once. */
async function startProgram(program: Program, version: string): Promise<Running> {
  const port = await freePort()
  const cwd = mkdtempSync(join(tmpdir(), 'astern-peer-app-'))
  writeFileSync(join(cwd, program.file), program.text(version))
  const [command = '', ...args] = program.command
  const env = { ...process.env, PORT: String(port) }
  let [starts, isOver] = [0, false]
  const start = (): ChildProcess => {
    starts++
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] })
    return child.once('exit', () => {
      if (!isOver) running = start()
    })
  }
  let running = start()
  while (!(await accepts(port))) await wait(2)
  const end = async () => {
    isOver = true
    await ended(running, 'SIGTERM')
    rmSync(cwd, { recursive: true, force: true })
  }
  return { port, restarts: () => starts - 1, end }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}

const startPrograms = ({ program, replicas }: PeerOptions, version: string) =>
  Promise.all(Array.from({ length: replicas }, () => startProgram(program, version)))

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill(signal)
  await gone
}

/**
 * Deploys as scripts do: new programs, the new configuration, a reload, the end of the old ones.
 */
async function startReloading(
  proxy: ReloadingProxy,
  options: PeerOptions,
): Promise<Subject | Absent> {
  const name = `${proxy.name} reload`
  const directory = mkdtempSync(join(tmpdir(), `astern-${proxy.name}-`))
  const port = await freePort()
  let programs = await startPrograms(options, versions[0])
  const configure = () => {
    const text = proxy.configuration(port, portsOf(programs), directory)
    writeFileSync(join(directory, 'configuration'), text)
  }
  configure()
  const child = spawn(proxy.name, proxy.args(directory), { stdio: 'ignore' })
  const failure = once(child, 'exit').catch((error: Error) => error)
  const isUp = await Promise.race([failure.then(() => false), answers(port)])
  const end = async () => {
    if (child.pid !== undefined) await ended(child, 'SIGTERM')
    await Promise.all(programs.map((program) => program.end()))
    rmSync(directory, { recursive: true, force: true })
  }
  if (!isUp) {
    await end()
    return { name, why: `not installed (Debian: apt-get install ${proxy.name})` }
  }
  let rolls = 0
  const roll = async () => {
    const old = programs
    programs = await startPrograms(options, versions[++rolls % 2] ?? '')
    configure()
    child.kill(proxy.reload)
    await wait(patienceMs)
    await Promise.all(old.map((program) => program.end()))
  }
  const kill = async () => {
    const restarts = () => programs.reduce((sum, program) => sum + program.restarts(), 0)
    const before = restarts()
    // A proxy that takes all programs for dead passes nothing on, and so kills nobody: asked again.
    while (restarts() === before) {
      await crashOne(host, port)
      for (let looks = 0; restarts() === before && looks < 100; looks++) await wait(5)
    }
    for (const program of programs) while (!(await accepts(program.port))) await wait(2)
  }
  return { name, host, port, roll, kill, end }
}

const portsOf = (programs: readonly { readonly port: number }[]) => programs.map(({ port }) => port)

async function answers(port: number): Promise<boolean> {
  await untilAnswering(host, port)
  return true
}

/** `command`: the path of pm2, which is no dependency of this project. */
export async function startPm2Reload(
  command: string | undefined,
  replicas: number,
): Promise<Subject | Absent> {
  const name = 'pm2 reload'
  if (!command || !existsSync(command)) {
    return {
      name,
      why: 'no path given (npm install --prefix DIR pm2; --pm2 DIR/node_modules/.bin/pm2)',
    }
  }
  const directory = mkdtempSync(join(tmpdir(), 'astern-pm2-'))
  mkdirSync(join(directory, 'home'))
  const port = await freePort()
  const env = { ...process.env, PM2_HOME: join(directory, 'home'), PORT: String(port) }
  const file = join(directory, 'app.js')
  const pm2 = async (...args: readonly string[]) => {
    const child = spawn(process.execPath, [command, ...args], { env, stdio: 'ignore' })
    const [code] = await once(child, 'exit')
    if (code !== 0) throw new Error(`pm2 ${args.join(' ')} ended with ${code}`)
  }
  const write = (rolls: number) => writeFileSync(file, versionedProgram(versions[rolls % 2] ?? ''))
  write(0)
  await pm2('start', file, '--name', 'app', '-i', String(replicas))
  await untilAnswering(host, port)
  let rolls = 0
  const roll = async () => {
    write(++rolls)
    await pm2('reload', 'app')
  }
  const end = async () => {
    await pm2('kill')
    rmSync(directory, { recursive: true, force: true })
  }
  return { name, host, port, roll, end }
}
