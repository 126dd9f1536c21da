import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { sendSignal } from '../../../../base/process-identity.ts'
import type { ExecResult } from '../../../runtime.ts'
import { containerIdVariable } from '../protocol.ts'
import type { Container } from './container.ts'
import { execCommand } from './host-command.ts'

/** The bound of a probe's output. */
const outputBytesMax = 10 * 1024
/** How long output may come after the command's end, from children that kept its streams. */
const drainMs = 100

export interface ExecOptions {
  readonly command: readonly string[]
  readonly timeoutMs: number
}

/**
 * Runs a command with a container's environment and directory, in a process group of its own.
 * Rejects with StartFailed when there is no such program.
 */
export async function execInContainer(
  container: Container,
  options: ExecOptions,
): Promise<ExecResult> {
  await container.entered()
  const of = container.launch
  const { argv, cwd } = execCommand(of, options.command, container.leaderPid())
  const [program = '', ...args] = argv
  const child = spawn(program, args, {
    cwd,
    env: { ...of.env, [containerIdVariable]: of.id },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = new BoundedOutput()
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => output.push(chunk))
  }
  let isOverdue = false
  const timer = setTimeout(() => {
    isOverdue = true
    if (child.pid !== undefined) sendSignal(-child.pid, 'SIGKILL')
  }, options.timeoutMs)
  return new Promise((resolve, reject) => {
    const finish = (code: number | undefined) => {
      clearTimeout(timer)
      resolve({ exitCode: isOverdue ? undefined : code, output: output.text() })
    }
    child.once('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    child.once('exit', (code, signal) => {
      const exitCode = code ?? (signal ? 128 + constants.signals[signal] : undefined)
      child.once('close', () => finish(exitCode))
      setTimeout(() => {
        child.stdout.destroy()
        child.stderr.destroy()
      }, drainMs)
    })
  })
}

class BoundedOutput {
  readonly #chunks: Buffer[] = []
  #size = 0

  push(chunk: Buffer): void {
    const kept = chunk.subarray(0, outputBytesMax - this.#size)
    this.#chunks.push(kept)
    this.#size += kept.length
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8')
  }
}
