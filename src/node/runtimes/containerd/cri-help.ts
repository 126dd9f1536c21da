import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type CriClient, CriError, grpcCode } from './cri/client.ts'

/** Nobody speaks CRI v1 there, or not all of it; the message says why and what would help. */
export class CriUnusable extends Error {
  override readonly name = 'CriUnusable'
}

const usualConfig = '/etc/containerd/config.toml'
const otherSocket = 'or name its socket with --cri-socket'

/**
 * Looks whether containers can be run through this socket; the runtime's version if so. Rejects
 * with CriUnusable.
 */
export async function criHelp(cri: CriClient, socketPath: string): Promise<string> {
  if (!existsSync(socketPath)) {
    throw new CriUnusable(
      `there is no containerd at ${socketPath}: install and start it (Debian, Ubuntu: apt install containerd), ${otherSocket}`,
    )
  }
  try {
    const { runtimeVersion } = await cri.once('Version', {})
    await checkNetwork(cri)
    return runtimeVersion ?? ''
  } catch (error) {
    if (error instanceof CriError) throw new CriUnusable(whyNot(error, socketPath))
    throw error
  }
}

function whyNot({ code, message }: CriError, socketPath: string): string {
  if (code === grpcCode.unimplemented) return switchedOff(socketPath)
  if (code !== grpcCode.unavailable) return `containerd at ${socketPath} refuses CRI: ${message}`
  const who = process.getuid?.() === 0 ? 'start it' : 'start it, run astern up as root'
  return `containerd at ${socketPath} does not answer (${message}): ${who}, ${otherSocket}`
}

/** Docker's package of containerd does that. */
function switchedOff(socketPath: string): string {
  const config = configOf(socketPath)
  const line = disabledLine(config)
  if (line === undefined) {
    return `containerd at ${socketPath} does not speak CRI v1: take containerd 1.6 or newer, and see that its CRI plugin is loaded (ctr plugins ls)`
  }
  return (
    `containerd at ${socketPath} has CRI switched off: ${config}, line ${line}, names "cri" among disabled_plugins; ` +
    'take it out there and restart containerd (systemctl restart containerd)'
  )
}

/** The configuration file of whoever listens at the socket. */
function configOf(socketPath: string): string {
  const pid = listenerOf(socketPath)
  if (pid === undefined) return usualConfig
  const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  const given = args.flatMap((arg, at) => {
    const [, inline] = /^--?(?:c|config)=(.+)$/.exec(arg) ?? []
    if (inline) return [inline]
    return /^(-c|--?config)$/.test(arg) ? [args[at + 1] ?? ''] : []
  })
  return given[0] ? resolve(readlinkSync(`/proc/${pid}/cwd`), given[0]) : usualConfig
}

/** Who listens at a socket, by its inode; undefined where that cannot be seen. */
function listenerOf(socketPath: string): number | undefined {
  const sockets = readIfThere('/proc/net/unix').split('\n')
  const inodes = sockets
    .map((line) => line.split(/\s+/))
    .filter((fields) => fields[7] === socketPath)
    .map((fields) => `socket:[${fields[6]}]`)
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))
  const found = pids.find((pid) => descriptorsOf(pid).some((target) => inodes.includes(target)))
  return found === undefined ? undefined : Number(found)
}

function descriptorsOf(pid: string): readonly string[] {
  const dir = `/proc/${pid}/fd`
  try {
    return readdirSync(dir).map((fd) => linkOf(join(dir, fd)))
  } catch {
    return []
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** The line, from 1, on which `cri` stands among disabled_plugins. */
export function disabledLine(configPath: string): number | undefined {
  const lines = readIfThere(configPath).split('\n')
  let isInside = false
  for (const [at, text] of lines.entries()) {
    const line = text.replace(/#.*$/, '')
    if (/^\s*disabled_plugins\s*=/.test(line)) isInside = true
    if (isInside && /["'](io\.containerd\.grpc\.v1\.)?cri["']/.test(line)) return at + 1
    if (line.includes(']')) isInside = false
  }
  return undefined
}

/** Pods need a network, which is not Astern's to choose here. */
async function checkNetwork(cri: CriClient): Promise<void> {
  const { status, info } = await cri.once('Status', { verbose: true })
  const network = status?.conditions?.find(({ type }) => type === 'NetworkReady')
  if (network?.status) return
  const dirs = networkDirs(info?.config)
  throw new CriUnusable(
    `containerd has no network for pods (${network?.message ?? 'nothing more is known'}): ` +
      `describe one in ${dirs.conf}, for example a bridge, with its plugins in ${dirs.bin} ` +
      '(Debian, Ubuntu: apt install containernetworking-plugins puts them into /usr/lib/cni, which bin_dir must then name)',
  )
}

function networkDirs(config: string | undefined): { readonly conf: string; readonly bin: string } {
  const { cni } = JSON.parse(config ?? '{}') as { cni?: { confDir?: string; binDir?: string } }
  return { conf: cni?.confDir ?? '/etc/cni/net.d', bin: cni?.binDir ?? '/opt/cni/bin' }
}
