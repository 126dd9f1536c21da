import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import { sendSignal } from '../../../../base/process-identity.ts'
import type { ExecStart } from '../exec-client.ts'
import { execFrame, execFrameBytes } from '../exec-frames.ts'
import { containerIdVariable, execIdVariable } from '../protocol.ts'
import type { Container } from './container.ts'
import { execCommand } from './host-command.ts'
import { killExec } from './survivors.ts'
import { noTerminal, Terminal, terminalCommand } from './terminal.ts'

/**
 * How long output may stay away after the command's end, while children of it hold its streams.
 */
const drainMs = 100

/**
 * A command in a container, with somebody connected to it. It is killed, with all it has started,
 * when that one goes before its end; what is left after its own end belongs to the container.
 */
export class ExecSession {
  readonly #socket: Socket
  readonly #id = randomUUID()
  readonly #child: ChildProcess
  readonly #terminal: Terminal | undefined
  #hasEnded = false
  #lastOutputMs = performance.now()

  /** Throws StartFailed when there is no such program. */
  constructor(socket: Socket, container: Container, start: ExecStart) {
    this.#socket = socket
    const of = container.launch
    const command = execCommand(of, start.command, container.leaderPid())
    const [program = '', ...args] = command.argv
    const marked = { ...of.env, [containerIdVariable]: of.id, [execIdVariable]: this.#id }
    const plain = { program, args, env: marked }
    const onTerminal = start.tty ? terminalCommand(plain) : undefined
    const { program: file, args: argv, env } = onTerminal ?? plain
    this.#child = spawn(file, [...argv], {
      cwd: command.cwd,
      env,
      detached: true,
      stdio: [
        start.stdin || onTerminal ? 'pipe' : 'ignore',
        start.stdout ? 'pipe' : 'ignore',
        start.stderr ? 'pipe' : 'ignore',
        ...(onTerminal ? ['pipe' as const, 'pipe' as const] : []),
      ],
    })
    this.#terminal = onTerminal && new Terminal(this.#child)
    this.#child.once('spawn', () => this.#send(execFrame.started))
    if (start.tty && !onTerminal) this.#send(execFrame.stdout, noTerminal)
    this.#child.once('error', (error) => this.#fail(error))
    this.#child.once('exit', (code, signal) =>
      this.#exited(code ?? 128 + (signal ? constants.signals[signal] : 0)),
    )
    this.#child.stdin?.on('error', () => {})
    this.#forward(this.#child.stdout, execFrame.stdout)
    this.#forward(this.#child.stderr, execFrame.stderr)
    socket.on('drain', () => this.#flow(true))
  }

  receive(kind: number, payload: Buffer): void {
    const { stdin } = this.#child
    if (kind === execFrame.stdin) {
      const taken = () => this.#send(execFrame.stdinTaken)
      if (stdin?.writable) stdin.write(payload, taken)
      else taken()
    }
    if (kind === execFrame.stdinEnd) stdin?.end()
    if (kind === execFrame.resize) this.#terminal?.resize(JSON.parse(payload.toString()))
  }

  disconnected(): void {
    this.#terminal?.close()
    for (const stream of this.#child.stdio) stream?.destroy()
    if (this.#hasEnded) return
    if (this.#child.pid !== undefined) sendSignal(-this.#child.pid, 'SIGKILL')
    void killExec(this.#id)
  }

  #forward(stream: Readable | null, kind: number): void {
    stream?.on('data', (chunk: Buffer) => {
      this.#lastOutputMs = performance.now()
      this.#send(kind, chunk)
    })
  }

  #send(kind: number, payload: Uint8Array | string = ''): void {
    if (this.#socket.writable && !this.#socket.write(execFrameBytes(kind, payload))) {
      this.#flow(false)
    }
  }

  #flow(isFlowing: boolean): void {
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (isFlowing) stream?.resume()
      else stream?.pause()
    }
    this.#lastOutputMs = performance.now()
  }

  #fail(error: Error): void {
    this.#hasEnded = true
    this.#socket.end(execFrameBytes(execFrame.failed, error.message))
  }

  #exited(exitCode: number): void {
    this.#hasEnded = true
    this.#child.once('close', () => this.#socket.end(execFrameBytes(execFrame.exit, `${exitCode}`)))
    const timer = setInterval(() => {
      const isQuiet = performance.now() - this.#lastOutputMs > drainMs
      if (!isQuiet || this.#socket.writableNeedDrain) return
      for (const stream of this.#child.stdio) stream?.destroy()
    }, drainMs / 2)
    this.#child.once('close', () => clearInterval(timer))
  }
}
