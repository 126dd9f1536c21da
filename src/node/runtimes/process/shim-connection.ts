import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import type { Layout } from './layout.ts'

const attemptMs = 15
/** How long a new shim may take until it answers: it first finds what runs. */
const patienceMs = 15_000

/** Connects to the data directory's shim; starts one when there is none. */
export async function connectToShim(
  layout: Layout,
  shimCommand: readonly string[],
): Promise<Socket> {
  const existing = await tryConnect(layout.shimSocket)
  if (existing) return existing
  startShim(layout, shimCommand)
  const giveUpAtMs = performance.now() + patienceMs
  while (performance.now() < giveUpAtMs) {
    const socket = await tryConnect(layout.shimSocket)
    if (socket) return socket
    await new Promise((resolve) => setTimeout(resolve, attemptMs))
  }
  throw new Error(`the shim does not answer at ${layout.shimSocket}; see ${layout.shimLog}`)
}

function tryConnect(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(socket))
    socket.once('error', () => resolve(undefined))
  })
}

/** Detached: it outlives this process. A second one on the same data ends by itself. */
function startShim(layout: Layout, [program = '', ...args]: readonly string[]): void {
  mkdirSync(layout.runDir, { recursive: true, mode: 0o700 })
  const log = openSync(layout.shimLog, 'a', 0o600)
  const { NODE_OPTIONS: _, ...env } = process.env
  const child = spawn(program, [...args, layout.dataDir], {
    cwd: layout.dataDir,
    detached: true,
    env,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  // Whether it came up shows when it answers, or does not.
  child.on('error', () => {})
  child.unref()
}
