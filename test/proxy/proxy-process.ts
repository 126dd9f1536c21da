import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectToCompanion } from '../../src/base/companion-process.ts'
import { jsonLines } from '../../src/base/json-lines.ts'
import { identityOf, isAlive } from '../../src/base/process-identity.ts'
import { proxyLayout } from '../../src/proxy/layout.ts'
import type { ControlMessage, ProxyMessage, Table } from '../../src/proxy/protocol.ts'

/** The proxy's process alone, told by the test what a control plane would tell it. */
export class ProxyProcess {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'astern-proxy-'))
  readonly #command: readonly string[]
  readonly #messages: ProxyMessage[] = []
  #socket: Socket | undefined
  #version = 0
  #wake: () => void = () => {}

  constructor(command: readonly string[]) {
    this.#command = command
  }

  /** Connects, again after a handover. */
  async open(): Promise<void> {
    const companion = { ...proxyLayout(this.dataDir), name: 'the proxy', command: this.#command }
    const socket = await connectToCompanion(companion)
    this.#socket = socket
    const onLine = jsonLines<ProxyMessage>((message) => {
      this.#messages.push(message)
      this.#wake()
    })
    socket.setEncoding('utf8').on('data', onLine)
    socket.on('error', () => {})
    const { version } = await this.#next('hello')
    this.#version = Math.max(this.#version, version)
  }

  get pid(): number {
    return JSON.parse(readFileSync(join(this.dataDir, 'run', 'proxy.lock'), 'utf8')).pid
  }

  /** What it has written. */
  log(): string {
    return readFileSync(proxyLayout(this.dataDir).log, 'utf8')
  }

  async table(services: Table): Promise<Extract<ProxyMessage, { type: 'ack' }>> {
    const version = ++this.#version
    this.tell({ type: 'table', version, services })
    for (;;) {
      const ack = await this.#next('ack')
      if (ack.version === version) return ack
    }
  }

  async counters() {
    this.tell({ type: 'stats', id: 1 })
    return (await this.#next('stats')).endpoints
  }

  async idle(podUid: string): Promise<void> {
    while ((await this.#next('idle')).podUid !== podUid);
  }

  /** Another process of the same program takes over; resolves when it is connected to. */
  async handover(command = this.#command): Promise<void> {
    const socket = this.#socket
    if (!socket) throw new Error('not connected')
    const isGone = once(socket, 'close')
    this.tell({ type: 'handover', command })
    await isGone
    await this.open()
  }

  async end(): Promise<void> {
    const socket = this.#socket
    if (socket) {
      const process = identityOf(this.pid)
      const isGone = once(socket, 'close')
      this.tell({ type: 'end' })
      await isGone
      // What it still writes must not make the directory anew.
      while (process && isAlive(process)) await new Promise((done) => setTimeout(done, 5))
    }
    rmSync(this.dataDir, { recursive: true, force: true })
  }

  tell(message: ControlMessage): void {
    this.#socket?.write(`${JSON.stringify(message)}\n`)
  }

  /** Messages of other types that came before are dropped. */
  async #next<T extends ProxyMessage['type']>(
    type: T,
  ): Promise<Extract<ProxyMessage, { type: T }>> {
    for (;;) {
      const message = this.#messages.shift()
      if (message?.type === type) return message as Extract<ProxyMessage, { type: T }>
      if (message) continue
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}
