import { type ChildProcess, type Serializable, spawn } from 'node:child_process'
import type { Handle } from './handles.ts'
import { handoverProtocol, type ToFormer, type ToSuccessor } from './messages.ts'

/** How long a successor may take, from its start until it serves. */
const patienceMs = 30_000

/** The process that takes over from this one, seen from here. */
export class Successor {
  readonly #child: ChildProcess
  readonly #onMessage: (message: ToFormer) => void
  #settle: { readonly type: ToFormer['type']; readonly resolve: () => void } | undefined
  #seen = new Set<ToFormer['type']>()
  #fail: (error: Error) => void = () => {}
  readonly #failure = new Promise<never>((_, reject) => {
    this.#fail = reject
  })
  isGone = false

  /** Detached; it writes to this process's log. */
  constructor(command: readonly string[], onMessage: (message: ToFormer) => void) {
    const [program = '', ...args] = command
    this.#onMessage = onMessage
    this.#failure.catch(() => {})
    this.#child = spawn(program, [...args, `--succeed=${handoverProtocol}`], {
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#child.on('message', (message) => this.#receive(message as ToFormer))
    this.#child.on('error', (error) => this.#gone(error))
    this.#child.on('disconnect', () => this.#gone(new Error('it has ended')))
  }

  /** Rejects when it ends, or is not there in time. */
  async until(type: 'ready' | 'begun'): Promise<void> {
    if (this.#seen.has(type)) return
    const said = new Promise<void>((resolve) => {
      this.#settle = { type, resolve }
    })
    const timer = setTimeout(() => this.#gone(new Error('it does not answer')), patienceMs)
    await Promise.race([said, this.#failure]).finally(() => clearTimeout(timer))
  }

  /** Resolves when it has left this process, or nobody is there to take it. */
  send(message: ToSuccessor, handle?: Handle): Promise<void> {
    return new Promise((resolve) => {
      if (this.isGone || !this.#child.connected) resolve()
      else this.#child.send(message as Serializable, handle, () => resolve())
    })
  }

  /** Before it serves: gives up. */
  kill(): void {
    this.#child.kill('SIGKILL')
  }

  #receive(message: ToFormer): void {
    this.#seen.add(message.type)
    if (message.type === this.#settle?.type) this.#settle.resolve()
    this.#onMessage(message)
  }

  #gone(error: Error): void {
    this.isGone = true
    this.#fail(error)
  }
}
