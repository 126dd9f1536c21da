import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'

/** Reads a line, or in want of one becomes the program that it is given. */
const waits = 'read _ || exec "$@"'

/**
 * Holds a data directory to the life of this process: should it end without `release`, however
 * that comes, its pods and its proxy end too, and the directory goes. For data that are of no use
 * to anybody after it. A shell waits for that at the other end of a pipe: it costs next to nothing.
 */
export function holdLeash(command: readonly string[], dataDir: string): { release(): void } {
  const { NODE_OPTIONS: _, ...env } = process.env
  const child = spawn('sh', ['-c', waits, 'sh', ...command, dataDir], {
    cwd: '/',
    // Ctrl-C is for the program.
    detached: true,
    env,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const { stdin } = child
  child.on('error', () => {})
  stdin.on('error', () => {})
  child.unref()
  // A pipe is a socket for Node, and must not keep the program from ending either.
  const pipe = stdin as Socket
  pipe.unref()
  return { release: () => void stdin.end('\n') }
}
