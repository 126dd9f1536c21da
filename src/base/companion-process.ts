import { spawn } from 'node:child_process'
import { chmodSync, closeSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { connect, type Server, type Socket } from 'node:net'
import { dirname } from 'node:path'
import { type ClaimHolder, claimHolder, releaseClaim } from './claim-file.ts'

/** A process of the data plane: it outlives the control plane, which speaks to it by a socket. */
export interface Companion {
  /** For errors: `the shim`. */
  readonly name: string
  /** Its command line; the data directory is appended. */
  readonly command: readonly string[]
  readonly dataDir: string
  /** Path of the unix socket at which it listens. */
  readonly socket: string
  /** The file that takes what it writes to stdout and stderr. */
  readonly log: string
}

const attemptMs = 15
/** How long a new process may take until it answers. */
const patienceMs = 15_000

/** Connects to the companion; starts one when there is none. */
export async function connectToCompanion(companion: Companion): Promise<Socket> {
  const existing = await tryConnect(companion.socket)
  if (existing) return existing
  start(companion)
  const giveUpAtMs = performance.now() + patienceMs
  while (performance.now() < giveUpAtMs) {
    const socket = await tryConnect(companion.socket)
    if (socket) return socket
    await new Promise((resolve) => setTimeout(resolve, attemptMs))
  }
  const { name, socket, log } = companion
  throw new Error(`${name} does not answer at ${socket}; see ${log}`)
}

function tryConnect(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(socket))
    socket.once('error', () => resolve(undefined))
  })
}

/** Detached: it outlives this process. A second one on the same data must end by itself. */
function start({ command: [program = '', ...args], dataDir, log: logPath }: Companion): void {
  mkdirSync(dirname(logPath), { recursive: true, mode: 0o700 })
  const log = openSync(logPath, 'a', 0o600)
  const { NODE_OPTIONS: _, ...env } = process.env
  const child = spawn(program, [...args, dataDir], {
    cwd: dataDir,
    detached: true,
    env,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  // Whether it came up shows when it answers, or does not.
  child.on('error', () => {})
  child.unref()
}

/**
 * The companion's own side: its door. The caller holds the lock of the data directory, so a
 * socket that is there already is a dead process's.
 */
export function listenAtDoor(server: Server, path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  rmSync(path, { force: true })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      chmodSync(path, 0o600)
      resolve()
    })
  })
}

/**
 * The end of a companion: its doors go, then its claim; both only if the data directory is still
 * its own.
 */
export function leaveCompanion(
  claim: { readonly path: string; readonly holder: ClaimHolder },
  sockets: readonly string[],
): never {
  const isOwn = claimHolder(claim.path)?.pid === claim.holder.pid
  for (const socket of isOwn ? sockets : []) rmSync(socket, { force: true })
  releaseClaim(claim.path, claim.holder)
  process.exit(0)
}
